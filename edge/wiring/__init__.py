"""Wiring of a configuration: the pins and buses that it uses, and the picture of the header with its parts."""
