"""What happens in the simulated bin from step to step, without locks and without a clock."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from hardware.errors import HardwareConfigError
from hardware.pin_factory import PinFactory
from hardware.pins import simulated_timeline
from hardware.sim.arrival_timer import ArrivalTimer
from hardware.sim.command_monitor import CommandMonitor
from hardware.sim.fault_schedule import FaultSchedule
from hardware.sim.fill_levels import SimFillLevels
from hardware.sim.flap_hole import FlapHole
from hardware.sim.item_queue import ItemQueue
from hardware.sim.items import SimItem
from hardware.sim.mechanics import FlapMechanics, make_bodies
from hardware.sim.motion_monitor import MotionMonitor
from hardware.sim.people import People
from hardware.sim.scene_renderer import SceneRenderer
from hardware.sim.score_counter import ScoreCounter
from hardware.sim.switches import SimSwitches
from hardware.sim.tray import SimTray
from hardware.sim.tray_items import TrayItems
from hardware.world.fault import BLIND, PANEL
from hardware.world.flap_command import FlapCommand, NewestFrame
from hardware.world.flap_motion import FlapMotion
from hardware.world.layout import BinLayout
from hardware.world.scene import SceneConditions
from hardware.world.scheduled_item import ScheduledItem
from hardware.world.score import ItemOutcome
from hardware.world.traffic import ItemTraffic

STEP_S = 0.02
"""Longest step of the world while something happens, in seconds: a flap moves by a twentieth of its way in it."""

LAST_STEP = 1.01
"""A rest of the time up to this many steps is taken in one: a remainder of a nanosecond would be a step of its own."""

WAKE_S = 3.0
"""Time before and after anything happens in which the camera takes every picture, in seconds."""

NEW_FOR_S = 60.0
"""Time from its beginning in which a fault without an end still counts as something that happens, in seconds."""

_TRAFFIC_STREAM, _EXTRA_STREAM = 1, 4
"""Second part of a random generator's seed: one stream of random numbers for each purpose."""


class BinDynamics:
    """The parts of the simulated bin, and what they do to each other as time passes.

    Args:
        layout, traffic, scene, pin_factory, seed: as of ``SimulatedBin``.
        start_s: the world's start, in seconds of its clock.
        on_command: called with each command that a pin gives.
        on_motion: called at each step in which a flap moves while people are over the tray.
        on_item_outcome: called with the outcome of each item that is gone.

    Attributes:
        time_s: time up to which it has moved on, in seconds of the world's clock.
        faults, flaps, switches, fill_levels, counter, renderer, items, motions: its parts.
        newest_frame: the newest picture that the camera has handed out; None: none yet.

    Raises:
        HardwareConfigError: as of ``SimulatedBin``.
    """

    def __init__(
        self,
        layout: BinLayout,
        traffic: ItemTraffic,
        scene: SceneConditions,
        *,
        pin_factory: PinFactory,
        seed: int,
        start_s: float,
        on_command: Callable[[FlapCommand], None],
        on_motion: Callable[[FlapMotion], None],
        on_item_outcome: Callable[[ItemOutcome], None],
    ) -> None:
        _check_faults(layout, scene)
        self._on_command = on_command
        self._on_motion = on_motion
        self._on_item_outcome = on_item_outcome
        self.time_s = start_s
        self.newest_frame: NewestFrame | None = None
        self._rng = np.random.default_rng((seed, _TRAFFIC_STREAM))
        self._extra_rng = np.random.default_rng((seed, _EXTRA_STREAM))
        self.faults = FaultSchedule(scene.faults, start_s)
        size = (scene.width, scene.height)
        self._people = People(size, seed)
        tray = _tray(scene, seed=seed, start_s=start_s)
        self.flaps = make_bodies(layout, pin_factory)
        hole = FlapHole(self.flaps, side=scene.hole)
        self.renderer = SceneRenderer(tray, self.faults, self._people, hole=hole, seed=seed)
        self.motions = MotionMonitor(self._people, self.flaps)
        self._timeline = simulated_timeline(pin_factory)
        self._is_advancing = False
        self.switches = SimSwitches(layout, self.flaps, pin_factory)
        self.fill_levels = SimFillLevels(self.flaps)
        self.counter = ScoreCounter(dict(layout.labels), layout.residual_bin)
        self.items = TrayItems(
            size=size,
            flaps=self.flaps,
            faults=self.faults,
            renderer=self.renderer,
            lost_after_s=traffic.lost_after_s,
        )
        self._commands = CommandMonitor(self.items, self.faults, self.counter, self.motions)
        self._timer = ArrivalTimer(traffic, start_s)
        self._queue = ItemQueue(traffic, known=layout.labels, seed=seed, rng=self._rng)

    @property
    def finished(self) -> bool:
        """Whether all items have come and gone, and the flaps have been home for a while or will never be."""
        if not self._queue.is_over or self.items.in_view or self.faults.waits_for_time(self.time_s):
            return False
        is_driven = any(flap.is_driven for flap in self.flaps.values())
        return self._timer.is_settled(self.time_s, is_driven=is_driven)

    @property
    def quiet_until_s(self) -> float:
        """Time until which nothing will happen as far as the world knows, in seconds of its clock; its now or earlier while
        something happens. What has only just happened, or will in a moment, counts as happening."""
        now_s, calm_since_s = self.time_s, self._timer.calm_since_s
        if calm_since_s is None or self._is_something_in_view or now_s < calm_since_s + WAKE_S:
            return now_s
        for fault in self.faults.active:
            if fault.end_s < math.inf or now_s < fault.begin_s + NEW_FOR_S or fault.kind in BLIND:
                return now_s
        return min(self._due_s, self.faults.next_change_s) - WAKE_S

    def advance(self, now_s: float) -> None:
        """Read the pins, whose signals have been the same since the last call, and move on to a time, in seconds.

        Called while it moves on, because what runs on the pins' timeline changes a pin, it does nothing: it is up to date.
        """
        if self._is_advancing:
            return
        self._is_advancing = True
        try:
            self._advance(now_s)
        finally:
            self._is_advancing = False

    def _advance(self, now_s: float) -> None:
        self._read_pins()
        while self.time_s < now_s:
            left_s = now_s - self.time_s
            if self._is_still and now_s < min(self._due_s, self.faults.next_change_s):
                self.time_s = now_s
                break
            self._step(STEP_S if left_s > LAST_STEP * STEP_S else left_s)
            if left_s <= LAST_STEP * STEP_S:
                self.time_s = now_s
        self.switches.drive_pins()

    def _read_pins(self) -> None:
        for flap in self.flaps.values():
            if flap.listen(self.time_s) is not None:
                self._observe_command(flap)
        self.motions.note_currents(self.time_s)

    def note_frame(self, frame: NewestFrame) -> None:
        """Note the picture that the camera hands out now."""
        self.newest_frame = frame
        self.motions.note_frame(frame, self.time_s)

    def connect(self, pin_factory: PinFactory) -> None:
        """Continue on other pins."""
        self._timeline = simulated_timeline(pin_factory)
        for flap in self.flaps.values():
            flap.connect(pin_factory)
        self.switches.connect(pin_factory)

    def close(self) -> None:
        """Release the thread that prepares items. May be called twice."""
        self._queue.close()

    def _observe_command(self, flap: FlapMechanics) -> None:
        self.motions.note_command(flap.bin, self.time_s)
        command = self._commands.observe(flap, self.time_s, self.newest_frame)
        self._on_command(command)
        if command.item is not None:
            self.faults.trigger(command.item, "opens" if command.opens else "closes", self.time_s)

    def _step(self, dt_s: float) -> None:
        time_s = self.time_s + dt_s
        if self.faults.advance(time_s):
            self._apply_faults(time_s)
        # One that arrives in this step could be stopped before as it was then.
        moving = [(flap, flap.halt_s) for flap in self.flaps.values() if flap.is_moving]
        self._commands.measure_overlap(len(moving), dt_s)
        opened = [bin for bin, flap in self.flaps.items() if flap.step(dt_s)]
        self.time_s = time_s
        self._follow_people(moving)
        if self._timeline.run_until(time_s):
            self._read_pins()
        for bin in opened:
            self.counter.empty_openings += not self.items.open_flap(bin, time_s)
        for outcome in self.items.advance(time_s):
            self._count(outcome)
        home = all(flap.is_home and not flap.is_moving for flap in self.flaps.values())
        self._timer.update(time_s, calm=home and not self._is_something_in_view)
        if not self.items.in_view and time_s >= self._due_s:
            number, item, scheduled = self._queue.take()
            self._throw_in(item, scheduled, number, self._rng)

    def _follow_people(self, moving: list[tuple[FlapMechanics, float]]) -> None:
        """See who is over the tray, and which of the flaps that have just moved did so under people; with each flap the time in
        which it could be stopped."""
        self.motions.follow_people(self.time_s)
        self.motions.note_currents(self.time_s)
        for flap, halt_s in moving:
            motion = self.motions.motion(flap, self.time_s, self.newest_frame, self.faults, halt_s=halt_s)
            if motion is not None:
                self._on_motion(motion)

    @property
    def _is_something_in_view(self) -> bool:
        return bool(self.items.in_view) or self._people.are_near

    @property
    def _is_still(self) -> bool:
        """Nothing moves, and nothing will before the next arrival or fault."""
        if self._timer.calm_since_s is None or self._is_something_in_view or self._timeline.is_busy:
            return False
        return not any(flap.is_moving for flap in self.flaps.values())

    @property
    def _due_s(self) -> float:
        """When the next item comes, as things stand, in seconds; infinite when none does."""
        return self._timer.due_s(None if self.items.in_view else self._queue.planned)

    def _count(self, outcome: ItemOutcome) -> None:
        """An item is gone."""
        self.counter.add(outcome)
        if outcome.fell:
            self.fill_levels.add(outcome.bin, outcome.end_s)
        self._timer.note_gone(outcome.end_s)
        self._on_item_outcome(outcome)
        if self._queue.planned is None and not self.items.in_view:
            self._queue.plan()

    def _throw_in(self, item: SimItem, scheduled: ScheduledItem, number: int, rng: np.random.Generator) -> None:
        self.items.throw_in(item, scheduled, number=number, time_s=self.time_s, rng=rng)
        self._timer.update(self.time_s, calm=False)

    def _apply_faults(self, time_s: float) -> None:
        """A fault has begun or ended."""
        for flap in self.flaps.values():
            flap.apply_faults(self.faults)
            flap.listen(time_s)
        self.switches.apply_faults(self.faults)
        self.renderer.apply_faults()
        for fault in self.faults.active:
            if fault.kind == "second_item" and fault.item is None:
                label = fault.fault.options.get("label")
                fault.item, item = self._queue.take_extra(None if label is None else str(label))
                scheduled = ScheduledItem(
                    size=fault.option("size", 0.35), x=fault.option("x", 0.3), y=fault.option("y", 0.35)
                )
                self._throw_in(item, scheduled, fault.item, self._extra_rng)


def _tray(scene: SceneConditions, *, seed: int, start_s: float) -> SimTray:
    return SimTray(
        width=scene.width,
        height=scene.height,
        seed=seed,
        noise_sigma=scene.noise_sigma,
        light_drift=scene.light_drift,
        light_colour=scene.light_colour,
        start_s=start_s,
        texture=scene.tray,
        light_changes=[replace(one, at_s=start_s + one.at_s) for one in scene.light_changes],
    )


def _check_faults(layout: BinLayout, scene: SceneConditions) -> None:
    """Refuse faults of a bin or a switch that is not there. Raises HardwareConfigError."""
    for fault in scene.faults:
        if (bin := fault.options.get("bin")) is not None:
            layout.check_bin(bin)
        if fault.kind in PANEL and fault.kind not in layout.switches:
            raise HardwareConfigError(f"simulation: fault {fault.kind}: there is no such switch")
