"""Fresh pictures, and their mean."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from hardware.camera import Camera
from hardware.clock import Clock
from hardware.errors import CameraError
from hardware.frame import Frame, Pixels

PATIENCE_S = 10.0
"""A camera that gives no picture for so long, once it is warm, gives none at all."""


def fresh_frames(camera: Camera, clock: Clock, *, warm_up_s: float = 0.0) -> Iterator[Frame]:
    """Picture after picture, all taken after the first is asked for.

    Args:
        camera: takes them.
        clock: the camera's.
        warm_up_s: for how long it gives none after it was opened, or locked anew, in seconds.

    Raises:
        CameraError: none comes.
    """
    since_s, sequence = clock.now_s(), -1
    patience_s = PATIENCE_S + warm_up_s
    while True:
        frame = camera.read(newer_than=sequence, timeout_s=patience_s)
        if frame is None:
            why = camera.failure or "check its cable, and whether another program holds it"
            raise CameraError(f"{camera.description}: no picture for {patience_s:g} s: {why}")
        sequence = frame.sequence
        if frame.time_s >= since_s:
            yield frame


def mean_of(frames: Iterable[Frame]) -> NDArray[np.float32]:
    """The mean of one or more pictures of the same size, float32 (height, width, 3), 0..255: noise averages out."""
    total: NDArray[np.float32] | None = None
    count = 0
    for frame in frames:
        total = frame.pixels.astype(np.float32) if total is None else total + frame.pixels
        count += 1
    if total is None:
        raise ValueError("the mean of no pictures")
    return total / np.float32(count)


def rounded(picture: NDArray[np.float32]) -> Pixels:
    """As whole grey levels, uint8."""
    whole: Pixels = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
    return whole
