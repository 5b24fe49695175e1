"""The active alarms: conditions that need the operator, the most urgent first."""

import logging
from collections import Counter, deque
from collections.abc import Iterator
from enum import StrEnum
from statistics import median

log = logging.getLogger(__name__)


class Alarm(StrEnum):
    """The kinds of alarm, the most urgent first. The value is the field ``alarm`` of the log record."""

    FLAP = "flap"
    """A flap cannot be driven, or is not where it was sent."""
    CURRENT = "current"
    """A drive was under current for too long and was let go."""
    JAM = "jam"
    """An item does not fall into its bin."""
    STOPPED = "stopped"
    """The stop button is on."""
    SERVICE = "service"
    """The bin is in service mode."""
    PAUSED = "paused"
    """The bin was paused by hand, and perhaps forgotten."""
    FULL = "full"
    """A bin is full."""
    SENSOR = "sensor"
    """A switch or a level sensor cannot be read, or the status light cannot be driven."""
    EVENTS = "events"
    """Events cannot be written."""
    CLASSIFIER = "classifier"
    """The classifier fails."""
    CAMERA = "camera"
    """The camera delivers no usable frame."""
    LEARNING = "learning"
    """The empty tray cannot be learnt."""
    HAND = "hand"
    """Something has been over the tray's edge for too long, or the lid has been open for too long."""
    UNEXPLAINED_LOSS = "unexplained_loss"
    """An item disappeared although no flap should be open."""
    MOTION = "motion"
    """Something on the tray does not come to rest."""
    PROGRAM = "program"
    """An unexpected error."""
    PROGRESS = "progress"
    """An item lies there, or pictures cannot be used, without a decision and without another reason."""
    RECORDS = "records"
    """The event log was damaged and set aside; sorting goes on with a new one."""
    HEAD = "head"
    """A taught head was refused; the one before, or the model alone, answers."""
    ACCELERATOR = "accelerator"
    """The accelerator has failed; the CPU runs the model."""
    SLOW_DISK = "slow_disk"
    """Events take long to be written."""
    SLOW_VIEW = "slow_view"
    """Views take long to be classified."""


_URGENCY = {alarm: rank for rank, alarm in enumerate(Alarm)}


class Alarms:
    """The active alarms, each with a message. Every change is logged once, however often it is reported.

    Attributes:
        counts: number of times that each alarm was raised since start.
    """

    def __init__(self) -> None:
        self._active: dict[Alarm, str] = {}
        self.counts: Counter[Alarm] = Counter()

    def update(self, alarm: Alarm, message: str | None) -> None:
        """Set the state of an alarm.

        Args:
            alarm: the alarm.
            message: text for the operator; None clears the alarm.
        """
        previous = self._active.get(alarm)
        if message == previous:
            return
        if message is None:
            del self._active[alarm]
            log.warning("alarm cleared: %s", previous, extra={"alarm": str(alarm)})
            return
        self.counts[alarm] += previous is None
        self._active[alarm] = message
        log.error("alarm: %s", message, extra={"alarm": str(alarm)})

    def __contains__(self, alarm: Alarm) -> bool:
        return alarm in self._active

    def __iter__(self) -> Iterator[str]:
        """The messages of the active alarms, the most urgent first."""
        return iter([message for _, message in self.items()])

    def items(self) -> list[tuple[Alarm, str]]:
        """The active alarms with their messages, the most urgent first."""
        active = self._active.copy()
        return [(alarm, active[alarm]) for alarm in sorted(active, key=_URGENCY.__getitem__)]

    def message(self, alarm: Alarm) -> str | None:
        """The message of an alarm; None if it is not active."""
        return self._active.get(alarm)

    @property
    def active(self) -> frozenset[Alarm]:
        """The active alarms."""
        return frozenset(self._active)

    @property
    def most_urgent(self) -> str | None:
        """Message of the most urgent active alarm; None if there is none."""
        return next(iter(self), None)


class SlownessAlarm:
    """Reports an operation that has become slow, by the median of its newest times: a single slow one says nothing.

    Args:
        alarms: where it is reported.
        alarm: the kind of alarm.
        sentence: what is said, with ``{:.1f}`` for the median in seconds.
        slow_s: median from which it is reported, in seconds.
        fewest, most: number of times from which the median is judged, and number of the newest that count.
    """

    def __init__(self, alarms: Alarms, alarm: Alarm, sentence: str, *, slow_s: float, fewest: int, most: int) -> None:
        self._alarms = alarms
        self._alarm = alarm
        self._sentence = sentence
        self._slow_s = slow_s
        self._fewest = fewest
        self._newest: deque[float] = deque(maxlen=most)

    def add(self, duration_s: float) -> None:
        """Take the time of one operation, in seconds."""
        self._newest.append(duration_s)
        if len(self._newest) < self._fewest:
            return
        usual_s = median(self._newest)
        self._alarms.update(self._alarm, self._sentence.format(usual_s) if usual_s > self._slow_s else None)
