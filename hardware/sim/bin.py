"""The simulated bin: things are thrown in, lie on the tray, and fall where the flaps let them."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from hardware.clock import Clock
from hardware.errors import HardwareConfigError
from hardware.frame import Pixels
from hardware.limits import rising_pair, within
from hardware.sim.items import SimItem, load_items
from hardware.sim.mechanics import FlapMechanics
from hardware.sim.scene import Layer, lay, layer
from hardware.sim.score import Fall, Score, Tally
from hardware.sim.tray import Tray
from hardware.sim.visit import Visit

STEP_S = 0.02
"""Longest step of the world, in seconds."""

CALM_S = 0.5
"""How long the flaps must have been home, after the last item, before the world counts as finished. Seconds."""

OVERLAP_S = 0.05
"""Two flaps count as moving at once from this long on. Less is the jitter of a busy machine under a fast clock."""

SPRITES = Path(__file__).parent / "sprites"


class SimulatedBin:
    """A world with a tray, flaps and people who throw things in.

    The flaps are moved by the signals on the mock pins, never by a call: whatever drives these pins is under test. The
    world moves on in ``advance()``, and just before a pin changes, so that a command takes effect at its own time. Safe
    to use from several threads.

    Args:
        clock: the world's time.
        pin_factory: of ``hardware.pins.mock_factory``, the one that the flap drivers get.
        flaps: bin name -> ``{"kind": ..., **options}``, the options being those of the flap's driver.
        labels: label -> name of the bin that it belongs into. Items of other labels belong into the residual bin.
        residual_bin: name of the bin for everything doubtful.
        photos: folder of label folders (see ``load_items``); None: the sprites that ship.
        listing: text file naming the pictures to use; None: all.
        items: number of items to throw in; None: without end.
        seed: makes everything random in this world (0 or more).
        width, height: of the camera's picture, in pixels (64 or more).
        fps: frames per second that the camera should take.
        gap_s: shortest and longest time from an empty tray with all flaps home to the next item, in seconds.
        first_after_s: least time from the start to the first item, in seconds: whoever switches a bin on lets it see its
            empty tray first.
        settle_s: shortest and longest time that an item takes to come to rest, in seconds.
        item_size: smallest and largest longest side of an item, as a share of the picture's shorter side (0..1.5).
        noise_sigma: sensor noise in grey levels (0..50).
        light_drift: amplitude of the slow change of the light, as a share (0..0.5).
        start_open: bins whose flap stands open at the start, as after a crash. Nothing is thrown in before it is home.
        lost_after_s: an item at rest that nobody handles is taken away after this long, in seconds; None: never.

    Raises:
        HardwareConfigError: an option is out of range, a bin is unknown, or there are no items.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        pin_factory: Any,
        flaps: Mapping[str, Mapping[str, Any]],
        labels: Mapping[str, str],
        residual_bin: str,
        photos: Path | str | None = None,
        listing: Path | str | None = None,
        items: int | None = None,
        seed: int = 0,
        width: int = 640,
        height: int = 480,
        fps: float = 15.0,
        gap_s: tuple[float, float] = (1.5, 3.0),
        settle_s: tuple[float, float] = (0.4, 0.9),
        item_size: tuple[float, float] = (0.4, 0.7),
        noise_sigma: float = 2.0,
        light_drift: float = 0.03,
        first_after_s: float = 3.0,
        start_open: Sequence[str] = (),
        lost_after_s: float | None = 12.0,
    ) -> None:
        within("simulation: width", width, 64, 4096)
        within("simulation: height", height, 64, 4096)
        within("simulation: noise_sigma", noise_sigma, 0, 50)
        within("simulation: light_drift", light_drift, 0, 0.5)
        within("simulation: first_after_s", first_after_s, 0, 86_400)
        within("simulation: seed", seed, 0, 2**32)
        if items is not None:
            within("simulation: items", items, 0, 10**9)
        if lost_after_s is not None:
            within("simulation: lost_after_s", lost_after_s, 0.1, 86_400)
        self._gap_s = rising_pair("simulation: gap_s", gap_s, 0, 86_400)
        self._settle_s = rising_pair("simulation: settle_s", settle_s, 0.05, 60)
        self._item_size = rising_pair("simulation: item_size", item_size, 0.02, 1.5)
        for bin in (*labels.values(), residual_bin, *start_open):
            if bin not in flaps:
                raise HardwareConfigError(
                    f"simulation: bin {bin!r} has no flap; there are {', '.join(flaps) or 'none'}"
                )
        self.width, self.height, self.fps = width, height, fps
        self._clock = clock
        self._lock = threading.RLock()
        self._rng = np.random.default_rng((seed, 1))
        self._tray = Tray(width=width, height=height, seed=seed, noise_sigma=noise_sigma, light_drift=light_drift)
        self._source: Iterator[SimItem] = load_items(
            SPRITES if photos is None else Path(photos), listing=None if listing is None else Path(listing), seed=seed
        )
        self.flaps = {
            bin: _mechanics(bin, options, pin_factory, start_open=bin in start_open) for bin, options in flaps.items()
        }
        self._tally = Tally(dict(labels), residual_bin)
        self._items_left = items
        self._lost_after_s = lost_after_s
        self._visit: Visit | None = None
        self._drawn: tuple[Visit, float, float, Layer] | None = None
        self._time_s = clock.now_s()
        self._calm_since_s: float | None = None
        self._next_gap_s = max(self._between(self._gap_s), first_after_s)
        self._overlap_s = 0.0
        # Cutting a photograph out takes a few frames' time; the next item is made while this one lies on the tray.
        self._workshop = ThreadPoolExecutor(1, thread_name_prefix="sim-items")
        self._coming: Future[SimItem] | None = None
        self._order()
        for flap in self.flaps.values():
            flap.pin.before_change = self.advance

    @property
    def on_tray(self) -> SimItem | None:
        """The item that lies on the tray or is arriving; None when there is none."""
        with self._lock:
            return self._visit.item if self._visit is not None and self._visit.is_on_tray else None

    @property
    def is_at_rest(self) -> bool:
        """Whether an item lies still on the tray."""
        with self._lock:
            return self._visit is not None and self._visit.is_on_tray and self._time_s >= self._visit.rest_s

    @property
    def finished(self) -> bool:
        """True when all items have come and gone, and the flaps have been home for a while."""
        with self._lock:
            calm_s = 0.0 if self._calm_since_s is None else self._time_s - self._calm_since_s
            return self._items_left == 0 and self._visit is None and calm_s >= CALM_S

    def score(self) -> Score:
        """What happened so far. An item that is still on its way is not counted."""
        with self._lock:
            return self._tally.score()

    def advance(self) -> float:
        """Move the world on to the clock's now. Returns that time, in seconds."""
        with self._lock:
            now_s = self._clock.now_s()
            # The pins keep their signals on the way: before one changes we are called.
            for flap in self.flaps.values():
                flap.listen(self._time_s)
            while self._time_s < now_s:
                left_s = now_s - self._time_s
                # Take the rest in one: a remainder of a nanosecond would be a step of its own.
                self._step(STEP_S if left_s > 1.01 * STEP_S else left_s)
                if left_s <= 1.01 * STEP_S:
                    self._time_s = now_s
            return self._time_s

    def render(self) -> Pixels:
        """What the camera sees now. RGB uint8 (height, width, 3)."""
        with self._lock:
            picture: Pixels = self._tray.empty.copy()
            if self._visit is not None:
                pose = self._visit.pose(self._time_s)
                lay(picture, self._layer(self._visit, pose.angle_deg, pose.scale), pose.x, pose.y)
            return self._tray.expose(picture, self._time_s)

    def close(self) -> None:
        """Let go of the pins and of the thread that prepares items. May be called twice."""
        for flap in self.flaps.values():
            flap.pin.before_change = None
        self._workshop.shutdown(wait=False, cancel_futures=True)

    def _step(self, dt_s: float) -> None:
        time_s = self._time_s + dt_s
        moving = sum(flap.is_moving for flap in self.flaps.values())
        self._overlap_s = self._overlap_s + dt_s if moving > 1 else 0.0
        self._tally.two_moving |= self._overlap_s > OVERLAP_S
        opened = [bin for bin, flap in self.flaps.items() if flap.step(dt_s)]
        self._time_s = time_s
        for bin in opened:
            self._opened(bin)
        if self._visit is not None:
            self._follow(self._visit)
        calm = self._visit is None and all(flap.is_home and not flap.is_moving for flap in self.flaps.values())
        if not calm:
            self._calm_since_s = None
            return
        if self._calm_since_s is None:
            self._calm_since_s = time_s
        if time_s - self._calm_since_s >= self._next_gap_s and self._items_left != 0:
            self._arrive()

    def _opened(self, bin: str) -> None:
        """A flap has just opened far enough."""
        if self._visit is None or self._visit.is_taken:
            self._tally.empty_openings += 1
        else:
            self._visit.fall(bin, self._time_s)

    def _follow(self, visit: Visit) -> None:
        """See what becomes of the item."""
        if visit.is_on_tray:
            if self._lost_after_s is not None and self._time_s >= visit.rest_s + self._lost_after_s:
                visit.take(self._time_s)
            return
        if not visit.is_gone(self._time_s):
            return
        if visit.is_taken:
            self._tally.lost(visit.item.label)
        else:
            rest_s = visit.rest_s if visit.rest_s <= visit.left_s else None
            fall = Fall(visit.item.label, visit.item.name, visit.bins[0], visit.arrive_s, rest_s, visit.left_s)
            self._tally.fell(fall, twice=len(visit.bins) > 1)
        self._visit = self._drawn = None
        self._next_gap_s = self._between(self._gap_s)

    def _arrive(self) -> None:
        if self._items_left is not None:
            self._items_left -= 1
        assert self._coming is not None
        item = self._coming.result()
        self._order()
        self._calm_since_s = None
        self._visit = Visit(
            item,
            arrive_s=self._time_s,
            settle_s=self._between(self._settle_s),
            longest_px=self._between(self._item_size) * min(self.width, self.height),
            picture=(self.width, self.height),
            rng=self._rng,
        )

    def _order(self) -> None:
        if self._items_left != 0:
            self._coming = self._workshop.submit(next, self._source)

    def _layer(self, visit: Visit, angle_deg: float, scale: float) -> Layer:
        if self._drawn is None or self._drawn[:3] != (visit, angle_deg, scale):
            self._drawn = (visit, angle_deg, scale, layer(visit.picture, angle_deg, scale))
        return self._drawn[3]

    def _between(self, bounds: tuple[float, float]) -> float:
        return float(self._rng.uniform(*bounds))


def _mechanics(bin: str, options: Mapping[str, Any], pin_factory: Any, *, start_open: bool) -> FlapMechanics:
    if "kind" not in options:
        raise HardwareConfigError(f"simulation: flap {bin!r}: missing 'kind'")
    rest = {key: value for key, value in options.items() if key != "kind"}
    return FlapMechanics(bin, options["kind"], rest, pin_factory=pin_factory, start_open=start_open)
