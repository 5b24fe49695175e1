"""One file per command; each has ``add_parser`` and the function that does it."""
