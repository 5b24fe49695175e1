"""Features: means over maps of a converted model, as further outputs of its graph."""
