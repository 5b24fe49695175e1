"""Vanishing: what was on the tray and is gone, though no flap opened for it and nobody took it away."""

from edge.alarms import Alarm, Alarms
from edge.sight.presence import PresenceState

SEEN_FRAMES = 2
"""In so many frames a thing must have been seen; one alone may be a flicker."""


class UnexplainedLossDetector:
    """Notices things that fall where nothing should be open: a flap that was left ajar swallows whatever comes.

    A hand that takes a thing away, and a thing that slides off the tray, is seen over the edge on its way.

    Args:
        alarms: where it is told, until a thing is sorted as it should be.
    """

    def __init__(self, alarms: Alarms) -> None:
        self._alarms = alarms
        self._seen = 0
        self._last: PresenceState | None = None

    def observe(self, state: PresenceState, *, is_empty: bool) -> bool:
        """Take what a frame shows while no item is in hand; True when a thing has just vanished."""
        if state is PresenceState.LEARNING:
            self._seen = 0
            return False
        if state is not PresenceState.EMPTY:
            self._seen += 1
            self._last = state
            return False
        if not is_empty:
            return False
        vanished = self._seen >= SEEN_FRAMES and self._last is not PresenceState.EDGE_CROSSED
        self._seen = 0
        if vanished:
            sentence = "something vanished from the tray before it was decided: see whether a flap stands open"
            self._alarms.update(Alarm.UNEXPLAINED_LOSS, sentence)
        return vanished

    def reset(self) -> None:
        """What was on the tray may be gone: its flap opens, or nobody has looked for a while."""
        self._seen = 0

    def clear_alarm(self) -> None:
        """An item lay until its flap opened, and fell."""
        self._alarms.update(Alarm.UNEXPLAINED_LOSS, None)
