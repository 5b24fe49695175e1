"""The configuration: its schema, the file it is read from, and what is wired to the computer."""
