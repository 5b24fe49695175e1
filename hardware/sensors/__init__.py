"""Sensors on pins and on the I2C bus."""
