"""How good the converted model is, and the thresholds chosen for it."""
