"""What the bin's sensors and flaps say now, in words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

from edge.bin_socket.bin_link import BinLink
from edge.bin_socket.messages import Status
from edge.page.texts import mark

TRAYS = {
    "learning the empty tray": mark("Learning what the empty tray looks like"),
    "empty": mark("empty"),
    "something moves": mark("Something moves on the tray"),
    "item at rest": mark("something lies on it"),
    "something reaches over the tray's edge": mark("A hand is over the tray"),
    "a flap stands open": mark("a flap stands open"),
}
"""``tray`` of a status -> its words."""

FLAPS = {
    "home": mark("all at home"),
    "open": mark("open"),
    "closing": mark("closing"),
    "fault": mark("at fault"),
}
"""``flaps`` of a status -> its words."""

HELD = {
    "": mark("nothing"),
    "hand": mark("A hand is over the tray"),
    "lid": mark("The lid is open"),
    "locked": mark("Nothing may move: a switch is on"),
}
"""Why no flap may move -> its words."""


@dataclass(frozen=True, slots=True)
class SensorState:
    """What is shown of the bin's parts.

    Attributes:
        problem: why nothing is known, in words; None: the bin answers.
        is_paused: whether somebody has paused the bin: only then a flap may be moved by hand.
        facts: name of a line on the page -> its text in English.
        out: the bin whose flap is not at home; empty: none.
        levels: bin -> 0 empty to 1 full, of bins with a level sensor.
    """

    problem: str | None
    is_paused: bool
    facts: Mapping[str, str]
    out: str
    levels: Mapping[str, float]

    @classmethod
    def of(cls, link: BinLink | None) -> Self:
        """The state that a bin has told last; None: there is no bin."""
        if link is None:
            return cls("there is no bin: only an event log is shown", False, {}, "", {})
        if link.problem is not None or link.status is None:
            return cls(link.problem or "the bin does not answer yet", False, {}, "", {})
        return cls._told(link.status)

    @classmethod
    def _told(cls, status: Status) -> Self:
        report = status.report
        by_hand = report.get("moved_by_hand")
        out = by_hand or report.get("open_bin")
        levels = report.get("fill_levels")
        facts = {
            "tray": _words(TRAYS, report.get("tray")),
            "flaps": mark("moved by hand, and still out:") if by_hand else _words(FLAPS, report.get("flaps")),
            "held": _words(HELD, report.get("held", "")),
        }
        return cls(
            problem=None,
            is_paused=report.get("paused") is True,
            facts=facts,
            out=out if isinstance(out, str) else "",
            levels=dict(levels) if isinstance(levels, dict) else {},
        )

    def tree(self, translate: Callable[[str], str]) -> dict[str, object]:
        """The state for a script, its texts translated."""
        return {
            "problem": self.problem,
            "paused": self.is_paused,
            "facts": {name: translate(text) for name, text in self.facts.items()},
            "out": self.out,
            "levels": self.levels,
        }


def _words(known: Mapping[str, str], value: object) -> str:
    """The words for a state; one that only a later release knows is shown as it is."""
    return known.get(str(value), str(value))
