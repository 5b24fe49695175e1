"""Evaluation of the converted model, and the choice of its thresholds."""
