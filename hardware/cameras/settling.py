"""Base of cameras with automatic exposure: it settles during the warm-up, then stays as it is."""

import logging
import threading
from abc import abstractmethod
from typing import Generic, TypeVar

from hardware.camera import CaptureThread
from hardware.clock import Clock
from hardware.errors import CameraError
from hardware.frame import Pixels
from hardware.limits import within

Value = TypeVar("Value")
"""What the driver's settings hold."""

log = logging.getLogger(__name__)

MOST_WARM_UPS = 3
"""An exposure that still changes after the warm-up is waited for, up to this many warm-ups in all."""

MOST_S = 30.0
"""Longest time without pictures after opening, in seconds: at the start systemd does not wait for ever."""


class AutoExposureCamera(CaptureThread, Generic[Value]):
    """Exposure, gain, white balance and focus settle, are locked, and are the same again when a lost camera is back.

    With automatic exposure the empty tray would change its brightness with every item laid on it. A subclass calls
    ``_prepare`` in ``_open`` before the first picture, and gives a picture out only when ``_settled`` says so.

    Args:
        clock: stamps the frames.
        warm_up_s: time to settle, in seconds (0..30). No frame is given before, unless the check of the lock would
            then end after ``MOST_S``.
        lock: whether to keep what was found from then on; otherwise everything stays automatic.
        reconnect_s: first pause before a lost camera is opened again; doubles up to ``reconnect_max_s``. Seconds.
    """

    CHECK = 0.0
    """Share of the warm-up that is waited once more, to see that the lock has not changed the picture; 0: it cannot."""

    def __init__(
        self, *, clock: Clock, warm_up_s: float, lock: bool, reconnect_s: float, reconnect_max_s: float
    ) -> None:
        within("warm_up_s", warm_up_s, 0, MOST_S)
        self._warm_up_s = warm_up_s
        self._lock = lock
        self._relock = threading.Event()
        self._kept: dict[str, Value] | None = None
        self._since_s = self._until_s = 0.0
        self._brightness: float | None = None
        self._ready = False
        super().__init__(clock=clock, reconnect_s=reconnect_s, reconnect_max_s=reconnect_max_s)

    @abstractmethod
    def _automatic(self) -> None:
        """Switch exposure, gain, white balance and focus to automatic."""

    @abstractmethod
    def _converged(self) -> bool:
        """False while the camera says that it is still on its way."""

    @abstractmethod
    def _found(self) -> dict[str, Value]:
        """What the automatic has chosen, by the driver's names; empty: there is nothing to lock."""

    @abstractmethod
    def _fix(self, settings: dict[str, Value]) -> None:
        """Switch the automatic off and set these, from ``_found``."""

    def relock(self) -> None:
        self._relock.set()

    def _prepare(self) -> None:
        """For ``_open``: what was locked before the camera was lost is locked again, else it begins to settle."""
        if self._kept is not None:
            self._fix(self._kept)
        else:
            self._begin()

    def _begin(self) -> None:
        self._until_s = self._clock.now_s() + MOST_S
        self._settle()

    def _settle(self) -> None:
        self._automatic()
        self._since_s, self._ready, self._brightness, self._kept = self._clock.now_s(), False, None, None

    def _settled(self, pixels: Pixels) -> bool:
        """Whether this picture may be given out; locks the settings once the time has come.

        Raises:
            CameraError: the camera is closed.
        """
        if self._stop.is_set():
            raise CameraError(f"{self.description}: the camera is closed")
        if self._relock.is_set():
            self._relock.clear()
            self._begin()
        elif not self._ready:
            self._ready = self._advance(pixels)
        return self._ready

    def _advance(self, pixels: Pixels) -> bool:
        now_s = self._clock.now_s()
        waited_s, check_s = now_s - self._since_s, self.CHECK * self._warm_up_s if self._lock else 0.0
        if self._brightness is not None:
            return waited_s >= check_s and self._checked(pixels)
        patience_s = self._warm_up_s if self._converged() else MOST_WARM_UPS * self._warm_up_s
        if waited_s < patience_s and now_s + check_s < self._until_s:
            return False
        if not self._lock:
            return True
        self._kept = self._found()
        if not self._kept:
            return True
        try:
            self._fix(self._kept)
        except CameraError as error:
            self._give_up(f"its settings cannot be locked ({error})")
            return False
        log.info("%s: locked at %s", self.description, ", ".join(f"{key} {value}" for key, value in self._kept.items()))
        if not self.CHECK:
            return True
        self._since_s, self._brightness = self._clock.now_s(), _brightness(pixels)
        return False

    def _checked(self, pixels: Pixels) -> bool:
        before, now = self._brightness or 0.0, _brightness(pixels)
        if abs(now - before) > max(8.0, 0.25 * before):
            # Its driver does not report what the automatic chose; a dark picture would be worse than a changing one.
            self._give_up(f"locking them took the picture's brightness from {before:.0f} to {now:.0f} of 255")
            return False
        return True

    def _give_up(self, why: str) -> None:
        log.warning(
            "%s: exposure, gain, white balance and focus stay automatic: %s; set them by hand (controls) with lock: false",
            self.description,
            why,
        )
        self._lock = False
        self._settle()


def _brightness(pixels: Pixels) -> float:
    return float(pixels[::8, ::8].mean())
