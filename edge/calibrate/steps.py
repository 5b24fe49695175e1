"""The names of the steps, for the command line, which must not load all that they need."""

from collections.abc import Mapping
from types import MappingProxyType

NAMES: Mapping[str, str] = MappingProxyType(
    {
        "camera": "find the camera",
        "tray": "frame the tray",
        "light": "judge light and focus",
        "reference": "take the picture of the empty tray",
        "flaps": "find every flap's home, open, limits and travel time",
        "sensors": "try sensors, buttons and the light",
    }
)
"""The steps, in the order in which they build on each other, and what they do."""
