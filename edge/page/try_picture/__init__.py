"""Try a picture: what the bin would make of it."""
