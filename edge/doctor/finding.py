"""A finding: what one check saw, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"
    NOT_HERE = "not here"
    """There is nothing to look at: no such part, or the configuration does not ask for it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report.

    Attributes:
        check: what was looked at, in a word or two.
        status: how it is.
        found: what was seen.
        advice: what to do; empty where nothing is to be done.

    Raises:
        ValueError: a warning or a failure without advice.
    """

    check: str
    status: Status
    found: str
    advice: str = ""

    def __post_init__(self) -> None:
        if self.status in (Status.WARNING, Status.FAILURE) and not self.advice:
            raise ValueError(f"finding {self.check!r}: a {self.status} needs an advice")


def ok(check: str, found: str) -> Finding:
    """All is well."""
    return Finding(check, Status.OK, found)


def warning(check: str, found: str, advice: str) -> Finding:
    """The bin sorts, but not as it should, or not for long."""
    return Finding(check, Status.WARNING, found, advice)


def failure(check: str, found: str, advice: str) -> Finding:
    """The bin cannot sort."""
    return Finding(check, Status.FAILURE, found, advice)


def not_here(check: str, found: str) -> Finding:
    """There is nothing to look at."""
    return Finding(check, Status.NOT_HERE, found)


def from_error(check: str, text: str, otherwise: str) -> Finding:
    """A failure from an error's text: "what is wrong; what to do", or with the advice ``otherwise``."""
    found, _, advice = text.partition("; ")
    return failure(check, found, advice or otherwise)
