"""What all hobby servos have in common, whatever makes their pulses."""
