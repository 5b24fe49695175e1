"""The hold: no flap moves while a hand is in the tray, nor shortly after."""

from edge.attention import Attention, Trouble
from edge.diverter import Diverter

ALARM_S = 10.0
"""A hold that lasts longer is worth a person's look, in seconds."""

HAND_S = 0.2
"""What crosses the edge in less was thrown in and is no hand, in seconds."""

CLEAR_PER_REACH, LEAST_CLEAR_S = 3.0, 0.2
"""So that throwing in costs no time, the edge need be clear only for so many times as long as something reached over it,
and for so many seconds at least, up to ``clear_s``."""


class Hold:
    """Holds the diverter by what is seen. Only frames begin a hold and only frames end it: who sees nothing moves nothing.

    Args:
        diverter: what is held.
        attention: where a hold that does not end is told.
        clear_s: how long the tray's edge must be seen clear, after a hand, before a flap moves again; in seconds, >= 0.
    """

    def __init__(self, diverter: Diverter, attention: Attention, *, clear_s: float) -> None:
        self._diverter = diverter
        self._attention = attention
        self._clear_s = clear_s
        self._since_s: float | None = None
        self._reached_s = 0.0

    @property
    def active(self) -> bool:
        """Is a hand in the tray, or was it until a moment ago?"""
        return self._since_s is not None

    @property
    def is_hand(self) -> bool:
        """Does what holds, or held until a moment ago, take its time as a hand does?"""
        return self._since_s is not None and self._reached_s - self._since_s >= HAND_S

    def update(self, reaching: bool, time_s: float) -> None:
        """Take what a frame shows.

        Args:
            reaching: whether something reaches over the tray's edge.
            time_s: when the frame was taken, in seconds on the monotonic clock.
        """
        if reaching:
            self._reached_s = time_s
            if self._since_s is None:
                self._since_s = time_s
        elif self._since_s is not None:
            clear_s = min(self._clear_s, max(LEAST_CLEAR_S, CLEAR_PER_REACH * (self._reached_s - self._since_s)))
            if time_s - self._reached_s >= clear_s:
                self._since_s = None
        long = self._since_s is not None and time_s - self._since_s > ALARM_S
        sentence = "something reaches over the tray's edge, no flap moves: take it away, or lay it on the tray"
        self._attention.tell(Trouble.HAND, sentence if long else None)
        self._diverter.hold(self.active)
