"""Base of cameras that make their pictures themselves: no thread, one picture whenever it is due on the clock."""

import math
import threading
from abc import abstractmethod

from hardware.camera import Camera
from hardware.clock import Clock
from hardware.errors import CameraError
from hardware.frame import Frame, Pixels
from hardware.limits import fps_within

_EPSILON = 1e-6
"""Share of a frame by which floating point may miss the moment that was waited for."""


class PacedCamera(Camera):
    """Frames at ``fps`` on an injected clock. A reader that is late misses frames, as with any camera.

    A ``ManualClock`` is moved on by the waiting in ``read``, so a day of pictures takes as long as making them.

    Args:
        clock: paces and stamps the frames.
        fps: frames per second of that clock (1..120).

    Raises:
        HardwareConfigError: ``fps`` is out of range.
    """

    def __init__(self, *, clock: Clock, fps: float) -> None:
        fps_within(fps)
        self._clock = clock
        self._fps = fps
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._start_s: float | None = None
        self._newest: Frame | None = None

    @abstractmethod
    def _render(self) -> tuple[Pixels, float] | None:
        """The picture of this moment and its time on the clock, in seconds; None when there is none any more."""

    def read(self, *, newer_than: int, timeout_s: float) -> Frame | None:
        if self._stop.is_set():
            raise CameraError(f"{self.description}: the camera is closed")
        with self._lock:
            if self._newest is not None and self._newest.sequence > newer_than:
                return self._newest
            if self.exhausted:
                # Time goes on for a caller that still has something to finish.
                self._clock.wait(self._stop, timeout_s)
                return None
            sequence = self._wait(newer_than, timeout_s)
            rendered = self._render() if sequence is not None and not self._stop.is_set() else None
            if sequence is None or rendered is None:
                return None
            pixels, time_s = rendered
            self._newest = Frame(pixels, time_s, sequence)
            return self._newest

    def _wait(self, newer_than: int, timeout_s: float) -> int | None:
        """Number of the frame that is due, after waiting for it; None when it is not due in time."""
        now_s = self._clock.now_s()
        if self._start_s is None:
            self._start_s = now_s  # the first frame is due when it is first asked for
        after = max(newer_than, -1 if self._newest is None else self._newest.sequence)
        due_s = self._start_s + (after + 1) / self._fps
        if due_s > now_s:
            self._clock.wait(self._stop, min(due_s - now_s, timeout_s))
            now_s = self._clock.now_s()
        sequence = math.floor((now_s - self._start_s) * self._fps + _EPSILON)
        return sequence if sequence > after else None

    def close(self) -> None:
        self._stop.set()
