"""How good a model is: answers, metrics, reports, comparisons, and the view chosen for it."""
