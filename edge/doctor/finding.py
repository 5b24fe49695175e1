"""A finding: what one check saw, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class CheckStatus(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"
    NOT_APPLICABLE = "not here"
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
    status: CheckStatus
    found: str
    advice: str = ""

    def __post_init__(self) -> None:
        if self.status in (CheckStatus.WARNING, CheckStatus.FAILURE) and not self.advice:
            raise ValueError(f"finding {self.check!r}: a {self.status} needs an advice")


def ok(check: str, found: str) -> Finding:
    """All is well."""
    return Finding(check, CheckStatus.OK, found)


def warning(check: str, found: str, advice: str) -> Finding:
    """The bin sorts, but not as it should, or not for long."""
    return Finding(check, CheckStatus.WARNING, found, advice)


def failure(check: str, found: str, advice: str) -> Finding:
    """The bin cannot sort."""
    return Finding(check, CheckStatus.FAILURE, found, advice)


def not_applicable(check: str, found: str) -> Finding:
    """There is nothing to look at."""
    return Finding(check, CheckStatus.NOT_APPLICABLE, found)


def from_error(check: str, text: str, otherwise: str) -> Finding:
    """A failure from an error's text: "what is wrong; what to do", or with the advice ``otherwise``."""
    found, _, advice = text.partition("; ")
    return failure(check, found, advice or otherwise)
