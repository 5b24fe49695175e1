"""Compilation of the model for a Coral."""
