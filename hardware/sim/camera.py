"""The camera over the simulated bin."""

import math
import weakref

import numpy as np

from hardware.clock import Clock
from hardware.errors import CameraError
from hardware.frame import Frame, Pixels
from hardware.paced import PacedCamera
from hardware.sim.bin import SimulatedBin
from hardware.world.flap_command import NewestFrame
from hardware.world.fault import BLIND
from hardware.sim.image_faults import resize_to, rolling_flicker, spotted, torn


class SimCamera(PacedCamera):
    """Looks at the simulated bin, which moves on only when it is looked at or a pin changes.

    While nothing happens there, it takes a picture every ``idle_frame_s`` of the bin, if that is set. What goes wrong
    with the camera is planned in the bin's faults.

    Args:
        clock: the one that the bin runs on.
        bin: the simulated bin.
        fps: frames per second of that clock; None: the bin's.

    Attributes:
        frames_held: how many of the pictures that it has handed out somebody still holds.
    """

    def __init__(self, *, clock: Clock, bin: SimulatedBin, fps: float | None = None) -> None:
        super().__init__(clock=clock, fps=bin.fps if fps is None else fps)
        self._bin = bin
        self._rng = np.random.default_rng(0)
        self._before: tuple[Pixels, float] | None = None
        self._good: Pixels | None = None
        self._held: dict[int, weakref.ref[Pixels]] = {}

    @property
    def description(self) -> str:
        return f"sim {self._bin.width}x{self._bin.height} at {self._fps:g} fps"

    @property
    def exhausted(self) -> bool:
        return self._bin.finished

    @property
    def newest(self) -> Frame | None:
        """The newest frame, whoever has read it; None before the first."""
        return self._newest

    @property
    def frames_held(self) -> int:
        """How many of the pictures that it has handed out somebody still holds."""
        return len(self._held)

    def read(self, *, newer_than: int, timeout_s: float) -> Frame | None:
        if not self._stop.is_set() and not self.exhausted:
            for kind in ("block", "unplug", "error"):
                if self._bin.active_fault(kind) is None:
                    continue
                self._clock.wait(self._stop, timeout_s)
                self._bin.advance()
                if kind == "error":
                    raise CameraError(f"{self.description}: simulated: the driver reports an error")
                return None
        return super().read(newer_than=newer_than, timeout_s=timeout_s)

    def _wait(self, newer_than: int, timeout_s: float) -> int | None:
        return super()._wait(max(newer_than, self._skipped_to()), timeout_s)

    def _skipped_to(self) -> int:
        """Number of the last picture that is not worth taking; -1: none."""
        frame, pause_s = self._newest, self._bin.idle_frame_s
        if frame is None or pause_s is None:
            return -1
        until_s = min(frame.time_s + pause_s, self._bin.quiet_until_s)
        return frame.sequence + max(math.floor((until_s - frame.time_s) * self._fps) - 1, 0)

    def _render(self) -> tuple[Pixels, float]:
        time_s = self._bin.advance()
        before, seen = self._before, self._bin.seen
        running = [spell.fault.kind for spell in self._bin.faults.active]
        if before is not None and seen is not None and ("frozen" in running or "stuck" in running):
            pixels, taken_s = before
            stamp_s = taken_s if "stuck" in running else time_s
            self._bin.seen = NewestFrame(stamp_s, seen.shown_s, seen.hand)
            return pixels, stamp_s
        good, hand = self._bin.render()
        pixels = self._spoilt(good, time_s)
        blind = not BLIND.isdisjoint(running)
        shown_s = time_s if not blind else -math.inf if seen is None else seen.shown_s
        self._bin.seen = NewestFrame(time_s, shown_s, 0.0 if blind else hand)
        self._before = (pixels, time_s)
        self._watch(pixels)
        return pixels, time_s

    def _spoilt(self, picture: Pixels, time_s: float) -> Pixels:
        find = self._bin.faults.find
        if (spell := find("flicker")) is not None:
            picture = rolling_flicker(picture, time_s, amplitude=spell.option("amplitude", 0.1))
        if (spell := find("spot")) is not None:
            x, y, radius = spell.option("x", 0.6), spell.option("y", 0.4), spell.option("radius", 0.15)
            picture = spotted(picture, x=x, y=y, radius=radius, density=spell.option("density", 0.7))
        if (spell := find("torn")) is not None and self._rng.random() < spell.option("share", 1.0):
            old = picture if self._good is None else self._good
            picture, self._good = torn(picture, old, self._rng.uniform(0.15, 0.85)), picture
        elif "torn" in self._bin.faults.kinds:
            self._good = picture
        if (spell := find("wrong_size")) is not None:
            width, height = spell.option("width", self._bin.width // 2), spell.option("height", self._bin.height // 2)
            picture = resize_to(picture, width, height)
        return picture

    def _watch(self, pixels: Pixels) -> None:
        key = id(pixels)
        self._held[key] = weakref.ref(pixels, lambda _: self._held.pop(key, None) and None)
