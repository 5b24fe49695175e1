"""The configuration: its schema, its file, and the parts wired to the computer."""
