"""Who the bin's owner is in tests."""

NAME = "owner"

PASSWORD = "a few words in a row"
