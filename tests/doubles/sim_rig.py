"""A small simulated bin with its camera and the real flap drivers, on a clock that the camera moves."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hardware.clock import ManualClock
from hardware.flap import Flap
from hardware.frame import Frame
from hardware.pins import mock_factory
from hardware.sim.camera import SimCamera
from tests.builders.world import make_bin
from tests.doubles.drives import flap_section, make_flaps

TRAVEL_S = 0.4
BINS = {"glass": "glass", "metal": "containers", "plastic": "containers", "paper": "rest"}
FLAP_OPTIONS: dict[str, dict[str, Any]] = {
    "glass": {"kind": "servo", "pin": 5, "home_deg": 0, "open_deg": 80, "travel_s": TRAVEL_S},
    "containers": {"kind": "servo", "pin": 6, "home_deg": 30, "open_deg": -60, "travel_s": TRAVEL_S},
    "rest": {"kind": "relay", "pin": 8, "active_high": True, "travel_s": TRAVEL_S},
}


class SimRig:
    """The world, looked at frame by frame. Without ``items`` it goes on, and none comes."""

    def __init__(
        self, sprites: Path, *faults: Mapping[str, Any], items: Sequence[str] = ("glass",), **options: Any
    ) -> None:
        self.clock = ManualClock()
        defaults: dict[str, Any] = {
            "width": 160,
            "height": 120,
            "noise_sigma": 0.0,
            "light_drift": 0.0,
            "first_after_s": 0.0,
            "lost_after_s": 6.0,
            "arrivals": [{"label": label, "gap_s": 1.0, "x": 0.5, "y": 0.5} for label in items] or [{"at_s": 1e6}],
            "faults": faults,
        }
        self.factory = factory = mock_factory()
        self.bin = make_bin(
            clock=self.clock,
            pin_factory=factory,
            flaps={name: flap_section(flap) for name, flap in FLAP_OPTIONS.items()},
            labels=BINS,
            residual_bin="rest",
            photos=sprites,
            **(defaults | options),
        )
        self.camera = SimCamera(clock=self.clock, bin=self.bin)
        self.flaps = self.drivers(factory)
        self.frames: list[Frame] = []
        self.look()

    def drivers(self, factory: Any) -> dict[str, Flap]:
        return make_flaps(FLAP_OPTIONS, pin_factory=factory)

    @property
    def frame(self) -> Frame:
        return self.frames[-1]

    def look(self) -> Frame | None:
        """The next frame, if one comes within 0.1 s."""
        newest = self.frames[-1].sequence if self.frames else -1
        frame = self.camera.read(newer_than=newest, timeout_s=0.1)
        if frame is not None:
            self.frames.append(frame)
        return frame

    def run(self, seconds: float) -> list[Frame]:
        """The frames of the next seconds."""
        before, end_s = len(self.frames), self.clock.now_s() + seconds
        while self.clock.now_s() < end_s - 1e-9:
            self.look()
        return self.frames[before:]

    def until(self, done: Callable[[], bool], *, limit_s: float = 60.0) -> None:
        end_s = self.clock.now_s() + limit_s
        while not done():
            assert self.clock.now_s() < end_s, "it never happened"
            self.look()

    def rest(self) -> None:
        """Wait for the next item to lie still, and for a picture of it."""
        self.until(lambda: self.bin.is_at_rest)
        self.run(0.2)

    def cycle(self, bin: str, *, dwell_s: float = 0.8) -> None:
        """Open a flap and bring it home."""
        self.flaps[bin].open()
        self.run(dwell_s)
        self.home(bin)

    def home(self, bin: str) -> None:
        self.flaps[bin].home()
        self.run(TRAVEL_S + 0.1)
        self.flaps[bin].detach()
        self.run(0.1)

    def close(self) -> None:
        self.camera.close()
        self.bin.close()
        for flap in self.flaps.values():
            flap.close()
