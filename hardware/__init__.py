"""Drivers of the bin: cameras, flaps, pins, clock, and the simulated bin. Imports nothing of ours."""
