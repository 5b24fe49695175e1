"""A training run: what it learns from, its epochs, its schedule, and what is settled at its end."""
