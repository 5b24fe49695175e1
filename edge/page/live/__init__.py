"""What the bin sees and does now."""
