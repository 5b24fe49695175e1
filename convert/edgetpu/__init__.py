"""The same model for a Coral."""
