"""Records: the event log, the images of items, and logging."""
