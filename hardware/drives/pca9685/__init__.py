"""A hobby servo on a PCA9685 board."""
