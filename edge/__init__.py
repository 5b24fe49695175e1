"""What runs in the bin: the line from a frame to a flap, its configuration, its records, its command line."""

import hardware  # noqa: F401  sets OpenCV's limits before any module imports it
