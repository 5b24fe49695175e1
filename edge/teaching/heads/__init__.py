"""Heads of a bin: kept, checked before use, and tried on the items of the last days."""
