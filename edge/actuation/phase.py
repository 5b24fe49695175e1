"""The phases of the diverter, each with the flap and the times that belong to it."""

from dataclasses import dataclass
from enum import StrEnum


class DiverterState(StrEnum):
    """What the diverter is doing."""

    HOME = "home"
    OPEN = "open"
    CLOSING = "closing"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class HomePhase:
    """Every flap is closed and let go."""


@dataclass(frozen=True, slots=True)
class OpenPhase:
    """One flap travels to open and dwells there.

    Attributes:
        bin: whose flap.
        arrives_s: when it has had the time to open, on the monotonic clock.
        due_s: when it is to go home.
        is_halted: it was stopped on its way, and stays where it is.
    """

    bin: str
    arrives_s: float
    due_s: float
    is_halted: bool = False


@dataclass(frozen=True, slots=True)
class ClosingPhase:
    """That flap travels home.

    Attributes:
        bin: whose flap.
        arrives_s: when it has had the time to come home, on the monotonic clock.
        is_halted: it was stopped on its way, and stays where it is.
    """

    bin: str
    arrives_s: float
    is_halted: bool = False

    @property
    def due_s(self) -> float:
        """When it is to be let go."""
        return self.arrives_s


@dataclass(frozen=True, slots=True)
class FaultPhase:
    """A flap could not be driven; it is sent home again after a pause.

    Attributes:
        bin: whose flap.
        arrives_s: until then it may be under way all the same, and nothing else moves.
        due_s: when it is tried again, on the monotonic clock.
    """

    bin: str
    arrives_s: float
    due_s: float


Phase = HomePhase | OpenPhase | ClosingPhase | FaultPhase
"""What the diverter is doing, with all that belongs to it."""

STATE_OF: dict[type[Phase], DiverterState] = {
    HomePhase: DiverterState.HOME,
    OpenPhase: DiverterState.OPEN,
    ClosingPhase: DiverterState.CLOSING,
    FaultPhase: DiverterState.FAULT,
}
"""The name of each phase."""
