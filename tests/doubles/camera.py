"""A camera with scripted frames."""

from collections.abc import Sequence

from edge.values import Frame
from hardware.camera import Camera
from hardware.clock import ManualClock
from tests.builders.pictures import Pixels


class ScriptedCamera(Camera):
    """Hands out the given frames, one a read, and lets the clock pass; exhausted after the last."""

    def __init__(self, clock: ManualClock, frames: Sequence[Pixels | None], *, period_s: float = 0.1) -> None:
        self._clock = clock
        self._frames = list(frames)
        self._period_s = period_s
        self._next = 0
        self.closed = False

    def read(self, *, newer_than: int, timeout_s: float) -> Frame | None:
        self._clock.advance(self._period_s)
        if self._next >= len(self._frames):
            return None
        pixels = self._frames[self._next]
        self._next += 1
        return None if pixels is None else Frame(pixels.copy(), self._clock.now_s(), self._next - 1)

    @property
    def description(self) -> str:
        return "scripted"

    @property
    def exhausted(self) -> bool:
        return self._next >= len(self._frames)

    @property
    def repeats(self) -> bool:
        return True

    def close(self) -> None:
        self.closed = True
