"""Time, injected. Control logic asks a clock and never sleeps."""

import math
import threading
import time
from typing import Protocol


class Clock(Protocol):
    """What control logic may know of time."""

    def now_s(self) -> float:
        """Monotonic seconds; never jumps, starts anywhere."""
        ...

    def wall_s(self) -> float:
        """Seconds since 1970-01-01 UTC; may jump when NTP steps it. For records only, never for logic."""
        ...

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        """Wait until ``event`` is set or ``timeout_s`` seconds of this clock have passed; True when it was set."""
        ...


class SystemClock:
    """The machine's clock.

    Args:
        speed: how many seconds of this clock pass in one real second (> 0). Anything but 1 is for the simulated bin.

    Raises:
        ValueError: ``speed`` is not positive and finite.
    """

    def __init__(self, *, speed: float = 1.0) -> None:
        if not 0 < speed < math.inf:
            raise ValueError(f"clock speed: expected a finite number > 0, got {speed}")
        self._speed = speed
        self._start_s = time.monotonic()
        self._wall_start_s = time.time()

    def now_s(self) -> float:
        now_s = time.monotonic()
        return now_s if self._speed == 1.0 else self._start_s + (now_s - self._start_s) * self._speed

    def wall_s(self) -> float:
        return time.time() if self._speed == 1.0 else self._wall_start_s + (self.now_s() - self._start_s)

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        return event.wait(max(timeout_s, 0.0) / self._speed)


class ManualClock:
    """A clock that stands still until it is moved. Waiting moves it, so that a day passes in seconds.

    Args:
        now_s: monotonic start, in seconds.
        wall_s: wall-clock start, in seconds since 1970-01-01 UTC.
    """

    def __init__(self, now_s: float = 0.0, *, wall_s: float = 1_767_225_600.0) -> None:
        self._now_s = now_s
        self._lock = threading.Lock()
        self._wall_offset_s = wall_s - now_s

    def now_s(self) -> float:
        return self._now_s

    def wall_s(self) -> float:
        return self._now_s + self._wall_offset_s

    def advance(self, seconds: float) -> None:
        """Let ``seconds`` (>= 0) pass.

        Raises:
            ValueError: monotonic time cannot go back.
        """
        if not seconds >= 0:
            raise ValueError(f"monotonic time cannot go back: advance by {seconds} s")
        with self._lock:
            self._now_s += seconds

    def step_wall(self, seconds: float) -> None:
        """Shift wall time alone, as an NTP step does."""
        self._wall_offset_s += seconds

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        if not event.is_set():
            self.advance(max(timeout_s, 0.0))
        return event.is_set()
