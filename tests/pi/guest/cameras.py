"""Frames of real camera stacks: OpenCV on V4L2, picamera2 on libcamera."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hardware.camera import Camera
from hardware.clock import SystemClock
from hardware.registry import CAMERAS, load
from tests.pi.guest.pattern import RED, WEBCAM, WHITE, sensors, show
from tests.processes import until

TIMEOUT_S = 60.0

FRAMES = 30

MIN_FPS = 2.0
"""Minimum frames per second on an emulated processor, which draws every picture itself; the loop needs one per 1.5 s."""

KINDS: dict[str, tuple[dict[str, Any], Callable[[], list[Path]]]] = {
    "opencv": ({"source": str(WEBCAM), "width": 640, "height": 480, "warm_up_s": 0.5}, lambda: [WEBCAM]),
    # Its driver computes every pixel from nine, on the processor: the sensor has 640x480 at most.
    "picamera2": ({"width": 160, "height": 120, "warm_up_s": 0.5}, sensors),
}
"""Kind of camera -> options of its driver, and the devices that set the test pattern."""


@contextmanager
def opened(kind: str, clock: SystemClock) -> Iterator[Camera]:
    with load(CAMERAS, kind)(clock=clock, fps=15.0, **KINDS[kind][0]) as camera:
        yield camera


def sees(camera: Camera, is_wanted: Callable[[list[float]], bool]) -> bool:
    """Whether the mean RGB of the lower half of a frame is as wanted within ``TIMEOUT_S``; frames under way show what was."""

    def is_seen() -> bool:
        frame = camera.read(newer_than=-1, timeout_s=TIMEOUT_S)
        assert frame is not None
        return is_wanted([float(mean) for mean in np.mean(frame.pixels[frame.height // 2 :], axis=(0, 1))])

    return until(is_seen, TIMEOUT_S)


@pytest.mark.parametrize("kind", KINDS)
def test_red_is_red(kind: str) -> None:
    clock = SystemClock()
    with opened(kind, clock) as camera:
        for device in KINDS[kind][1]():
            show(device, test_pattern=RED)
        assert sees(camera, lambda rgb: rgb[0] > 150 and max(rgb[1:]) < 100)
        for device in KINDS[kind][1]():
            show(device, test_pattern=WHITE)
        assert sees(camera, lambda rgb: min(rgb) > 150)


@pytest.mark.parametrize("kind", KINDS)
def test_frames_come_steadily_and_are_fresh(kind: str, record_property: Callable[[str, object], None]) -> None:
    clock, ages_s = SystemClock(), []
    with opened(kind, clock) as camera:
        sequence = -1
        begun_s = 0.0
        for _ in range(FRAMES):
            frame = camera.read(newer_than=sequence, timeout_s=TIMEOUT_S)
            assert frame is not None
            assert (frame.width, frame.height) == (KINDS[kind][0]["width"], KINDS[kind][0]["height"])
            sequence = frame.sequence
            ages_s.append(clock.now_s() - frame.time_s)
            begun_s = begun_s or clock.now_s()
        rate = (FRAMES - 1) / (clock.now_s() - begun_s)
    record_property("frames a second", f"{rate:.1f}")
    record_property("median age in ms", f"{1000 * float(np.median(ages_s)):.0f}")
    assert rate > MIN_FPS
    # Frames do not wait in a queue.
    assert 0 <= float(np.median(ages_s)) < 0.5


@pytest.mark.parametrize("kind", KINDS)
def test_a_camera_can_be_opened_again(kind: str) -> None:
    clock = SystemClock()
    for _ in range(3):
        with opened(kind, clock) as camera:
            assert camera.read(newer_than=-1, timeout_s=TIMEOUT_S) is not None
