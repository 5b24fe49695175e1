"""Lights that tell people how the bin is."""
