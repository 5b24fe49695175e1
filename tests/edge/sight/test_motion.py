"""Motion: what has changed since the last motion, beyond noise and flicker."""

import numpy as np
import pytest

from edge.sight.motion import MAX_FLICKER_GAIN, MOTION_LEVELS, MOTION_SHARE, MotionDetector
from hardware.frame import Pixels

SIDE = 80
PIXELS = SIDE * 60


def grey(level: int) -> Pixels:
    return np.full((60, SIDE, 3), level, np.uint8)


def changed(count: int, by: int = 50, *, channel: int = 1, level: int = 100) -> Pixels:
    """A tray on which so many pixels are lighter in one channel."""
    small = grey(level)
    small.reshape(-1, 3)[:count, channel] += np.uint8(by)
    return small


@pytest.fixture
def detector() -> MotionDetector:
    detector = MotionDetector()
    detector.restart(grey(100), 12.5)
    return detector


def test_before_the_first_picture_and_for_another_size_there_is_motion(detector: MotionDetector) -> None:
    assert MotionDetector().has_moved(grey(100), noise=0.0)
    assert detector.has_moved(np.full((80, 60, 3), 100, np.uint8), noise=0.0)
    assert not detector.has_moved(grey(100), noise=0.0)


def test_rest_is_measured_from_when_it_was_restarted(detector: MotionDetector) -> None:
    assert MotionDetector().still_since_s == 0.0
    assert detector.still_since_s == 12.5
    detector.has_moved(changed(1000), noise=0.0)
    assert detector.still_since_s == 12.5


@pytest.mark.parametrize("channel", [0, 1, 2])
def test_motion_is_a_share_of_the_pixels_in_any_channel(detector: MotionDetector, channel: int) -> None:
    # 9.6 pixels; the least change of the brightness that so few bring does not matter.
    most = int(MOTION_SHARE * PIXELS)
    assert not detector.has_moved(changed(most, channel=channel), noise=0.0)
    assert detector.has_moved(changed(most + 1, channel=channel), noise=0.0)


@pytest.mark.parametrize(("by", "moved"), [(MOTION_LEVELS - 1, False), (MOTION_LEVELS + 1, True)])
def test_motion_is_a_change_of_some_levels(detector: MotionDetector, by: float, moved: bool) -> None:
    assert detector.has_moved(changed(20, int(by)), noise=0.0) is moved


@pytest.mark.parametrize(("noise", "moved"), [(1.0, True), (2.2, True), (2.5, False)])
def test_on_a_noisy_tray_motion_is_a_larger_change(detector: MotionDetector, noise: float, moved: bool) -> None:
    """Ten levels: more than 4.2 times the noise, or less."""
    assert detector.has_moved(changed(20, 10), noise=noise) is moved


@pytest.mark.parametrize(("levels", "noise", "moved"), [(2.0, 0.0, True), (2.0, 1.0, True), (2.0, 2.0, False)])
def test_a_finer_detector_is_finer_on_a_noisy_tray_too(levels: float, noise: float, moved: bool) -> None:
    """Three levels: more than 2/5 of 4.2 times the noise, or less."""
    detector = MotionDetector(levels=levels)
    detector.restart(grey(100), 0.0)
    assert detector.has_moved(changed(20, 3), noise=noise) is moved
    assert not MotionDetector(levels=levels).still_since_s


def test_a_share_of_ones_own() -> None:
    detector = MotionDetector(share=0.5)
    detector.restart(grey(100), 0.0)
    assert not detector.has_moved(changed(PIXELS // 2, 8), noise=0.0)
    assert detector.has_moved(changed(PIXELS // 2 + 1, 8), noise=0.0)


@pytest.mark.parametrize(("level", "moved"), [(81, False), (124, False), (70, True), (140, True)])
def test_flicker_is_no_motion_and_a_jump_of_the_exposure_is(detector: MotionDetector, level: int, moved: bool) -> None:
    assert MAX_FLICKER_GAIN > 100 / 81
    assert detector.has_moved(grey(level), noise=0.0) is moved


def test_on_a_black_tray_nothing_is_divided_by_nothing() -> None:
    detector = MotionDetector()
    detector.restart(grey(0), 0.0)
    assert not detector.has_moved(grey(0), noise=0.0)
    assert detector.has_moved(grey(9), noise=0.0)
