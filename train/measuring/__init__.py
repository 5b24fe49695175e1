"""Evaluation of models: predictions, metrics, reports, comparisons, and the choice of the view."""
