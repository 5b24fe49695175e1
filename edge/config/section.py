"""The base class of all sections of the configuration, and the types and validators that they share."""

from collections.abc import Callable
from typing import Annotated

from pydantic import Field

from hardware.section import Section

__all__ = ["PositiveSeconds", "Seconds", "Section", "Share", "not_below", "ordered"]

Share = Annotated[float, Field(ge=0, le=1)]
"""A fraction, 0..1."""

PositiveSeconds = Annotated[float, Field(gt=0, le=3600)]
"""A duration in seconds, > 0, at most an hour."""

Seconds = Annotated[float, Field(ge=0, le=3600)]
"""A duration in seconds, >= 0, at most an hour."""


def ordered(pair: tuple[float, float]) -> tuple[float, float]:
    """Validate that a range ascends."""
    if pair[0] > pair[1]:
        raise ValueError("expected [minimum, maximum], in this order")
    return pair


def not_below(minimum: float) -> Callable[[tuple[float, float]], tuple[float, float]]:
    """Make a validator for ranges that start at ``minimum`` or above."""

    def check(pair: tuple[float, float]) -> tuple[float, float]:
        if pair[0] < minimum:
            raise ValueError(f"expected at least {minimum:g}")
        return pair

    return check
