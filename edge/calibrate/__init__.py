"""From a screwed-together bin to a configuration that fits it: what ``sorter calibrate`` asks, measures and writes."""
