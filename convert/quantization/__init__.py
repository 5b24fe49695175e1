"""Keras models with 8-bit integers."""
