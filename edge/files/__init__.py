"""Files that somebody else may have written, or may write to at the same time."""
