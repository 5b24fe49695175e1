"""Flaps that hardware moves."""
