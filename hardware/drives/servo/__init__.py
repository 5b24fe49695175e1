"""A hobby servo on a pin, its pulses made by software."""
