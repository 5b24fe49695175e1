"""Progress: whether what lies on the tray gets decided, and whether pictures come that can be used."""

from edge.actuation.phase import DiverterState
from edge.alarms import Alarm, Alarms
from edge.leaky_timer import LeakyTimer
from edge.sight.picture_lag import PictureLag
from edge.sight.presence import PresenceState
from edge.sight.tray_watch import BLIND_S
from edge.sorter import Sorter
from edge.values import SortEvent
from hardware.clock import Clock

NO_REASON = frozenset(
    {Alarm.PROGRESS, Alarm.ACCELERATOR, Alarm.SLOW_DISK, Alarm.SLOW_VIEW, Alarm.UNEXPLAINED_LOSS, Alarm.FULL}
)
"""Alarms under which the sorting goes on: none of them is a reason for an item to lie there. (Where the residual bin is full
nothing is sorted; that is asked for by itself.)"""

ITEM_LIES = frozenset({PresenceState.MOVING, PresenceState.AT_REST, PresenceState.EDGE_CROSSED})
"""What a tray shows that is not empty."""

HELD_S = 11.0
"""Time with a hand or an open lid, by share of time, that is told, in seconds. Longer than the interlock's 10 s without a break,
which have an alarm of their own."""

UNDECIDED = (
    "an item has lain on the tray for {:g} s and is not decided, for no reason that the bin knows: take it away; "
    "if it comes again, restart the bin and report it"
)
UNSEEN = "no picture could be used for {:g} s, nothing is sorted: see to the camera, or restart the bin"
LID = "the lid is open most of the time, nothing is sorted: close it, or see to its contact"
HAND = "something reaches over the tray's edge most of the time, nothing is sorted: keep the edge clear"


class ProgressMonitor:
    """Raises an alarm when nothing is decided although there is something to decide, or nothing can be seen.

    By share of time: a lid that chatters, or an item that blinks in and out, does not begin anew every time. An active alarm, a
    flap under way, a lock or the duty limit are reasons that a person has been given; while one lasts, time counts neither way.
    A hand or an open lid is a reason too, but not for most of the time.

    Args:
        sorter: the line.
        alarms: the alarms that are active, and where this one is raised.
        lag: knows when the newest picture was taken that came in time.
        clock: time.
        stall_s: time without progress that is told, in seconds.

    Attributes:
        has_sorted: an item was sorted since the start.
    """

    def __init__(self, sorter: Sorter, alarms: Alarms, lag: PictureLag, *, clock: Clock, stall_s: float) -> None:
        self._sorter = sorter
        self._lag = lag
        self._alarms = alarms
        self._clock = clock
        self._stall_s = stall_s
        self._start_s = clock.now_s()
        self._undecided = LeakyTimer(limit_s=stall_s)
        self._held = LeakyTimer(limit_s=HELD_S)
        self._hold = ""
        self.has_sorted = False

    @property
    def is_stalled(self) -> bool:
        """Whether an item lies there, or nothing can be seen, without a reason that the bin knows. A person who keeps the lid
        open is one."""
        return self._undecided.is_over

    def observe(self, event: SortEvent | None) -> None:
        """Take what a step has led to; ``event``: of the item whose flap was opened in it."""
        now_s = self._clock.now_s()
        if event is not None:
            self.has_sorted = True
            self._undecided.reset()
            self._held.reset()
        if Alarm.HAND in self._alarms:
            self._held.reset()
        reason = self._sorter.flaps.interlock.reason
        if self._is_explained(reason):
            self._undecided.pause()
            self._held.pause()
        else:
            is_held = reason in ("hand", "lid")
            self._hold = reason or self._hold
            self._held.add(is_held, now_s)
            if is_held:
                self._undecided.pause()
            else:
                self._undecided.add(self._is_blind(now_s) or self._sorter.tray.state in ITEM_LIES, now_s)
        self._alarms.update(Alarm.PROGRESS, self._sentence(now_s))

    def _is_explained(self, hold: str) -> bool:
        """Whether a person knows why nothing is decided, or need not."""
        flaps = self._sorter.flaps
        return (
            bool(self._alarms.active - NO_REASON)
            or flaps.levels.residual_is_full
            or hold == "locked"
            or flaps.mode.is_paused
            or self._sorter.wait is not None
            or flaps.diverter.state is not DiverterState.HOME
            or self._sorter.tray.state is PresenceState.LEARNING
        )

    def _is_blind(self, now_s: float) -> bool:
        return now_s - max(self._lag.in_time_s, self._start_s) > BLIND_S

    def _sentence(self, now_s: float) -> str | None:
        """What is wrong; worded once, whatever else comes up while it lasts."""
        before = self._alarms.message(Alarm.PROGRESS)
        if self._undecided.is_over:
            words = [sentence.format(self._stall_s) for sentence in (UNSEEN, UNDECIDED)]
            return before if before in words else words[0] if self._is_blind(now_s) else words[1]
        if self._held.is_over:
            return before if before in (LID, HAND) else LID if self._hold == "lid" else HAND
        return None
