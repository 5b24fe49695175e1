"""Where the project lies."""

from pathlib import Path

ROOT = Path(__file__).parent.parent


MODEL = ROOT / "edge" / "models" / "trashnet6.tflite"
