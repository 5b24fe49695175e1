"""``sorter doctor``: checks whether this machine can run the bin, and advises what to do."""
