"""Detects items that disappear from the tray although no flap was opened and no hand removed them."""

from edge.alarms import Alarm, Alarms
from edge.sight.presence import PresenceState

MIN_FRAMES = 2
"""Minimum number of frames that showed the item; a single one may be noise."""


class UnexplainedLossDetector:
    """Raises an alarm when an item disappears: a flap that stands open lets items fall through.

    A hand that removes an item, and an item that slides off the tray, cross the tray's edge and are seen there.

    Args:
        alarms: receives the alarm, which stays until an item is sorted normally.
    """

    def __init__(self, alarms: Alarms) -> None:
        self._alarms = alarms
        self._frames = 0
        self._last_state: PresenceState | None = None

    def observe(self, state: PresenceState, *, is_empty: bool) -> bool:
        """Update with a frame. Call it while no item is being delivered.

        Args:
            state: what the frame shows.
            is_empty: whether the tray counts as empty.

        Returns:
            True if an item has just disappeared.
        """
        if state in (PresenceState.LEARNING, PresenceState.FLAP_OPEN):
            self._frames = 0
            return False
        if state is not PresenceState.EMPTY:
            self._frames += 1
            self._last_state = state
            return False
        if not is_empty:
            return False
        lost = self._frames >= MIN_FRAMES and self._last_state is not PresenceState.EDGE_CROSSED
        self._frames = 0
        if lost:
            message = "something vanished from the tray before it was decided: see whether a flap stands open"
            self._alarms.update(Alarm.UNEXPLAINED_LOSS, message)
        return lost

    def reset(self) -> None:
        """Forget the item on the tray: its flap opens, or the tray was not observed for some time."""
        self._frames = 0

    def clear_alarm(self) -> None:
        """Clear the alarm: an item was sorted normally."""
        self._alarms.update(Alarm.UNEXPLAINED_LOSS, None)
