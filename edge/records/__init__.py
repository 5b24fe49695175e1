"""What is written down: events, pictures of items, log lines."""
