"""A finding: the result of one check, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class CheckStatus(StrEnum):
    """Outcome of a check."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"
    NOT_APPLICABLE = "not here"
    """Nothing to check: there is no such part, or the configuration does not use it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report.

    Attributes:
        check: name of the check, one or two words.
        status: outcome.
        found: the observation.
        advice: what to do; empty if nothing needs to be done.

    Raises:
        ValueError: a warning or a failure without advice.
    """

    check: str
    status: CheckStatus
    found: str
    advice: str = ""

    def __post_init__(self) -> None:
        if self.status in (CheckStatus.WARNING, CheckStatus.FAILURE) and not self.advice:
            raise ValueError(f"finding {self.check!r}: a {self.status} needs advice")


def ok(check: str, found: str) -> Finding:
    """A finding with status OK."""
    return Finding(check, CheckStatus.OK, found)


def warning(check: str, found: str, advice: str) -> Finding:
    """A warning: the bin sorts, but not as well or not for as long as it should."""
    return Finding(check, CheckStatus.WARNING, found, advice)


def failure(check: str, found: str, advice: str) -> Finding:
    """A failure: the bin cannot sort."""
    return Finding(check, CheckStatus.FAILURE, found, advice)


def not_applicable(check: str, found: str) -> Finding:
    """A finding for a check that has nothing to check."""
    return Finding(check, CheckStatus.NOT_APPLICABLE, found)


def from_error(check: str, text: str, default_advice: str) -> Finding:
    """A failure from an error's text "problem; advice". Without advice in the text, ``default_advice`` is used."""
    found, _, advice = text.partition("; ")
    return failure(check, found, advice or default_advice)
