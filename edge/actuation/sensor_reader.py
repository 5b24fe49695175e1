"""The sensor reader: reads sensors that may fail, and reports those that do."""

from collections.abc import Callable
from typing import TypeVar

from edge.alarms import Alarm, Alarms
from edge.backoff import BackOff
from hardware.clock import Clock
from hardware.errors import SensorError

T = TypeVar("T")

FIRST_PAUSE_S, MAX_PAUSE_S = 1.0, 5.0
"""First and longest pause before a sensor that failed is read again, in seconds: a loose contact must not fill the log, and a
sensor that is back should count soon."""


class SensorReader:
    """Reads sensors with a pause after each failure.

    Args:
        clock: time.
        alarms: where sensors that fail are reported, all in one sentence.

    Attributes:
        clock: as given.
    """

    def __init__(self, clock: Clock, alarms: Alarms) -> None:
        self.clock = clock
        self._alarms = alarms
        self._failing: dict[str, str] = {}
        self._pauses: dict[str, BackOff] = {}

    def read(self, key: str, reading: Callable[[], T], *, consequence: str) -> T | None:
        """The reading of a sensor; None while it fails.

        Args:
            key: the sensor's, in the configuration.
            reading: reads it; may raise SensorError.
            consequence: what the bin does without it, in words.
        """
        pause = self._pauses.get(key)
        if pause is not None and pause.waiting:
            return None
        try:
            value = reading()
        except SensorError as error:
            text = str(error)
            self._pauses.setdefault(key, BackOff(self.clock, first_s=FIRST_PAUSE_S, max_s=MAX_PAUSE_S)).fail()
            self._note(key, f"{text if key in text else f'{key}: {text}'}; {consequence}")
            return None
        if pause is not None:
            del self._pauses[key]
        self._note(key, None)
        return value

    def report(self, key: str, sentence: str | None) -> None:
        """Report what is wrong with a part that can be read, in words; None: nothing any more."""
        self._note(key, sentence)

    def _note(self, key: str, sentence: str | None) -> None:
        if self._failing.get(key) == sentence:
            return
        if sentence is None:
            del self._failing[key]
        else:
            self._failing[key] = sentence
        self._alarms.update(Alarm.SENSOR, "; ".join(self._failing.values()) or None)
