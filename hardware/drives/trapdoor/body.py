"""The body of a trapdoor in the simulated bin: the door, and the plates that the item meets below it."""

from collections.abc import Mapping

from hardware.drives.trapdoor.section import TrapdoorFlapSection, TrapdoorSection
from hardware.pin_factory import PinFactory
from hardware.pins import SimulatedPin
from hardware.sim.fault_schedule import FaultSchedule
from hardware.sim.mechanics import BodyContext, FlapMechanics
from hardware.sim.shared_drive_body import SharedDriveBody


class PlatesBelowDoor:
    """What the bins below a trapdoor share. An item that falls through the door meets the plates in the order of the bins: the
    first that is out guides it; it falls to the chute's end where none is.

    Args:
        section: the door's drive.
        flaps: bin name -> section, of the bins below it.
        context: pins.
    """

    def __init__(
        self, section: TrapdoorSection, flaps: Mapping[str, TrapdoorFlapSection], context: BodyContext
    ) -> None:
        self.leader = next(iter(flaps), None)
        """The bin whose flap moves the door on for all of them."""
        self.plates: dict[str, FlapMechanics] = {}
        self._section = section
        self._pins = context.pins
        # Where each bin has a plate, what meets none falls past them all, into the last.
        self._end = next((bin for bin, one in flaps.items() if one.plate is None), ([*flaps] or ["door"])[-1])
        self.door = section.door.body(self._end, context)
        self._news: float | None = None

    @property
    def below(self) -> str:
        """The bin that an item falls into now."""
        return next((bin for bin, plate in self.plates.items() if plate.is_open), self._end)

    @property
    def news(self) -> float | None:
        """The opening (0..1) that the door has just been commanded to go to; None: nothing new."""
        return self._news

    def leave_open(self) -> None:
        """The door was left open, as after a crash."""
        self.door = self._section.door.body(self._end, BodyContext(self._pins, start_open=True))

    def connect(self, pins: PinFactory) -> None:
        """Wire door and plates to the same pins of another factory."""
        for part in (self.door, *self.plates.values()):
            part.connect(pins)

    def apply_faults(self, faults: FaultSchedule) -> None:
        """Take on what goes wrong: with a bin's plate, or with the door for the bin at the end."""
        for part in (self.door, *self.plates.values()):
            part.apply_faults(faults)

    def listen(self, time_s: float) -> None:
        """Read the pins of all."""
        for plate in self.plates.values():
            plate.listen(time_s)
        self._news = self.door.listen(time_s)

    def step(self, dt_s: float) -> None:
        """Let ``dt_s`` seconds pass."""
        for part in (self.door, *self.plates.values()):
            part.step(dt_s)


class TrapdoorBody(SharedDriveBody):
    """One bin below a trapdoor: open as far as the door is while an item would fall into this bin.

    Args:
        section: its plate and travel time.
        bin: the bin's name.
        shared: the door and the plates of all bins.
        context: how it differs from its section.
    """

    def __init__(self, section: TrapdoorFlapSection, bin: str, shared: PlatesBelowDoor, context: BodyContext) -> None:
        super().__init__(bin, shared, over=context.over, travel_s=section.travel_s)
        self._shared = shared
        self._plate = None if section.plate is None else section.plate.body(bin, context)
        if self._plate is not None:
            shared.plates[bin] = self._plate
        if context.start_open:
            shared.leave_open()

    @property
    def pins(self) -> tuple[SimulatedPin, ...]:
        return (*self._shared.door.pins, *(() if self._plate is None else self._plate.pins))

    @property
    def opening(self) -> float:
        return self._shared.door.opening if self._is_below else 0.0

    @property
    def commanded_opening(self) -> float:
        return self._shared.door.commanded_opening if self._is_below else 0.0

    @property
    def is_home(self) -> bool:
        """Whether its plate is home, and the door if an item would fall into this bin."""
        return (self._plate is None or self._plate.is_home) and (not self._is_below or self._shared.door.is_home)

    @property
    def is_moving(self) -> bool:
        return (self._plate is not None and self._plate.is_moving) or (self._is_below and self._shared.door.is_moving)

    @property
    def is_driven(self) -> bool:
        return (self._plate is not None and self._plate.is_driven) or (self._is_below and self._shared.door.is_driven)

    @property
    def is_let_go(self) -> bool:
        return self._shared.door.is_let_go

    @property
    def halt_s(self) -> float:
        moving = self._shared.door if self._plate is None or not self._plate.is_moving else self._plate
        return moving.halt_s

    @property
    def _is_below(self) -> bool:
        return self._shared.below == self.bin
