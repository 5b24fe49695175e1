"""The part of the camera's picture that shows the tray."""

from functools import lru_cache

from edge.values import Mask
from hardware.frame import Frame

TrayRegion = tuple[float, float, float, float]
"""(left, top, right, bottom) as fractions of a picture, 0..1."""


def to_pixels(frame: Frame, region: TrayRegion) -> tuple[int, int, int, int]:
    """A region in pixels of a frame: inside it, and at least one pixel large."""
    return _pixels_of(frame.width, frame.height, region)


@lru_cache(maxsize=16)  # the tray's own is asked for with every frame
def _pixels_of(width: int, height: int, region: TrayRegion) -> tuple[int, int, int, int]:
    x0 = min(int(region[0] * width), width - 1)
    y0 = min(int(region[1] * height), height - 1)
    x1 = max(min(round(region[2] * width), width), x0 + 1)
    y1 = max(min(round(region[3] * height), height), y0 + 1)
    return x0, y0, x1, y1


def box_in_frame(frame: Frame, region: TrayRegion, mask: Mask) -> tuple[int, int, int, int]:
    """Bounding box of a mask of the tray, (left, top, right, bottom) in pixels of the frame."""
    left, top, right, bottom = region
    width, height = right - left, bottom - top
    x0, y0, x1, y1 = mask.box
    return to_pixels(frame, (left + x0 * width, top + y0 * height, left + x1 * width, top + y1 * height))
