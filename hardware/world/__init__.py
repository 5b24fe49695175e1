"""The simulated bin as the rest of the program sees it: what it is made of, what it reports, and its protocol."""
