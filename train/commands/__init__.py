"""One file per command; each has ``add_parser`` and ``run``."""
