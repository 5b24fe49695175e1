"""Where the project lies."""

from pathlib import Path

TESTS = Path(__file__).parent
ROOT = TESTS.parent
MODEL = ROOT / "edge" / "models" / "trashnet6.tflite"
