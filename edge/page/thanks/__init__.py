"""For those who throw in: a screen on the bin itself."""
