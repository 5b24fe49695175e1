"""What a calibration came to, at a glance: what is fine, and what to do next."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum


class StepState(Enum):
    """How a step ended."""

    FINE = "Fine"
    LEFT = "Not fine yet"
    SKIPPED = "Skipped"
    FAILED = "Failed"


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """How a step ended.

    Attributes:
        title: what was calibrated, e.g. ``tray`` or ``flaps: paper``.
        state: how it ended.
        to_do: what is left to be done about it, a sentence each; empty if it is fine or was skipped.
    """

    title: str
    state: StepState
    to_do: tuple[str, ...] = ()


def summary(outcomes: Sequence[StepOutcome], *, then: str) -> Iterator[str]:
    """The lines of the summary.

    Args:
        outcomes: of the steps, in order.
        then: what comes last of what is to be done.
    """
    for state in StepState:
        titles = [outcome.title for outcome in outcomes if outcome.state is state]
        if titles:
            yield f"{state.value}: {', '.join(titles)}."
    tasks = [f"{outcome.title}: {task}" for outcome in outcomes for task in outcome.to_do]
    yield "Next:"
    yield from numbered([*tasks, then])


def numbered(lines: Sequence[str]) -> Iterator[str]:
    """The lines with their numbers, from 1."""
    for number, line in enumerate(lines, 1):
        yield f"  {number}. {line}"
