"""Where the project lies."""

from pathlib import Path

TESTS = Path(__file__).parent
ROOT = TESTS.parent
MODEL = ROOT / "edge" / "models" / "trashnet6.tflite"
FORMATS = TESTS / "edge" / "inference" / "formats"
"""A tiny model of every format that ever shipped."""
