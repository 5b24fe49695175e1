"""From the address of the page to the events that are wanted, and back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self
from urllib.parse import urlencode

from edge.records.event_search import EventFilter
from edge.records.feature_table import feature_id
from edge.teaching.reviews.review_log import ReviewKey

REASONS = ("confident", "unsure", "unknown", "hazard", "several", "full")
"""``edge.values.Reason``, whose module loads numpy."""

MOST_LETTERS = 100
"""Longest name that is looked for, in letters."""


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """What a visitor asks for; empty: whatever it is.

    Attributes:
        label, bin, reason: as of ``EventRow``.
        day: local date as ``2026-05-01``.
        reviewed: ``yes``, ``no``, or empty.
    """

    label: str = ""
    bin: str = ""
    reason: str = ""
    day: str = ""
    reviewed: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Self:
        """Read it from the parameters of an address; what cannot be is left out."""
        names = {key: query.get(key, "")[:MOST_LETTERS] for key in ("label", "bin", "reason")}
        reviewed = query.get("reviewed", "")
        day = query.get("day", "")
        return cls(
            **names,
            day=day if _bounds(day) is not None else "",
            reviewed=reviewed if reviewed in ("yes", "no") else "",
        )

    @property
    def query(self) -> str:
        """The parameters of an address that asks for the same."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return urlencode({name: value for name, value in values.items() if value})

    def events(self, reviewed: Mapping[ReviewKey, object]) -> EventFilter:
        """The events that are wanted.

        Args:
            reviewed: what something was said of.
        """
        places = frozenset(feature_id(session, number) for session, number, _ in reviewed)
        since_s, until_s = _bounds(self.day) or (None, None)
        return EventFilter(
            label=self.label or None,
            bin=self.bin or None,
            reason=self.reason or None,
            since_wall_s=since_s,
            until_wall_s=until_s,
            only=places if self.reviewed == "yes" else None,
            without=places if self.reviewed == "no" else frozenset(),
        )


def _bounds(day: str) -> tuple[float, float] | None:
    """When a local day begins and ends, in seconds since 1970 UTC; None: it is none."""
    try:
        first = date.fromisoformat(day)
        both = (datetime.combine(one, datetime.min.time()).timestamp() for one in (first, first + timedelta(days=1)))
        since_s, until_s = both
    except (ValueError, OverflowError, OSError):
        return None
    return since_s, until_s
