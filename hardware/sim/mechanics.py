"""What a flap does when its pins are driven: the bodies of the drives in the simulated bin, read off the mock pins."""

import math
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from hardware.drives.section import FlapSection
from hardware.errors import HardwareConfigError
from hardware.limits import within
from hardware.pin_factory import PinFactory
from hardware.pins import SimulatedPin, simulated_pin
from hardware.sim.fault_schedule import FaultSchedule
from hardware.world.layout import BinLayout, FlapDeviation

HISTORY = 1000
"""Number of moves that a flap remembers."""

HOME_WITHIN, OPEN_FROM = 0.02, 0.6
"""Opening (0..1) up to which a flap counts as home, and from which an item falls through."""

ROUNDING = 1e-6
"""Opening (0..1) below which a distance is floating point, not a flap on its way."""


@dataclass(frozen=True, slots=True)
class FlapMove:
    """A flap set off.

    Attributes:
        time_s: when, on the world's clock, in seconds.
        start: opening it set off from, 0..1.
        target: opening it was commanded to reach, 0..1.
    """

    time_s: float
    start: float
    target: float


class BodyContext:
    """What a flap's body is made with, besides its section.

    Args:
        pins: the mock pins that the driver uses.
        shared: bodies of the shared drives, by name.
        flaps: bin name -> section, of all flaps.
        start_open: whether the flap was left open, as after a crash.
        slowness: real travel time as a multiple of ``travel_s`` (0.1..100).
        over: the bin that this flap really is over, where pins were mixed up; None: its own.
    """

    def __init__(
        self,
        pins: PinFactory,
        *,
        shared: Mapping[str, object] | None = None,
        flaps: Mapping[str, FlapSection] | None = None,
        start_open: bool = False,
        slowness: float = 1.0,
        over: str | None = None,
    ) -> None:
        within("slowness", slowness, 0.1, 100)
        self.pins = pins
        self.shared = shared or {}
        self.flaps = flaps or {}
        self.start_open = start_open
        self.slowness = slowness
        self.over = over


class FlapMechanics(ABC):
    """One flap as the simulated world knows it.

    Args:
        bin: the bin's name.
        over: the bin that it really is over; None: ``bin``.
        travel_s: longest time between home and open as configured, in seconds.

    Attributes:
        bin_below: the bin that it really is over.
        openings: how often it has opened far enough for an item to fall.
        moves: the newest moves.
    """

    def __init__(self, bin: str, *, over: str | None, travel_s: float) -> None:
        self.bin = bin
        self.bin_below = over or bin
        self.travel_s = travel_s
        self.openings = 0
        self.moves: deque[FlapMove] = deque(maxlen=HISTORY)

    @property
    @abstractmethod
    def pins(self) -> tuple[SimulatedPin, ...]:
        """The pins that its driver drives."""

    @property
    @abstractmethod
    def opening(self) -> float:
        """How far it is open, 0..1."""

    @property
    @abstractmethod
    def commanded_opening(self) -> float:
        """The opening (0..1) that its pins commanded last; 0 before they commanded anything."""

    @property
    def is_home(self) -> bool:
        """Whether the flap is closed."""
        return self.opening <= HOME_WITHIN

    @property
    def is_open(self) -> bool:
        """Whether an item falls through."""
        return self.opening >= OPEN_FROM

    @property
    @abstractmethod
    def is_moving(self) -> bool:
        """Whether the flap is on its way."""

    @property
    @abstractmethod
    def is_driven(self) -> bool:
        """Whether its drive gets current or pulses."""

    @property
    @abstractmethod
    def is_let_go(self) -> bool:
        """Whether a spring takes it home, since its drive gets no current."""

    @property
    @abstractmethod
    def halt_s(self) -> float:
        """Time in which its driver can stop it where it is now, in seconds; infinite: it cannot."""

    @abstractmethod
    def connect(self, pins: PinFactory) -> None:
        """Wire it to the same pins of another factory: the program that drives them has been started again."""

    @abstractmethod
    def apply_faults(self, faults: FaultSchedule) -> None:
        """Take on what goes wrong with it now."""

    @abstractmethod
    def listen(self, time_s: float) -> float | None:
        """Read the pins. Returns the opening (0..1) that they have just commanded and at which the flap does not stand; None
        when they command nothing new."""

    @abstractmethod
    def step(self, dt_s: float) -> bool:
        """Let ``dt_s`` seconds pass; True when the flap has just opened far enough for an item to fall."""


class HingedFlap(FlapMechanics):
    """A flap on a drive of its own, that turns evenly to where its pin commands it.

    Args:
        section: its section of the configuration.
        bin: the bin's name.
        pin: GPIO number of the pin that commands it.
        context: pins, and how it differs from its section.
        rest: opening (0..1) that it goes to without power and commands; None: it stays where it is.

    Attributes:
        pin: the pin that commands it.
        powered: whether its drive has power.
        slowed: further slowness, 1 for none.
        stuck_closed: whether it does not leave home.
        stuck_open: whether it does not leave the open position.
    """

    def __init__(
        self, section: FlapSection, bin: str, *, pin: int, context: BodyContext, rest: float | None = None
    ) -> None:
        super().__init__(bin, over=context.over, travel_s=section.travel_s)
        self.powered = True
        self.slowed = 1.0
        self.stuck_closed = self.stuck_open = False
        self.pin = simulated_pin(context.pins, pin)
        self._number = pin
        self._rest = rest
        self._rate = 1.0 / (section.travel_s * context.slowness)
        self._opening = self._target = 1.0 if context.start_open else 0.0
        self._commanded = rest
        self._last_commanded = 0.0

    @abstractmethod
    def _read(self) -> float | None:
        """Opening (0..1) that the pin commands; None when it commands nothing."""

    @property
    def pins(self) -> tuple[SimulatedPin, ...]:
        return (self.pin,)

    @property
    def opening(self) -> float:
        return self._opening

    @property
    def commanded_opening(self) -> float:
        return self._last_commanded

    @property
    def is_moving(self) -> bool:
        return self._opening != self._target and not self._is_held

    @property
    def is_let_go(self) -> bool:
        return self._rest is not None and not self.is_driven

    @property
    def halt_s(self) -> float:
        # Where a spring pulls, taking the signal away is a motion too.
        return 0.0 if self._rest is None else math.inf

    def connect(self, pins: PinFactory) -> None:
        self.pin = simulated_pin(pins, self._number)
        self._commanded = self._read()

    def apply_faults(self, faults: FaultSchedule) -> None:
        slow = faults.find("slow", self.bin)
        self.powered = faults.find("power_dip") is None
        self.slowed = 1.0 if slow is None else slow.option("factor", 3.0)
        self.stuck_open = faults.find("stuck_open", self.bin) is not None
        self.stuck_closed = faults.find("stuck_closed", self.bin) is not None

    def listen(self, time_s: float) -> float | None:
        commanded = self._read()
        is_new = commanded is not None and commanded not in (self._commanded, self._opening)
        news = commanded if is_new else None
        self._commanded = commanded
        self._last_commanded = self._last_commanded if commanded is None else commanded
        if not self.powered:
            commanded = self._rest  # a spring needs no power
        target = self._opening if commanded is None else commanded
        if target not in (self._target, self._opening):
            self.moves.append(FlapMove(time_s, self._opening, target))
        self._target = target
        return news

    def step(self, dt_s: float) -> bool:
        if not self.is_moving:
            return False
        was_open = self.is_open
        way = self._target - self._opening
        reach = self._rate / self.slowed * dt_s
        self._opening = self._target if abs(way) <= reach + ROUNDING else self._opening + math.copysign(reach, way)
        opened = self.is_open and not was_open
        self.openings += opened
        return opened

    @property
    def _is_held(self) -> bool:
        opens = self._target > self._opening
        return (self.stuck_closed and self.is_home and opens) or (self.stuck_open and self.is_open and not opens)


def make_bodies(layout: BinLayout, pins: PinFactory) -> dict[str, FlapMechanics]:
    """The bodies of all flaps, by bin name.

    Args:
        layout: the flaps, what they share, and how they differ from their sections.
        pins: the mock pins that the drivers use.

    Raises:
        HardwareConfigError: a kind has no simulated body, a value is out of range, or the pins are not simulated.
    """
    context = BodyContext(pins, flaps=layout.flaps)
    shared = {name: section.body(name, context) for name, section in layout.drives.items()}
    bodies = {}
    for bin, section in layout.flaps.items():
        deviation = layout.deviations.get(bin, FlapDeviation())
        try:
            own = BodyContext(
                pins,
                shared=shared,
                flaps=layout.flaps,
                start_open=bin in layout.start_open,
                slowness=deviation.slowness,
                over=deviation.over,
            )
        except HardwareConfigError as error:
            raise HardwareConfigError(f"flap {bin!r}: {error}") from error
        bodies[bin] = section.body(bin, own)
    return bodies
