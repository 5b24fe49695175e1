"""Inference: the model file, the runtime that executes it, and the classifier that uses both."""
