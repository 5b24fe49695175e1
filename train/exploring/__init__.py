"""Exploration of data sets before training."""
