"""Names of the calibration steps. Separate from the steps, so that the command line loads none of their imports."""

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
"""Name of a step -> what it does, in the order in which the steps build on each other."""
