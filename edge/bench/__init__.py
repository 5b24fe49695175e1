"""``sorter bench``: measures how fast this machine sorts."""
