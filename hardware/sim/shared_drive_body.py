"""The body of a flap whose drive moves the flaps of several bins."""

from abc import abstractmethod
from typing import Protocol

from hardware.pin_factory import PinFactory
from hardware.sim.fault_schedule import FaultSchedule
from hardware.sim.mechanics import FlapMechanics


class SharedParts(Protocol):
    """What several bins share.

    Attributes:
        leader: the bin whose flap moves it on for all of them.
    """

    leader: str | None

    @property
    def news(self) -> float | None:
        """The opening (0..1) that it has just been commanded to go to; None: nothing new."""

    def connect(self, pins: PinFactory) -> None: ...

    def apply_faults(self, faults: FaultSchedule) -> None: ...

    def listen(self, time_s: float) -> None: ...

    def step(self, dt_s: float) -> None: ...


class SharedDriveBody(FlapMechanics):
    """One bin of several below one opening.

    Args:
        bin: the bin's name.
        shared: what moves for all of them.
        over: as of ``FlapMechanics``.
        travel_s: longest time for the whole way, in seconds.
    """

    def __init__(self, bin: str, shared: SharedParts, *, over: str | None, travel_s: float) -> None:
        super().__init__(bin, over=over, travel_s=travel_s)
        self._parts = shared
        self._leads = shared.leader == bin
        self._was_open = False

    @property
    @abstractmethod
    def _is_below(self) -> bool:
        """Whether an item would fall into this bin now."""

    def connect(self, pins: PinFactory) -> None:
        if self._leads:
            self._parts.connect(pins)

    def apply_faults(self, faults: FaultSchedule) -> None:
        if self._leads:
            self._parts.apply_faults(faults)

    def listen(self, time_s: float) -> float | None:
        if self._leads:
            self._parts.listen(time_s)
        return self._parts.news if self._is_below else None

    def step(self, dt_s: float) -> bool:
        if self._leads:
            self._parts.step(dt_s)
        opened = self.is_open and not self._was_open
        self._was_open = self.is_open
        self.openings += opened
        return opened
