"""Attention: what a person has to see to, each matter once, the most urgent first."""

import logging
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum

log = logging.getLogger(__name__)


class Alarm(StrEnum):
    """What can be the matter, the most urgent first."""

    FLAP = "flap"
    """A flap cannot be driven, or is not where it was sent."""
    JAM = "jam"
    """An item does not fall."""
    STOPPED = "stopped"
    """Somebody has pressed the stop button."""
    SERVICE = "service"
    """Somebody works on the bin."""
    FULL = "full"
    """A bin is full."""
    SENSOR = "sensor"
    """A switch or a level sensor cannot be read, or a light does not shine."""
    EVENTS = "events"
    """Events cannot be written."""
    CLASSIFIER = "classifier"
    """The classifier does not answer."""
    CAMERA = "camera"
    """No picture to sort by."""
    HAND = "hand"
    """Something reaches over the tray's edge and stays, or the lid stands open."""
    UNEXPLAINED_LOSS = "vanished"
    """Something fell where nothing should be open."""
    MOTION = "unrest"
    """Something on the tray does not come to rest."""
    PROGRAM = "program"
    """An error that nobody foresaw."""
    ACCELERATOR = "accelerator"
    """The accelerator is lost; the processor does its work."""


_URGENCY = {trouble: rank for rank, trouble in enumerate(Alarm)}


class Alarms:
    """The troubles that last. Every change is logged once, however often it is told.

    Attributes:
        counts: how often each trouble came up since start.
    """

    def __init__(self) -> None:
        self._open: dict[Alarm, str] = {}
        self.counts: Counter[Alarm] = Counter()

    def update(self, trouble: Alarm, sentence: str | None) -> None:
        """How a matter stands now: a sentence for the operator, or None when all is well."""
        before = self._open.get(trouble)
        if sentence == before:
            return
        if sentence is None:
            del self._open[trouble]
            log.warning("over: %s", before, extra={"trouble": str(trouble)})
            return
        self.counts[trouble] += before is None
        self._open[trouble] = sentence
        log.error("attention: %s", sentence, extra={"trouble": str(trouble)})

    def __contains__(self, trouble: Alarm) -> bool:
        return trouble in self._open

    def __iter__(self) -> Iterator[str]:
        """The sentences, the most urgent first."""
        now = self._open.copy()  # the status page reads from a thread of its own
        return iter([now[trouble] for trouble in sorted(now, key=_URGENCY.__getitem__)])

    @property
    def active(self) -> frozenset[Alarm]:
        """What is the matter now."""
        return frozenset(self._open)

    @property
    def most_urgent(self) -> str | None:
        """The most urgent sentence; None when all is well."""
        return next(iter(self), None)
