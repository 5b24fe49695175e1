"""What must always hold while a bin sorts, and what was violated."""

from dataclasses import dataclass
from enum import StrEnum

from hardware.world.world import World


class Invariant(StrEnum):
    """What must always hold."""

    FRESH = "no flap opens on a picture that is too old"
    AT_REST = "no flap opens before the item is at rest"
    ONE_MOVES = "never two flaps in motion"
    NO_PERSON = "no drive moves while people are over the tray"
    ON_TIME = "no drive is under current longer than its longest time"
    TOLD = "a drive that is released after its longest time under current is told"
    LOCKED = "no flap moves off while the lid is open or the stop button is on"
    DECIDED = "no flap opens without a decision"
    ONE_DECISION = "an item is decided at most once"
    OPENINGS = "a flap opens once for an item, and again only for one that did not fall"
    RECORDED = "each decision is exactly one event on the disk"
    RECORDED_FIRST = "no flap opens before its decision is on the disk"
    HOME = "every flap is home and undriven in the end"
    BOUNDED = "memory and open files are bounded"
    RUNS = "the program does not fail for an unexpected reason"


@dataclass(frozen=True, slots=True)
class InvariantViolation:
    """An invariant was violated.

    Attributes:
        time_s: when, in seconds from the start of the scenario.
        invariant: which.
        text: what happened.
    """

    time_s: float
    invariant: Invariant
    text: str


class ViolationLog:
    """Collects violations.

    Args:
        world: keeps the time.

    Attributes:
        violations: in order.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.violations: list[InvariantViolation] = []

    def add(self, invariant: Invariant, text: str, *, time_s: float | None = None) -> None:
        """Note a violation, at a time in seconds of the world's clock; None: now."""
        when_s = (self._world.now_s if time_s is None else time_s) - self._world.start_s
        self.violations.append(InvariantViolation(round(when_s, 3), invariant, text))
