"""Unrest: something on the tray that cannot be looked at in peace is worth a person's look."""

from edge.alarms import Alarm, Alarms

ALARM_S = 11.0
"""So long after it came something may still move, in seconds; a hand is told earlier, as that."""


class MotionTimeout:
    """Tells when something moves on the tray, or over its edge, and does not stop.

    Args:
        alarms: where it is told.
    """

    def __init__(self, alarms: Alarms) -> None:
        self._alarms = alarms
        self._since_s: float | None = None

    def observe(self, moving: bool, time_s: float) -> None:
        """Take what a frame shows.

        Args:
            moving: whether there is something that is not at rest.
            time_s: when the frame was taken, in seconds on the monotonic clock.
        """
        if not moving:
            self._since_s = None
        elif self._since_s is None:
            self._since_s = time_s
        # What only reaches over the edge is told as that.
        other = Alarm.HAND in self._alarms
        long = self._since_s is not None and time_s - self._since_s > ALARM_S and not other
        sentence = "something on the tray does not come to rest, nothing is sorted: steady it, or take it away"
        self._alarms.update(Alarm.MOTION, sentence if long else None)
