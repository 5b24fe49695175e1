"""Flaps that record their commands."""

from dataclasses import dataclass, field

from hardware.clock import ManualClock
from hardware.errors import FlapError, SensorError
from hardware.flap import Flap


@dataclass
class Journal:
    """Every command that any flap got: (time on the clock, bin, command)."""

    clock: ManualClock
    lines: list[tuple[float, str, str]] = field(default_factory=list)

    def commands(self, *names: str) -> list[tuple[str, str]]:
        """(bin, command) in order, of the commands named, or of all."""
        return [(flap, command) for _, flap, command in self.lines if not names or command in names]


class RecordingFlap(Flap):
    """A flap that writes down what it is told; it may be made to fail.

    Attributes:
        stands_home: where it was sent last; None before that.
        says_home: what its end switch says; None: it has none.
        shut: nothing can have fallen since it was told to open.
    """

    def __init__(self, name: str, journal: Journal, *, travel_s: float = 0.4) -> None:
        super().__init__(name=name, travel_s=travel_s)
        self._journal = journal
        self.broken: set[str] = set()
        self.driven = False
        self.stands_home: bool | None = None
        self.says_home: bool | None = None
        self.shut = False
        self.closes_slowly = True
        self.shares: list[float] = []

    @property
    def is_home(self) -> bool | None:
        if "is_home" in self.broken:
            raise SensorError(f"flap {self.name}: its end switch does not answer")
        return self.says_home

    @property
    def is_shut(self) -> bool:
        return self.shut

    @property
    def is_driven(self) -> bool:
        return self.driven

    def _note(self, command: str) -> None:
        self._journal.lines.append((self._journal.clock.now_s(), self.name, command))
        if command in self.broken:
            raise FlapError(f"flap {self.name}: cannot {command}")

    def open(self) -> None:
        self._note("open")
        self.driven, self.stands_home = True, False

    def home(self) -> None:
        self._note("home")
        self.driven, self.stands_home = True, True

    def halt(self) -> None:
        # One that cannot go step by step is a relay: let go, its spring would close it.
        if self.closes_slowly:
            super().halt()

    def creep_home(self, share: float) -> bool:
        self._note("creep")
        self.shares.append(share)
        return self.closes_slowly

    def detach(self) -> None:
        self._note("detach")
        self.driven = False

    def close(self) -> None:
        self._note("close")
        self.driven = False
