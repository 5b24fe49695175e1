"""How high a camera must be over a tray, and where its light."""

from dataclasses import dataclass
from math import radians, tan


@dataclass(frozen=True)
class CameraView:
    """What a camera sees in one of its modes.

    Attributes:
        name: of the camera.
        mode: ``sensor_size`` and the size of the pictures, as set in config.yaml.
        wide_deg, high_deg: its whole field of view, level and upright.
        crop: share of the sensor's width that the mode uses, 0..1.
        frame: width over height of the pictures; the longer side of the whole view is cut to it.
    """

    name: str
    mode: str
    wide_deg: float
    high_deg: float
    crop: float = 1.0
    frame: float = 4 / 3

    def height(self, width: float, depth: float) -> float:
        """How high above a tray the lens must be to see all of it, in the unit of the tray's width and depth."""
        half_wide, half_high = (self.crop * tan(radians(angle / 2)) for angle in (self.wide_deg, self.high_deg))
        half_wide, half_high = min(half_wide, half_high * self.frame), min(half_high, half_wide / self.frame)
        return max(width / 2 / half_wide, depth / 2 / half_high)

    def row(self) -> str:
        """Its line of the page's table: heights as multiples of the tray's width, for a tray as wide as 4:3 and a square one."""
        return f"| {self.name} | {self.mode} | {self.height(1, 0):.2f} | {self.height(1, 1):.2f} |"


CAMERAS = (
    CameraView("Camera Module 3", "2304 x 1296, 960 x 540", 66, 41, frame=16 / 9),
    CameraView("Camera Module 3", "2304 x 1296, 640 x 480", 66, 41),
    CameraView("Camera Module 3", "null, 640 x 480", 66, 41, crop=2 / 3),
    CameraView("Camera Module 3 Wide", "2304 x 1296, 640 x 480", 102, 67),
    CameraView("Camera Module 2", "1640 x 1232, 640 x 480", 62.2, 48.8),
)
"""Fields of view by their maker. The small mode of the Module 3 uses the middle 3072 of 4608 columns."""


def light_distance(height: float, lamp_height: float, width: float) -> float:
    """How far from the middle a lamp must be so that no flat thing on the tray mirrors it into the camera.

    Between lamp and camera the mirror image lies at the share ``height / (height + lamp_height)`` of the lamp's distance;
    beyond the tray's edge nothing is left to show it. All in one unit, whichever.
    """
    return width / 2 * (height + lamp_height) / height
