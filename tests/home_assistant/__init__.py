"""A bin as Home Assistant's own program sees it (``make test-home-assistant``)."""
