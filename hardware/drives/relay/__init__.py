"""A solenoid or motor behind a relay; a spring brings the flap home."""
