"""Pictures on disk and in memory, and the parts they are split into."""
