"""The state of the bin in a few words, as somebody before it would say it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from edge.bin_socket.messages import Status
from edge.page.live.trouble import Trouble, troubles_in
from edge.page.texts import mark

HANGS_S = 2.0
"""Age of a status that only a loop that hangs sends, in seconds."""

HELD_TEXTS = {
    "hand": mark("A hand is over the tray"),
    "lid": mark("The lid is open"),
    "locked": mark("Nothing may move: a switch is on"),
}
"""``held`` of a status -> what it means."""

TRAY_TEXTS = {
    "learning the empty tray": mark("Learning what the empty tray looks like"),
    "empty": mark("Ready: throw something in"),
    "something moves": mark("Something moves on the tray"),
    "item at rest": mark("Looking at what lies there"),
    "something reaches over the tray's edge": mark("A hand is over the tray"),
    "a flap stands open": mark("Sorting"),
}
"""``tray`` of a status (``edge.sight.presence.PresenceState``, whose module loads numpy) -> what it means."""


class Tone(StrEnum):
    """How a state is to be taken."""

    GOOD = "good"
    """The bin is ready."""
    BUSY = "busy"
    """It is at work, or waits for a moment."""
    BAD = "bad"
    """Somebody has to do something."""


@dataclass(frozen=True, slots=True)
class LineState:
    """What the bin does.

    Attributes:
        tone: how that is to be taken.
        text: in English, to be translated.
        detail: what the bin itself says of it, as it is; empty: nothing.
        into: the bin that an item is going into; None: none is.
        is_there: whether there is a bin that can be asked for something.
        is_paused: whether somebody has paused it.
        troubles: what somebody has to see to, the most urgent first.
        levels: bin -> how full, 0 empty to 1 full, of bins with a sensor.
    """

    tone: Tone
    text: str
    detail: str = ""
    into: str | None = None
    is_there: bool = True
    is_paused: bool = False
    troubles: tuple[Trouble, ...] = ()
    levels: tuple[tuple[str, float], ...] = ()

    @classmethod
    def of(cls, status: Status | None, problem: str | None) -> Self:
        """The state that the bin has told.

        Args:
            status: the newest; None: it has told none.
            problem: why there is no connection to the bin; None: there is one.
        """
        if problem is not None:
            return cls(Tone.BAD, mark("The bin does not answer"), problem, is_there=False)
        if status is None:
            return cls(Tone.BUSY, mark("Waiting for word from the bin"), is_there=False)
        report = status.report
        tone, text, detail, into = _told(report) if status.age_s <= HANGS_S else _HANGS
        troubles = troubles_in(report)
        if any(one.is_fault for one in troubles):
            tone, text = Tone.BAD, mark("Something has to be repaired")
        return cls(
            tone,
            text,
            detail,
            into,
            is_paused=report.get("paused") is True,
            troubles=troubles,
            levels=_levels(report),
        )


_Told = tuple[Tone, str, str, str | None]

_HANGS: _Told = (Tone.BAD, mark("The bin hangs"), "", None)


def _told(report: dict[str, object]) -> _Told:
    """Tone, text, detail and bin of a report."""
    if report.get("paused") is True:
        return Tone.BUSY, mark("Paused"), "", None
    if (held := str(report.get("held") or "")) in HELD_TEXTS:
        return Tone.BUSY, HELD_TEXTS[held], "", None
    if isinstance(moved := report.get("moved_by_hand"), str):
        return Tone.BUSY, mark("A flap was moved by hand"), "", moved
    if isinstance(into := report.get("open_bin"), str):
        return Tone.BUSY, mark("Sorting"), "", into
    if wait := report.get("wait"):
        return Tone.BUSY, mark("An item waits"), str(wait), None
    tray = str(report.get("tray"))
    if tray == "empty" and report.get("ready") is not True:
        return Tone.BUSY, mark("One moment"), "", None
    return Tone.GOOD if tray == "empty" else Tone.BUSY, TRAY_TEXTS.get(tray, tray), "", None


def _levels(report: dict[str, object]) -> tuple[tuple[str, float], ...]:
    found = report.get("fill_levels")
    if not isinstance(found, dict):
        return ()
    return tuple((str(name), float(level)) for name, level in found.items() if isinstance(level, int | float))
