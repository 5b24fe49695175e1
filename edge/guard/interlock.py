"""The interlock: no flap moves while a hand is in the tray, shortly after, while the lid is open, or while locked."""

import math

from edge.alarms import Alarm, Alarms

ALARM_S = 10.0
"""An interlock that lasts longer raises an alarm, in seconds."""

HAND_S = 0.2
"""What crosses the edge for a shorter time was thrown in and is no hand, in seconds."""

CLEAR_PER_CROSSING, MIN_CLEAR_S = 3.0, 0.2
"""Throwing an item in must not cost time: the edge need be clear only for this multiple of the time that it was crossed,
at least for ``MIN_CLEAR_S`` seconds, at most for ``clear_s``."""

EDGE_CROSSED = "something reaches over the tray's edge, no flap moves: take it away, or lay it on the tray"
LID_OPEN = (
    "the lid is open or something is before its sensor, no flap moves: close it; if it is closed, see to its wire"
)


class Interlock:
    """Says whether motion is forbidden, from what the camera sees and from what the switches say.

    It commands nothing: the permit asks it. Of what is seen, only frames begin an interlock and only frames end it.

    Args:
        alarms: where an interlock that does not end is reported.
        clear_s: how long the tray's edge must be seen clear after a hand, and the lid be closed, before a flap moves
            again; in seconds, >= 0.

    Attributes:
        is_lid_closed: the lid has been seen closed for long enough, or none is fitted.
        is_tray_known: the empty tray is known; if not, nobody is asked to take anything away.
    """

    def __init__(self, alarms: Alarms, *, clear_s: float) -> None:
        self._alarms = alarms
        self._clear_s = clear_s
        self._since_s: float | None = None
        self._crossed_s = 0.0
        self._crossed_long = False
        self._lid = False
        self.is_lid_closed = False
        self.is_tray_known = True
        self._lid_s = -math.inf
        self._open_since_s: float | None = None
        self._open_long = False
        self._locked = False

    @property
    def active(self) -> bool:
        """Whether a hand is in the tray or was until a moment ago, the lid is open, or the flaps are locked."""
        return self._since_s is not None or self._lid or self._locked

    @property
    def reason(self) -> str:
        """Why motion is forbidden, in one word: locked, hand or lid; empty while it is not."""
        if self._locked:
            return "locked"
        return "hand" if self._since_s is not None else "lid" if self._lid else ""

    @property
    def is_hand(self) -> bool:
        """Whether what is seen now, or was until a moment ago, stays as long as a hand does."""
        return self._since_s is not None and self._crossed_s - self._since_s >= HAND_S

    def observe(self, is_edge_crossed: bool, time_s: float) -> None:
        """Take what a frame shows.

        Args:
            is_edge_crossed: whether something reaches over the tray's edge, or may.
            time_s: when the frame was taken, in seconds on the monotonic clock.
        """
        if is_edge_crossed:
            self._crossed_s = time_s
            if self._since_s is None:
                self._since_s = time_s
        elif self._since_s is not None:
            clear_s = min(self._clear_s, max(MIN_CLEAR_S, CLEAR_PER_CROSSING * (self._crossed_s - self._since_s)))
            if time_s - self._crossed_s >= clear_s:
                self._since_s = None
        is_long = self._since_s is not None and time_s - self._since_s > ALARM_S
        self._crossed_long = is_long and self.is_tray_known
        self._report()

    def observe_switches(self, lid_open: bool | None, *, locked: bool, now_s: float, is_bounce: bool = False) -> None:
        """Take what the switches say, with or without frames.

        Args:
            lid_open: whether the lid is open, or a hand before its sensor; None: not known, which forbids motion too.
            locked: whether nothing may move whatever is seen.
            now_s: time on the monotonic clock, in seconds.
            is_bounce: whether the lid may be shut and its contact bounces: motion is forbidden now, and not after.
        """
        if lid_open is not False and not is_bounce:
            self._lid_s = now_s
        self._lid = lid_open is not False or now_s - self._lid_s < self._clear_s
        self.is_lid_closed = not self._lid
        self._open_since_s = None if not lid_open else now_s if self._open_since_s is None else self._open_since_s
        self._open_long = self._open_since_s is not None and now_s - self._open_since_s > ALARM_S
        self._locked = locked
        self._report()

    def _report(self) -> None:
        sentence = EDGE_CROSSED if self._crossed_long else LID_OPEN if self._open_long else None
        # A lock is set on purpose and has an alarm of its own.
        self._alarms.update(Alarm.HAND, None if self._locked else sentence)
