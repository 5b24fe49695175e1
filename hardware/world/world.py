"""The protocol that a simulated world meets, for everything that runs the bin in it or compares with its truth."""

from collections.abc import Callable, Collection, Mapping
from typing import Protocol

from hardware.pin_factory import PinFactory
from hardware.world.fault import ActiveFault
from hardware.world.flap_command import FlapCommand
from hardware.world.flap_motion import FlapMotion
from hardware.world.person import PersonOverTray
from hardware.world.score import ItemOutcome, SimulationScore


class WorldItem(Protocol):
    """An item on the tray."""

    @property
    def label(self) -> str:
        """Its true label."""
        ...

    @property
    def name(self) -> str:
        """Where its picture comes from, relative to the items' folder."""
        ...


class WorldFlap(Protocol):
    """A flap as it really stands."""

    @property
    def opening(self) -> float:
        """0 closed, 1 open."""
        ...

    @property
    def commanded_opening(self) -> float:
        """The opening (0..1) that its pin last commanded; 0 before the first command."""
        ...

    @property
    def travel_s(self) -> float:
        """Configured time from closed to open, in seconds."""
        ...

    @property
    def is_home(self) -> bool:
        """Whether it is closed."""
        ...

    @property
    def is_driven(self) -> bool:
        """Whether its drive is energized."""
        ...


class WorldFaults(Protocol):
    """The faults of a world."""

    @property
    def active(self) -> tuple[ActiveFault, ...]:
        """Those that are active now."""
        ...

    def active_since(self, time_s: float) -> tuple[ActiveFault, ...]:
        """Those that have been active at any moment from a time up to now, in seconds of the world's clock."""
        ...

    @property
    def kinds(self) -> Collection[str]:
        """The kinds that are planned."""
        ...


class World(Protocol):
    """A simulated bin on an injected clock. It moves on in ``advance()``, and just before a pin changes.

    Attributes:
        on_command: called with each ``FlapCommand`` that a pin gives; None: not called.
        on_motion: called with a ``FlapMotion`` at each step in which a flap moves while people are over the tray; None: not
            called.
        on_item_outcome: called with each item's ``ItemOutcome`` once it is gone; None: not called.
    """

    on_command: Callable[[FlapCommand], None] | None
    on_motion: Callable[[FlapMotion], None] | None
    on_item_outcome: Callable[[ItemOutcome], None] | None

    @property
    def start_s(self) -> float:
        """When the world began, in seconds of its clock."""
        ...

    @property
    def now_s(self) -> float:
        """Time up to which the world has moved on, in seconds of its clock."""
        ...

    @property
    def quiet_until_s(self) -> float:
        """Time until which nothing will happen, in seconds of its clock; not after ``now_s`` while something happens."""
        ...

    @property
    def finished(self) -> bool:
        """Whether all items are gone and the flaps are home, or will never be."""
        ...

    @property
    def flaps(self) -> Mapping[str, WorldFlap]:
        """Bin name -> flap."""
        ...

    @property
    def faults(self) -> WorldFaults:
        """What goes wrong."""
        ...

    @property
    def person(self) -> PersonOverTray | None:
        """Who is over the tray, whether a picture shows it or not; None: nobody is."""
        ...

    @property
    def on_tray(self) -> WorldItem | None:
        """The item that lies on the tray or is arriving, the first if there are several; None when there is none."""
        ...

    @property
    def number_on_tray(self) -> int | None:
        """The number of that item; 1 is the first of the world."""
        ...

    @property
    def number_shown(self) -> int | None:
        """The number of the item that the newest picture shows there, though it may have left and another one lie there;
        ``number_on_tray`` where it shows none or nothing is there any more."""
        ...

    @property
    def is_at_rest(self) -> bool:
        """Whether that item lies still."""
        ...

    def advance(self) -> float:
        """Move the world on to its clock's now. Returns that time, in seconds."""
        ...

    def connect(self, pin_factory: PinFactory) -> None:
        """Continue on other pins: the program that drives them was restarted, the world was not."""
        ...

    def score(self) -> SimulationScore:
        """The outcomes so far. An item that is still on its way is not counted."""
        ...

    def close(self) -> None:
        """Release the pins. May be called twice."""
        ...
