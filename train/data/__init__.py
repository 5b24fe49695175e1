"""Pictures on disk and in memory, and their split into parts."""
