"""The simulated bin as a test bench: scenarios, the referee that watches them, and what is shown of them."""
