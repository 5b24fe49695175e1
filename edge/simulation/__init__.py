"""The simulated bin as a test bench: scenarios, the invariants that are checked, films and pictures."""
