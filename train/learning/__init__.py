"""Training runs: data, epochs, schedule, and the steps after the last epoch."""
