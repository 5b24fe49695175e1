"""The hold: no flap moves while a hand is in the tray, nor shortly after, nor while somebody has locked the flaps."""

import math

from edge.actuation.diverter import Diverter
from edge.alarms import Alarm, Alarms

ALARM_S = 10.0
"""A hold that lasts longer is worth a person's look, in seconds."""

HAND_S = 0.2
"""What crosses the edge in less was thrown in and is no hand, in seconds."""

CLEAR_PER_REACH, LEAST_CLEAR_S = 3.0, 0.2
"""So that throwing in costs no time, the edge need be clear only for so many times as long as something reached over it,
and for so many seconds at least, up to ``clear_s``."""

REACHES = "something reaches over the tray's edge, no flap moves: take it away, or lay it on the tray"
LID_OPEN = "the lid is open or something is before its sensor, no flap moves: close it"


class Interlock:
    """Holds the diverter by what is seen, and by what the bin's switches say.

    Of what is seen, only frames begin a hold and only frames end it: who sees nothing moves nothing.

    Args:
        diverter: what is held.
        alarms: where a hold that does not end is told.
        clear_s: how long the tray's edge must be seen clear after a hand, and the lid closed, before a flap moves again;
            in seconds, >= 0.
    """

    def __init__(self, diverter: Diverter, alarms: Alarms, *, clear_s: float) -> None:
        self._diverter = diverter
        self._alarms = alarms
        self._clear_s = clear_s
        self._waits = False
        self._since_s: float | None = None
        self._reached_s = 0.0
        self._seen_long = False
        self._lid = False
        self._lid_s = -math.inf
        self._open_s: float | None = None
        self._open_long = False
        self._locked = False

    @property
    def active(self) -> bool:
        """Is a hand in the tray, or was it until a moment ago, or are the flaps locked?"""
        return self._since_s is not None or self._lid or self._locked

    @property
    def reason(self) -> str:
        """What holds, in a word; empty when nothing does."""
        if self._locked:
            return "locked"
        return "hand" if self._since_s is not None else "lid" if self._lid else ""

    @property
    def is_hand(self) -> bool:
        """Does what is seen, or was until a moment ago, take its time as a hand does?"""
        return self._since_s is not None and self._reached_s - self._since_s >= HAND_S

    def hold_until_next_frame(self) -> None:
        """Hold until a frame says otherwise."""
        self._waits = True
        self._apply()

    def observe(self, reaching: bool, time_s: float) -> None:
        """Take what a frame shows.

        Args:
            reaching: whether something reaches over the tray's edge.
            time_s: when the frame was taken, in seconds on the monotonic clock.
        """
        self._waits = False
        if reaching:
            self._reached_s = time_s
            if self._since_s is None:
                self._since_s = time_s
        elif self._since_s is not None:
            clear_s = min(self._clear_s, max(LEAST_CLEAR_S, CLEAR_PER_REACH * (self._reached_s - self._since_s)))
            if time_s - self._reached_s >= clear_s:
                self._since_s = None
        self._seen_long = self._since_s is not None and time_s - self._since_s > ALARM_S
        self._apply()

    def observe_switches(self, lid_open: bool | None, *, locked: bool, now_s: float) -> None:
        """Take what the switches say, with or without frames.

        Args:
            lid_open: whether the lid is open, or a hand before its sensor; None: nobody knows, which holds as well.
            locked: whether nothing may move whatever is seen.
            now_s: time on the monotonic clock, in seconds.
        """
        if lid_open is not False:
            self._lid_s = now_s
        self._lid = lid_open is not False or now_s - self._lid_s < self._clear_s
        self._open_s = None if not lid_open else now_s if self._open_s is None else self._open_s
        self._open_long = self._open_s is not None and now_s - self._open_s > ALARM_S
        self._locked = locked
        self._apply()

    def _apply(self) -> None:
        # Who has locked the flaps knows why they do not move.
        sentence = REACHES if self._seen_long else LID_OPEN if self._open_long else None
        self._alarms.update(Alarm.HAND, None if self._locked else sentence)
        self._diverter.inhibit(self.active or self._waits)
