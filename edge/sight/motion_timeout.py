"""Alarm for motion on the tray that does not stop."""

from edge.alarms import Alarm, Alarms

ALARM_S = 11.0
"""Duration of motion until the alarm, in seconds. Longer than the interlock's 10 s, so that a hand raises its own alarm."""


class MotionTimeout:
    """Raises an alarm when something keeps moving on the tray or over its edge.

    Args:
        alarms: receives the alarm.
    """

    def __init__(self, alarms: Alarms) -> None:
        self._alarms = alarms
        self._since_s: float | None = None

    def observe(self, moving: bool, time_s: float) -> None:
        """Update the alarm with a frame.

        Args:
            moving: whether the frame shows something that is not at rest.
            time_s: capture time of the frame, in seconds on the monotonic clock.
        """
        if not moving:
            self._since_s = None
        elif self._since_s is None:
            self._since_s = time_s
        # Something over the edge has its own alarm.
        hand = Alarm.HAND in self._alarms
        timed_out = self._since_s is not None and time_s - self._since_s > ALARM_S and not hand
        message = "something on the tray does not come to rest, nothing is sorted: steady it, or take it away"
        self._alarms.update(Alarm.MOTION, message if timed_out else None)
