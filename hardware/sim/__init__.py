"""The simulated bin: a world behind the real drivers."""
