"""Senses: asking sensors that may fail, and telling of those that do."""

from collections.abc import Callable
from typing import TypeVar

from edge.alarms import Alarm, Alarms
from edge.backoff import BackOff
from hardware.clock import Clock
from hardware.errors import SensorError

T = TypeVar("T")

FIRST_S, MOST_S = 1.0, 5.0
"""First and longest pause before a sensor that failed is asked again, in seconds."""


class SensorReader:
    """Asks sensors, and leaves one that has failed alone for a while.

    Args:
        clock: time.
        alarms: where sensors that fail are told, all in one sentence.
    """

    def __init__(self, clock: Clock, alarms: Alarms) -> None:
        self._clock = clock
        self._alarms = alarms
        self._failing: dict[str, str] = {}
        self._pauses: dict[str, BackOff] = {}

    def read(self, key: str, question: Callable[[], T], *, so: str) -> T | None:
        """What a sensor answers; None while it fails.

        Args:
            key: the sensor's, in the configuration.
            question: reads it; may raise SensorError.
            so: what the bin does without it, in words.
        """
        pause = self._pauses.get(key)
        if pause is not None and pause.waiting:
            return None
        try:
            answer = question()
        except SensorError as error:
            text = str(error)
            self._pauses.setdefault(key, BackOff(self._clock, first_s=FIRST_S, most_s=MOST_S)).fail()
            self._note(key, f"{text if key in text else f'{key}: {text}'}; {so}")
            return None
        if pause is not None:
            del self._pauses[key]
        self._note(key, None)
        return answer

    def _note(self, key: str, sentence: str | None) -> None:
        if self._failing.get(key) == sentence:
            return
        if sentence is None:
            del self._failing[key]
        else:
            self._failing[key] = sentence
        self._alarms.update(Alarm.SENSOR, "; ".join(self._failing.values()) or None)
