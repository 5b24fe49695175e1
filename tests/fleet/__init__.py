"""Many bins at one broker (``make test-fleet``): nothing is lost or counted twice, and what a broker needs for them."""
