"""Damaged and hostile inputs for each reader: made by hypothesis from a small corpus, judged by error, time and memory."""

import edge  # noqa: F401  # sets OpenCV's limits, which OpenCV reads when it is loaded
