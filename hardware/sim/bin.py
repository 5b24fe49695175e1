"""The simulated bin: things are thrown in, lie on the tray, and fall where the flaps let them."""

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from hardware.clock import Clock
from hardware.errors import HardwareConfigError
from hardware.frame import Pixels
from hardware.limits import rising_pair, within
from hardware.world.flap_command import Command, NewestFrame
from hardware.sim.switches import SimSwitches
from hardware.world.fault import BLIND, PANEL, ActiveFault, Fault, FaultSchedule
from hardware.sim.fill_levels import SimFillLevels
from hardware.sim.items import SimItem
from hardware.sim.mechanics import FlapMechanics
from hardware.sim.schedule import ScheduledItem
from hardware.world.score import MISSED, WITHDRAWN, ItemOutcome, ScoreCounter, SimulationScore
from hardware.sim.scene_renderer import SceneRenderer
from hardware.sim.item_queue import ItemQueue
from hardware.sim.tray import LightChange, SimTray
from hardware.sim.item_trajectory import ItemTrajectory

STEP_S = 0.02
"""Longest step of the world while something happens, in seconds."""

CALM_S = 0.5
"""How long the flaps must have been home, after the last item, before the world counts as finished. Seconds."""

GIVEN_UP_S = 30.0
"""So long after the last item the world counts as finished even if a flap never comes home. Seconds."""

OVERLAP_S = 0.05
"""Two flaps count as moving at once from this long on. Less is the jitter of a busy machine under a fast clock."""

WAKE_S = 3.0
"""How long before and after anything happens the camera takes every picture, in seconds."""

USED_TO_S = 60.0
"""How long after its beginning a fault that stays for good still counts as something that happens, in seconds."""


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
        arrivals: the items one by one, with the attributes of ``ScheduledItem``; replaces ``items``, ``gap_s``, ``settle_s``,
            ``item_size``. None: random ones.
        faults: what goes wrong, with the attributes of ``Fault`` and the options of its kind.
        tray: ``texture_seed``, ``texture``, ``vignette`` of the ``SimTray``.
        light_steps: changes of the light for good, with the attributes of ``Step``; seconds from the world's start.
        mechanics: bin name -> ``slowness`` and ``over`` of its ``FlapMechanics``.
        patience_s: who finds the bin not ready throws the item in all the same after so long, in seconds; None: never.
        idle_frame_s: time from one picture to the next while nothing happens, in seconds, so that hours pass quickly on a
            ``ManualClock``; None: every picture is taken.
        switches: name -> ``pin`` and ``active_high`` of the switches that people work, e.g. a lid's. Flaps close the
            ``end_switch`` that their options name.

    Attributes:
        on_command: called with each ``Command`` that a pin gives; None: nobody listens.
        on_fate: called with each item's ``ItemOutcome`` when it has gone; None: nobody listens.
        seen: the newest picture that the camera has handed out; None: none yet.

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
        arrivals: Sequence[Mapping[str, Any]] | None = None,
        faults: Sequence[Mapping[str, Any]] = (),
        tray: Mapping[str, Any] | None = None,
        light_steps: Sequence[Mapping[str, Any]] = (),
        mechanics: Mapping[str, Mapping[str, Any]] | None = None,
        patience_s: float | None = None,
        idle_frame_s: float | None = None,
        switches: Mapping[str, Mapping[str, Any]] | None = None,
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
        gap_s = rising_pair("simulation: gap_s", gap_s, 0, 86_400)
        settle_s = rising_pair("simulation: settle_s", settle_s, 0.05, 60)
        item_size = rising_pair("simulation: item_size", item_size, 0.02, 1.5)
        plan = [Fault.of(fault) for fault in faults]
        mechanics = mechanics or {}
        named = [*labels.values(), residual_bin, *start_open, *mechanics]
        named += [body["over"] for body in mechanics.values() if body.get("over") is not None]
        named += [fault.options["bin"] for fault in plan if fault.options.get("bin") is not None]
        for bin in named:
            if bin not in flaps:
                raise HardwareConfigError(
                    f"simulation: bin {bin!r} has no flap; there are {', '.join(flaps) or 'none'}"
                )
        self.width, self.height, self.fps = width, height, fps
        self.idle_frame_s = idle_frame_s
        self.on_command: Callable[[Command], None] | None = None
        self.on_fate: Callable[[ItemOutcome], None] | None = None
        self.seen: NewestFrame | None = None
        self._clock = clock
        self._lock = threading.RLock()
        self._time_s = self.start_s = clock.now_s()
        self._rng = np.random.default_rng((seed, 1))
        self._extra_rng = np.random.default_rng((seed, 4))
        steps = [LightChange(**{**step, "at_s": self.start_s + step["at_s"]}) for step in light_steps]
        self.faults = FaultSchedule(plan, self.start_s)
        empty = SimTray(
            width=width,
            height=height,
            seed=seed,
            noise_sigma=noise_sigma,
            light_drift=light_drift,
            steps=steps,
            **(tray or {}),
        )
        self._stage = SceneRenderer(empty, self.faults, size=(width, height), seed=seed)
        self.flaps = {
            bin: FlapMechanics.of(
                bin, options, pin_factory=pin_factory, start_open=bin in start_open, body=mechanics.get(bin, {})
            )
            for bin, options in flaps.items()
        }
        ends = {bin: options["end_switch"] for bin, options in flaps.items() if options.get("end_switch") is not None}
        for fault in plan:
            if fault.kind in PANEL and fault.kind not in (switches or {}):
                raise HardwareConfigError(f"simulation: fault {fault.kind}: there is no such switch")
        self._contacts = SimSwitches(switches or {}, ends, flaps=self.flaps, pin_factory=pin_factory)
        self._filling = SimFillLevels(self.flaps)
        self._tally = ScoreCounter(dict(labels), residual_bin)
        self._lost_after_s = lost_after_s
        self._patience_s = patience_s
        self._first_after_s = first_after_s
        self._visits: list[ItemTrajectory] = []
        self._resting: set[int] = set()
        self._served: int | None = None
        self._opened_s = dict.fromkeys(self.flaps, -math.inf)
        self._calm_since_s: float | None = None
        self._free_since_s = self._time_s
        self._overlap_s = 0.0
        self._supply = ItemQueue(
            photos,
            listing=listing,
            seed=seed,
            rng=self._rng,
            items=items,
            arrivals=arrivals,
            random={"gap_s": gap_s, "settle_s": settle_s, "size": item_size, "first_after_s": first_after_s},
        )
        self._attach()

    def connect(self, pin_factory: Any) -> None:
        """Go on with other pins: the program that drives them has been started anew, the world has not."""
        with self._lock:
            self.advance()
            for flap in self.flaps.values():
                flap.connect(pin_factory)
            self._contacts.connect(pin_factory)
            self._attach()

    @property
    def now_s(self) -> float:
        """The moment up to which the world has moved on, in seconds of its clock."""
        return self._time_s

    @property
    def on_tray(self) -> SimItem | None:
        """The item that lies on the tray or is arriving, the first if there are several; None when there is none."""
        with self._lock:
            visit = self._on_tray()
            return None if visit is None else visit.item

    @property
    def number_on_tray(self) -> int | None:
        """The number of that item."""
        with self._lock:
            visit = self._on_tray()
            return None if visit is None else visit.number

    @property
    def is_at_rest(self) -> bool:
        """Whether an item lies still on the tray."""
        with self._lock:
            visit = self._on_tray()
            return visit is not None and self._time_s >= visit.rest_s

    @property
    def hand_in_view(self) -> bool:
        """Whether a hand reaches over the tray."""
        with self._lock:
            return self._stage.hand_in_view(self._time_s)

    @property
    def finished(self) -> bool:
        """True when all items have come and gone, and the flaps have been home for a while or will never be."""
        with self._lock:
            if not self._supply.is_over or self._visits or self.faults.waits_for_time(self._time_s):
                return False
            calm_s = 0.0 if self._calm_since_s is None else self._time_s - self._calm_since_s
            return calm_s >= CALM_S or self._time_s - self._free_since_s >= GIVEN_UP_S

    @property
    def quiet_until_s(self) -> float:
        """Until when nothing will happen as far as the world knows, in seconds of its clock; its now or earlier when
        something is happening. What has only just happened, and what will in a moment, counts as happening."""
        with self._lock:
            now_s = self._time_s
            calm_s = self._calm_since_s
            if calm_s is None or self._visits or self._stage.has_hands or now_s < calm_s + WAKE_S:
                return now_s
            for spell in self.faults.active:
                if spell.end_s < math.inf or now_s < spell.begin_s + USED_TO_S or spell.fault.kind in BLIND:
                    return now_s
            return min(self._due_s(), self.faults.next_change_s) - WAKE_S

    def score(self) -> SimulationScore:
        """What happened so far. An item that is still on its way is not counted."""
        with self._lock:
            return self._tally.score()

    def advance(self) -> float:
        """Move the world on to the clock's now. Returns that time, in seconds."""
        with self._lock:
            now_s = self._clock.now_s()
            # The pins keep their signals on the way: before one changes we are called.
            for flap in self.flaps.values():
                if flap.listen(self._time_s) is not None:
                    self._commanded(flap)
            while self._time_s < now_s:
                left_s = now_s - self._time_s
                if self._is_still() and now_s < min(self._due_s(), self.faults.next_change_s):
                    self._time_s = now_s
                    break
                # Take the rest in one: a remainder of a nanosecond would be a step of its own.
                self._step(STEP_S if left_s > 1.01 * STEP_S else left_s)
                if left_s <= 1.01 * STEP_S:
                    self._time_s = now_s
            self._contacts.drive_pins()
            return self._time_s

    def press(self, switch: str, on: bool) -> None:
        """Somebody works a switch, e.g. opens the lid; it stays so until told otherwise.

        Raises:
            HardwareConfigError: there is no such switch.
        """
        with self._lock:
            self.advance()
            self._contacts.press(switch, on)

    def filled(self, bin: str) -> float:
        """How full a bin is, 0..1."""
        with self._lock:
            full = self.faults.find("bin_full", bin) is not None
            return 1.0 if full else self._filling.of(bin, self.advance())

    def falls_into(self, bin: str) -> bool:
        """Whether something is falling into a bin."""
        with self._lock:
            self.advance()
            return any(bin in visit.bins[:1] for visit in self._visits)

    def fill(self, bin: str, share: float) -> None:
        """Somebody throws something into a bin past the flaps that fills such a share of it; below 0 he takes it out."""
        with self._lock:
            self._filling.add(bin, self.advance(), share)

    def render(self) -> tuple[Pixels, float]:
        """What a good camera sees now, RGB uint8 (height, width, 3), and the share of it that a hand covers, 0..1."""
        with self._lock:
            return self._stage.picture(self._visits, self._time_s)

    def active_fault(self, kind: str) -> ActiveFault | None:
        """The fault of a kind that lasts now, after bringing the world up to date."""
        if kind not in self.faults.kinds:
            return None
        with self._lock:
            self.advance()
            return self.faults.find(kind)

    def close(self) -> None:
        """Let go of the pins and of the thread that prepares items. May be called twice."""
        for flap in self.flaps.values():
            flap.pin.before_change = None
        self._supply.close()

    def _attach(self) -> None:
        for bin, flap in self.flaps.items():
            flap.pin.before_change = partial(self._before_change, bin)

    # --- time ---------------------------------------------------------------------------------------------------------

    def _step(self, dt_s: float) -> None:
        time_s = self._time_s + dt_s
        if self.faults.advance(time_s):
            self._change_faults(time_s)
        moving = sum(flap.is_moving for flap in self.flaps.values())
        self._overlap_s = self._overlap_s + dt_s if moving > 1 else 0.0
        self._tally.two_moving |= self._overlap_s > OVERLAP_S
        opened = [bin for bin, flap in self.flaps.items() if flap.step(dt_s)]
        self._time_s = time_s
        for bin in opened:
            self._opened(bin)
        for visit in tuple(self._visits):
            self._follow(visit)
        home = all(flap.is_home and not flap.is_moving for flap in self.flaps.values())
        if self._visits or self._stage.has_hands or not home:
            self._calm_since_s = None
        elif self._calm_since_s is None:
            self._calm_since_s = time_s
        if not self._visits and time_s >= self._due_s():
            self._arrive()

    def _is_still(self) -> bool:
        """Nothing moves, and nothing will before the next arrival or fault."""
        if self._calm_since_s is None or self._visits or self._stage.has_hands:
            return False
        return not any(flap.is_moving for flap in self.flaps.values())

    def _due_s(self) -> float:
        """When the next item comes, as things stand, in seconds; infinite when none does."""
        arrival = self._supply.planned
        if arrival is None or self._visits:
            return math.inf
        at_s = -math.inf if arrival.at_s is None else self.start_s + arrival.at_s
        due_s = math.inf if self._calm_since_s is None else max(self._calm_since_s + arrival.gap_s, at_s)
        if self._patience_s is not None:
            wanted_s = max(self._free_since_s + arrival.gap_s, at_s, self.start_s + self._first_after_s)
            due_s = min(due_s, wanted_s + self._patience_s)
        return due_s

    # --- flaps --------------------------------------------------------------------------------------------------------

    def _before_change(self, bin: str) -> None:
        """A driver is about to write to a pin."""
        self.advance()
        if self.faults.find("pin_error", bin) is not None:
            raise OSError(f"simulated: writing to the pin of {bin} failed")

    def _commanded(self, flap: FlapMechanics) -> None:
        """A pin has just told a flap to set off."""
        opens = flap.commanded_opening > flap.opening
        visit = self._on_tray()
        if opens and visit is not None:
            visit.openings += 1
            visit.command_s = self._time_s if visit.command_s is None else visit.command_s
            self._served = visit.number
        elif opens:
            self._served = None
        shown_s = -math.inf if self.seen is None else self.seen.shown_s
        command = Command(
            time_s=self._time_s,
            bin=flap.bin,
            opens=opens,
            travel_s=abs(flap.commanded_opening - flap.opening) * flap.travel_s,
            item=self._served,
            at_rest=not any(one.is_seen_moving(shown_s) for one in self._visits),
            seen=self.seen,
            faults=frozenset(spell.fault.kind for spell in self.faults.active),
        )
        self._tally.flap_moves[flap.bin] += 1
        self._tally.moves_with_hand += command.with_hand
        self._tally.moves_before_rest += opens and not command.at_rest
        if self.on_command is not None:
            self.on_command(command)
        if self._served is not None:
            self.faults.trigger(self._served, "opens" if opens else "closes", self._time_s)

    def _opened(self, bin: str) -> None:
        """A flap has just opened far enough."""
        self._opened_s[bin] = self._time_s
        there = [visit for visit in self._visits if not visit.is_taken]
        if not there:
            self._tally.empty_openings += 1
        for visit in there:
            if visit.stays > 0:
                visit.stays -= 1
            elif self.faults.find("bin_full", bin) is not None and visit.is_on_tray:
                visit.sink(self._time_s)
            else:
                self._fall(visit, self.flaps[bin])
            self._stage.redraw()

    def _falls_through(self, visit: ItemTrajectory) -> bool:
        """Whether an item has landed where a flap stood open already."""
        for bin, flap in self.flaps.items():
            if flap.is_open and self._opened_s[bin] <= visit.arrive_s and self.faults.find("bin_full", bin) is None:
                self._fall(visit, flap)
                return True
        return False

    def _fall(self, visit: ItemTrajectory, flap: FlapMechanics) -> None:
        if (flap.commanded_opening > 0 or flap.is_moving) and not visit.openings:
            visit.openings = 1  # it goes with another one, or onto a flap that is open, or not yet closed, for another
        visit.fall(flap.bin_below, self._time_s)

    # --- items --------------------------------------------------------------------------------------------------------

    def _on_tray(self) -> ItemTrajectory | None:
        return next((visit for visit in self._visits if visit.is_on_tray), None)

    def _follow(self, visit: ItemTrajectory) -> None:
        """See what becomes of an item."""
        time_s = self._time_s
        if visit.is_on_tray:
            manner = visit.manner
            if time_s >= visit.rest_s and visit.number not in self._resting:
                self._resting.add(visit.number)
                self.faults.trigger(visit.number, "rests", time_s)
            if time_s >= visit.landed_s and self._falls_through(visit):
                return
            if manner.leaves_after_s is not None and time_s >= visit.forgotten_s + manner.leaves_after_s:
                visit.take(time_s, let_go=True)
                self._stage.redraw()
            elif self._lost_after_s is not None and time_s >= visit.forgotten_s + self._lost_after_s:
                visit.take(time_s)
                self._stage.redraw()
            return
        if not visit.is_gone(time_s):
            return
        self._visits.remove(visit)
        self._stage.forget(visit)
        self._resting.discard(visit.number)
        self.faults.gone(visit.number, time_s)
        end = visit.bins[0] if visit.bins else WITHDRAWN if visit.was_let_go else MISSED
        fate = ItemOutcome(
            number=visit.number,
            label=visit.item.label,
            item=visit.item.name,
            bin=end,
            arrive_s=visit.arrive_s,
            rest_s=visit.rest_s if visit.rest_s <= visit.left_s else None,
            command_s=visit.command_s,
            open_s=visit.left_s if visit.bins else None,
            end_s=time_s,
            openings=visit.openings,
            bins=tuple(visit.bins),
        )
        self._tally.add(fate)
        if visit.bins:
            self._filling.add(end, time_s)
        self._free_since_s = time_s
        if self.on_fate is not None:
            self.on_fate(fate)
        if self._supply.planned is None and not self._visits:
            self._supply.plan()

    def _arrive(self) -> None:
        number, item, arrival = self._supply.take()
        self._throw_in(item, arrival, number, self._rng)

    def _throw_in(self, item: SimItem, arrival: ScheduledItem, number: int, rng: np.random.Generator) -> None:
        self.faults.trigger(number, "arrives", self._time_s)
        visit = ItemTrajectory(
            item,
            number=number,
            arrive_s=self._time_s,
            settle_s=arrival.settle_s,
            longest_px=arrival.size * min(self.width, self.height),
            picture=(self.width, self.height),
            rng=rng,
            manner=self.faults.modify_arrival(arrival.arrival(), number, self._time_s),
        )
        self._visits.append(visit)
        self._calm_since_s = None
        self._stage.redraw()

    # --- faults -------------------------------------------------------------------------------------------------------

    def _change_faults(self, time_s: float) -> None:
        """A fault has begun or ended."""
        for flap in self.flaps.values():
            flap.apply_faults(self.faults)
            flap.listen(time_s)
        self._contacts.apply_faults(self.faults)
        self._stage.change()
        for spell in self.faults.active:
            if spell.fault.kind == "second_item" and spell.item is None:
                self._throw_second(spell)

    def _throw_second(self, spell: ActiveFault) -> None:
        spell.item, item = self._supply.extra(spell.option("label", None))
        arrival = ScheduledItem(size=spell.option("size", 0.35), x=spell.option("x", 0.3), y=spell.option("y", 0.35))
        self._throw_in(item, arrival, spell.item, self._extra_rng)
