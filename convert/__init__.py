"""Conversion: a run's Keras model in, one int8 TFLite bundle out. Never imported on the Pi."""

import hardware  # noqa: F401  sets OpenCV's limits before any module imports it
