"""The page *Set up*: the parts of the bin, the tray's region, and its configuration."""
