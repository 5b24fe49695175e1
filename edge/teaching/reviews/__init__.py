"""Reviews: what a person said of the bin's decisions, and what that says of its bins."""
