"""Lights that show people the state of the bin."""
