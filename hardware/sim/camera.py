"""The camera over the simulated bin."""

import math
import weakref

import numpy as np

from hardware.clock import Clock
from hardware.errors import CameraError
from hardware.frame import Frame, Pixels
from hardware.paced import PacedCamera
from hardware.sim.bin import SimulatedBin
from hardware.sim.image_faults import resize_to, rolling_flicker, spotted, torn
from hardware.sim.late_pictures import LatePictures, TakenPicture
from hardware.world.flap_command import NewestFrame

_SHOWING_NOTHING = frozenset({"black", "wrong_size"})
"""Faults whose pictures cannot be used. What is taken just as a camera stops to answer can be."""

_HIGHEST_CUT, _LOWEST_CUT = 0.15, 0.85
"""Where a torn picture may be cut, as a share of its height: both halves can be seen."""


class SimCamera(PacedCamera):
    """Looks at the simulated bin, which moves on only when it is looked at or a pin changes.

    While nothing happens there, it takes a picture every ``idle_frame_s`` of the bin's scene, if that is set. The camera's
    faults are planned in that scene.

    Args:
        clock: the one that the bin runs on.
        bin: the simulated bin.
        fps: frames per second of that clock; None: the scene's.
    """

    def __init__(self, *, clock: Clock, bin: SimulatedBin, fps: float | None = None) -> None:
        super().__init__(clock=clock, fps=bin.scene.fps if fps is None else fps)
        self._bin = bin
        self._rng = np.random.default_rng(0)
        self._previous: tuple[Pixels, float] | None = None
        self._whole: Pixels | None = None
        self._late = LatePictures()
        self._taken = -1
        self._held: dict[int, weakref.ref[Pixels]] = {}

    @property
    def description(self) -> str:
        return f"sim {self._bin.scene.width}x{self._bin.scene.height} at {self._fps:g} fps"

    @property
    def exhausted(self) -> bool:
        return self._bin.finished

    @property
    def newest(self) -> Frame | None:
        """The newest frame that any reader got; None before the first."""
        return self._newest

    @property
    def frames_held(self) -> int:
        """Number of the pictures handed out that are still referenced."""
        return len(self._held)

    @property
    def has_lens(self) -> bool:
        return False

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
        frame = super().read(newer_than=newer_than, timeout_s=timeout_s)
        if frame is None:
            # Whoever waited in vain reads the switches next.
            self._bin.advance()
        return frame

    def _wait(self, newer_than: int, timeout_s: float) -> int | None:
        sequence = super()._wait(max(newer_than, self._last_skipped()), timeout_s)
        self._taken = self._taken if sequence is None else sequence
        return sequence

    def _last_skipped(self) -> int:
        """Number of the last picture that is not taken, or was and is not to be taken again; -1: none."""
        skipped, active = self._taken, self._bin.faults.active_kinds
        if (fault := self._bin.faults.find("low_rate")) is not None and skipped >= 0:
            skipped += max(round(self._fps / fault.option("fps", 2.0)), 1) - 1
        frame, pause_s = self._newest, self._bin.scene.idle_frame_s
        if frame is None or pause_s is None or "lag" in active:
            return skipped
        until_s = min(frame.time_s + pause_s, self._bin.quiet_until_s)
        return max(skipped, frame.sequence + max(math.floor((until_s - frame.time_s) * self._fps) - 1, 0))

    def _render(self) -> tuple[Pixels, float] | None:
        time_s = self._bin.advance()
        previous, newest = self._previous, self._bin.newest_frame
        active = self._bin.faults.active_kinds
        if previous is not None and newest is not None and active & {"frozen", "stuck"}:
            pixels, taken_s = previous
            stamp_s = taken_s if "stuck" in active else time_s
            self._bin.note_frame(NewestFrame(stamp_s, newest.shown_s, newest.cover))
            return pixels, stamp_s
        faultless, cover = self._bin.render()
        pixels = self._apply_faults(faultless, time_s)
        blind = not _SHOWING_NOTHING.isdisjoint(active)
        shown_s = -math.inf if blind else time_s
        taken = self._let_wait(TakenPicture(pixels, time_s, shown_s, 0.0 if blind else cover), time_s)
        if taken is None:
            return None
        lag = self._bin.faults.find("lag")
        stamp_s = time_s if lag is not None and lag.option("stamps", "honest") == "now" else taken.taken_s
        # A picture that shows nothing leaves the last good one the newest that shows something.
        shown_s = max(taken.shown_s, -math.inf if newest is None else newest.shown_s)
        self._bin.note_frame(NewestFrame(stamp_s, shown_s, taken.cover))
        self._previous = (taken.pixels, stamp_s)
        self._track(taken.pixels)
        return taken.pixels, stamp_s

    def _let_wait(self, taken: TakenPicture, time_s: float) -> TakenPicture | None:
        """What arrives when a picture is taken: it itself, one taken before, or nothing."""
        lag = self._bin.faults.find("lag")
        if lag is None:
            self._late.clear()
            return taken
        self._late.put(taken)
        return self._late.take_due(lag, time_s)

    def _apply_faults(self, picture: Pixels, time_s: float) -> Pixels:
        find = self._bin.faults.find
        if (fault := find("flicker")) is not None:
            picture = rolling_flicker(picture, time_s, amplitude=fault.option("amplitude", 0.1))
        if (fault := find("spot")) is not None:
            picture = spotted(
                picture,
                x=fault.option("x", 0.6),
                y=fault.option("y", 0.4),
                radius=fault.option("radius", 0.15),
                density=fault.option("density", 0.7),
            )
        if (fault := find("torn")) is not None and self._rng.random() < fault.option("share", 1.0):
            old = picture if self._whole is None else self._whole
            picture, self._whole = torn(picture, old, self._rng.uniform(_HIGHEST_CUT, _LOWEST_CUT)), picture
        elif "torn" in self._bin.faults.kinds:
            self._whole = picture
        if (fault := find("wrong_size")) is not None:
            scene = self._bin.scene
            picture = resize_to(
                picture, fault.option("width", scene.width // 2), fault.option("height", scene.height // 2)
            )
        return picture

    def _track(self, pixels: Pixels) -> None:
        key = id(pixels)
        self._held[key] = weakref.ref(pixels, lambda _: self._held.pop(key, None) and None)
