"""Teach: show the bin some things, see what it has learnt, and use it."""
