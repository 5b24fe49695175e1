"""Is this machine fit to be a bin? What ``python -m edge doctor`` looks at, and what it advises."""
