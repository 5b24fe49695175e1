"""A hobby servo on an output of the kernel's PWM."""
