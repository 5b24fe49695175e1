"""What tells that a bin was emptied."""

EMPTIED = 0.15
"""Fall of the level that only emptying explains: contents settle by less."""
