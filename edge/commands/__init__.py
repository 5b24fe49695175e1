"""One file per command; each has ``add_parser`` and the function that does it.

``cold_start_child`` is no command: ``bench`` starts it.
"""
