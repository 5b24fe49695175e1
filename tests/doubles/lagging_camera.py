"""A camera whose pictures arrive late, with honest stamps."""

from collections import deque
from collections.abc import Callable

from hardware.camera import Camera
from hardware.clock import Clock
from hardware.frame import Frame


class LaggingCamera(Camera):
    """Hands out the pictures of another camera when they are ``lag_s(now_s)`` seconds old."""

    def __init__(self, camera: Camera, clock: Clock, lag_s: Callable[[float], float]) -> None:
        self._camera = camera
        self._clock = clock
        self._lag_s = lag_s
        self._under_way: deque[Frame] = deque()
        self._taken = -1
        self._newest: Frame | None = None

    def read(self, *, newer_than: int, timeout_s: float) -> Frame | None:
        frame = self._camera.read(newer_than=self._taken, timeout_s=timeout_s)
        if frame is not None:
            self._taken = frame.sequence
            self._under_way.append(frame)
        now_s = self._clock.now_s()
        while self._under_way and now_s - self._under_way[0].time_s >= self._lag_s(now_s):
            self._newest = self._under_way.popleft()
        return self._newest if self._newest is not None and self._newest.sequence > newer_than else None

    @property
    def description(self) -> str:
        return f"late {self._camera.description}"

    @property
    def exhausted(self) -> bool:
        return self._camera.exhausted

    def close(self) -> None:
        self._camera.close()
