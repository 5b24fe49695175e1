"""Quantization of Keras models to 8-bit integers."""
