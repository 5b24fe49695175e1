"""Frames taken from now on, and their mean."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from hardware.camera import Camera
from hardware.clock import Clock
from hardware.errors import CameraError
from hardware.frame import Frame, Pixels

TIMEOUT_S = 10.0
"""Seconds after the warm-up without a frame after which a camera is given up; a network stream may pause for several."""


def fresh_frames(camera: Camera, clock: Clock, *, warm_up_s: float = 0.0) -> Iterator[Frame]:
    """Yield frames captured after the first one was asked for.

    Args:
        camera: gives the frames.
        clock: clock of the camera.
        warm_up_s: seconds for which it gives no frame after it was opened or its exposure was locked.

    Raises:
        CameraError: no frame arrives.
    """
    since_s, sequence = clock.now_s(), -1
    timeout_s = TIMEOUT_S + warm_up_s
    while True:
        frame = camera.read(newer_than=sequence, timeout_s=timeout_s)
        if frame is None:
            why = camera.failure or "check its cable, and whether another program holds it"
            raise CameraError(f"{camera.description}: no picture for {timeout_s:g} s: {why}")
        sequence = frame.sequence
        if frame.time_s >= since_s:
            yield frame


def mean_of(frames: Iterable[Frame]) -> NDArray[np.float32]:
    """Mean of one or more frames of the same size, so that noise averages out.

    Returns:
        float32 (height, width, 3), 0..255.

    Raises:
        ValueError: there is no frame.
    """
    total: NDArray[np.float32] | None = None
    count = 0
    for frame in frames:
        total = frame.pixels.astype(np.float32) if total is None else total + frame.pixels
        count += 1
    if total is None:
        raise ValueError("mean of frames: expected at least one frame, got none")
    return total / np.float32(count)


def rounded(picture: NDArray[np.float32]) -> Pixels:
    """Round to whole levels, uint8 0..255."""
    whole: Pixels = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
    return whole
