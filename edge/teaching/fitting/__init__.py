"""Fitting: from examples to a head, with its own check."""
