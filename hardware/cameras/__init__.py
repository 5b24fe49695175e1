"""Cameras that there are to buy, and what stands in for one."""
