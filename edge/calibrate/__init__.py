"""``sorter calibrate``: fits the configuration to the assembled bin, step by step."""
