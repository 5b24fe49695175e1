"""Conversion: a run's Keras model in, one int8 TFLite bundle out. Never imported on the Pi."""
