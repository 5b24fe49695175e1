"""The body of a carousel in the simulated bin: a chute that each pulse turns by a step, and the gate above it."""

import math
from collections.abc import Mapping

from hardware.drives.carousel.section import (
    FULL_TURN_DEG,
    MIN_APART_DEG,
    CarouselFlapSection,
    CarouselSection,
)
from hardware.pin_factory import PinFactory
from hardware.pins import SimulatedPin, simulated_pin
from hardware.sim.fault_schedule import FaultSchedule
from hardware.sim.mechanics import BodyContext
from hardware.sim.shared_drive_body import SharedDriveBody

SWITCH_WIDTH_DEG = 2 * MIN_APART_DEG / 3
"""How far the chute turns while the home switch is on, in degrees; home lies within it, at ``home_depth_deg`` from its edge."""

STILL_AFTER_S = 0.05
"""The chute stands still when no pulse has come for this long, in seconds: the slowest pulses are 20 ms apart."""


class Chute:
    """What the bins of a carousel share: the chute that turns, its home switch, and the gate.

    Like a real stepper it does not know what is expected of it: it turns by one step at each rising edge while it is enabled
    and has power, and loses the step otherwise. An item falls into the bin nearest to where the chute stands, and stays on
    the chute's closed side at home.

    Args:
        section: pins, steps and gate.
        positions_deg: bin name -> where it stands.
        context: pins.
    """

    def __init__(self, section: CarouselSection, positions_deg: Mapping[str, float], context: BodyContext) -> None:
        self._section = section
        self._positions_deg = dict(positions_deg)
        self.leader = next(iter(positions_deg), None)
        """The bin whose flap moves chute and gate on for all of them."""
        self.gate = section.gate.body(self.leader or "gate", context)
        self.steps = 0
        """Steps that it stands from home."""
        self._followed: int | None = None
        self._nearest: str | None = None
        self._over: str | None = None
        self._powered = True
        self._stuck = frozenset[str]()
        self._still_s = STILL_AFTER_S
        self._news: float | None = None
        self._connect(context.pins)

    @property
    def pins(self) -> tuple[SimulatedPin, ...]:
        """The pins that its driver drives."""
        return (self._step, self._dir, self._enable, *self.gate.pins)

    @property
    def angle_deg(self) -> float:
        """Where it stands, in degrees from home, -180..180."""
        turn_deg = self.steps * FULL_TURN_DEG / self._section.steps_per_turn
        return (turn_deg + FULL_TURN_DEG / 2) % FULL_TURN_DEG - FULL_TURN_DEG / 2

    @property
    def over(self) -> str | None:
        """The bin that it stands over; None: home is nearer than any bin."""
        self._follow_steps()
        return self._over

    @property
    def nearest(self) -> str | None:
        """The bin that it is nearest to; None: there is none."""
        self._follow_steps()
        return self._nearest

    @property
    def is_enabled(self) -> bool:
        """Whether the motor is under current."""
        return self._enable.function == "output" and bool(self._enable.state) is self._section.enable_active_high

    @property
    def is_turning(self) -> bool:
        """Whether pulses turn it."""
        return self._still_s < STILL_AFTER_S

    @property
    def halt_s(self) -> float:
        """Time in which it stands still without losing a step, and is known to, in seconds."""
        return self._section.max_steps_per_s / self._section.acceleration + STILL_AFTER_S

    @property
    def news(self) -> float | None:
        """The opening (0..1) that the gate has just been commanded to go to; None: nothing new."""
        return self._news

    def put_at(self, angle_deg: float) -> None:
        """It was left there, as after a crash."""
        self.steps = self._section.steps(angle_deg)
        self._work_switch()

    def connect(self, pins: PinFactory) -> None:
        """Wire it to the same pins of another factory."""
        self._step.on_change = None
        self._connect(pins)
        self.gate.connect(pins)

    def apply_faults(self, faults: FaultSchedule) -> None:
        """Take on what goes wrong with the flap of any of its bins: they all have this drive."""
        kinds = ("slow", "stuck_open", "stuck_closed")
        afflicted = [bin for bin in self._positions_deg if any(faults.find(kind, bin) for kind in kinds)]
        self.gate.bin = afflicted[0] if afflicted else self.leader or self.gate.bin
        self.gate.apply_faults(faults)
        self._powered = faults.find("power_dip") is None
        self._stuck = frozenset(
            kind for kind in kinds[1:] if any(faults.find(kind, bin) for bin in self._positions_deg)
        )

    def listen(self, time_s: float) -> None:
        """Read the gate's pin, and bring the home switch's to where it stands: a driver that claims it pulls it elsewhere."""
        self._work_switch()
        self._news = self.gate.listen(time_s)

    def step(self, dt_s: float) -> None:
        """Let ``dt_s`` seconds pass: the gate moves; the chute is moved by its pulses alone."""
        self._still_s += dt_s
        self.gate.step(dt_s)

    def _connect(self, pins: PinFactory) -> None:
        section = self._section
        self._step = simulated_pin(pins, section.step_pin)
        self._dir = simulated_pin(pins, section.dir_pin)
        self._enable = simulated_pin(pins, section.enable_pin)
        self._switch = simulated_pin(pins, section.home_switch.pin)
        self._step.on_change = self._on_edge
        self._work_switch()

    def _on_edge(self, is_high: bool) -> None:
        if not is_high or not self.is_enabled or not self._powered:
            return
        self._still_s = 0.0
        if "stuck_closed" in self._stuck and self.over is None:
            return
        if "stuck_open" in self._stuck and self.over is not None:
            return
        self.steps += 1 if bool(self._dir.state) is not self._section.reversed else -1
        self._work_switch()

    def _follow_steps(self) -> None:
        """See where it stands, if it has turned: each bin asks at each step of the world, and mostly it stands still."""
        if self._followed == self.steps:
            return
        self._followed = self.steps
        bin = min(self._positions_deg, key=lambda bin: self._away_deg(self._positions_deg[bin]), default=None)
        self._nearest = bin
        is_home = bin is None or self._away_deg(0.0) <= self._away_deg(self._positions_deg[bin])
        self._over = None if is_home else bin

    def _work_switch(self) -> None:
        is_on = self._away_deg(0.0) <= SWITCH_WIDTH_DEG / 2
        level = is_on is self._section.home_switch.active_high
        if bool(self._switch.state) is not level:
            (self._switch.drive_high if level else self._switch.drive_low)()

    def _away_deg(self, position_deg: float) -> float:
        return abs((self.angle_deg - position_deg + FULL_TURN_DEG / 2) % FULL_TURN_DEG - FULL_TURN_DEG / 2)


class CarouselBody(SharedDriveBody):
    """One bin of a carousel: open as far as the gate is while the chute stands over it.

    Args:
        section: the bin's position and travel time.
        bin: the bin's name.
        chute: chute and gate, which other bins share.
        context: how it differs from its section. Its slowness slows nothing: a stepper keeps the pace, or loses steps.
    """

    def __init__(self, section: CarouselFlapSection, bin: str, chute: Chute, context: BodyContext) -> None:
        super().__init__(bin, chute, over=context.over, travel_s=section.travel_s)
        self._chute = chute
        if context.start_open:
            chute.put_at(section.position_deg)

    @property
    def pins(self) -> tuple[SimulatedPin, ...]:
        return self._chute.pins

    @property
    def opening(self) -> float:
        return self._chute.gate.opening if self._is_below else 0.0

    @property
    def commanded_opening(self) -> float:
        return self._chute.gate.commanded_opening if self._is_below else 0.0

    @property
    def is_home(self) -> bool:
        """Whether the gate is closed and the chute not over this bin."""
        return not self._is_below

    @property
    def is_moving(self) -> bool:
        moves = self._chute.is_turning or self._chute.gate.is_moving
        return moves and self._chute.nearest == self.bin

    @property
    def is_driven(self) -> bool:
        return self._chute.is_enabled or self._chute.gate.is_driven

    @property
    def is_let_go(self) -> bool:
        return self._chute.gate.is_let_go

    @property
    def halt_s(self) -> float:
        return math.inf if self._chute.gate.is_moving else self._chute.halt_s

    @property
    def _is_below(self) -> bool:
        return self._chute.over == self.bin
