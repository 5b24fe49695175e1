"""A glance at every second row, and an exact comparison where that shows a change."""

import numpy as np
import pytest

from edge.sight.motion import MOTION_LEVELS, MOTION_SIDE, MotionDetector
from edge.sight.pyramid import Pyramid
from edge.sight.tray_motion import TrayMotion
from edge.sight.work_image import downscale
from hardware.frame import Pixels

WIDTH, HEIGHT = 640, 480
GREY = 100


def tray(left: int = 0, top: int = 0, width: int = 0, height: int = 0, *, by: int = 0) -> Pixels:
    """A grey tray on which a rectangle is lighter, in pixels and levels."""
    pixels = np.full((HEIGHT, WIDTH, 3), GREY, np.uint8)
    pixels[top : top + height, left : left + width] += np.uint8(by)
    return pixels


@pytest.fixture
def motion() -> TrayMotion:
    motion = TrayMotion()
    motion.restart(Pyramid(tray()), 12.5)
    return motion


def has_moved_exactly(pixels: Pixels) -> bool:
    exact = MotionDetector()
    exact.restart(downscale(Pyramid(tray()), MOTION_SIDE), 0.0)
    return exact.has_moved(downscale(Pyramid(pixels), MOTION_SIDE), noise=0.0)


def test_before_the_first_picture_there_is_motion() -> None:
    assert TrayMotion().has_moved(Pyramid(tray()), noise=0.0)


def test_rest_is_measured_from_when_it_was_restarted(motion: TrayMotion) -> None:
    assert motion.still_since_s == 12.5


def test_a_tray_at_rest_is_read_no_further_than_the_glance(motion: TrayMotion) -> None:
    picture = Pyramid(tray())
    picture.level = None  # type: ignore[assignment, method-assign]  # is not asked for another size
    assert not motion.has_moved(picture, noise=0.0)


@pytest.mark.parametrize("by", [4, 6, 12, 60])
@pytest.mark.parametrize(("width", "height"), [(40, 40), (80, 8), (8, 80), (80, 9), (640, 2), (3, 480)])
def test_a_glance_hides_nothing_that_the_exact_comparison_sees(
    motion: TrayMotion, width: int, height: int, by: int
) -> None:
    """However the rectangle lies to the rows of the glance."""
    for place in range(17):
        left = min(200 + place, WIDTH - width)
        pixels = tray(left, min(120 + place, HEIGHT - height), width, height, by=by)
        assert motion.has_moved(Pyramid(pixels), noise=0.0) is has_moved_exactly(pixels), place


def test_what_only_the_glance_takes_for_motion_is_none(motion: TrayMotion) -> None:
    assert not motion.has_moved(Pyramid(tray(0, 0, WIDTH, 16, by=int(MOTION_LEVELS) - 1)), noise=0.0)
    assert motion.has_moved(Pyramid(tray(0, 0, WIDTH, 16, by=int(MOTION_LEVELS) + 1)), noise=0.0)
