"""The signed repository of updates, as its owner makes it: files that any web server serves."""
