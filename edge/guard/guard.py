"""The guard: owns the flaps, grants motion for a moment at a time, and stops what moves without a permit."""

from collections.abc import Mapping
from threading import Event, RLock

from edge.alarms import Alarm, Alarms
from edge.guard.guarded_flap import REST_S, GuardedFlap
from edge.guard.permit import Permit
from hardware.clock import Clock
from hardware.errors import SensorError
from hardware.flap import Flap
from hardware.sensor import Switch

BLIND_S = 10.0
"""Time without any evidence after which a flap closes slowly, where that is wanted, in seconds: a camera that hangs for a moment
is no reason."""


class Guard:
    """Between the diverter and the drives. ``check`` enforces what it grants: with every step of the loop, and from a thread
    of its own (``GuardThread``), so that a loop that waits for a disk stops no flap too late.

    Args:
        flaps: bin name -> driver.
        permit: whether a drive may move.
        clock: time.
        alarms: where a drive that was let go is reported.
        lid: on while the lid is open; None: not fitted.
        stop_button: on while nothing may move; None: not fitted.
        closes_when_blind: whether a flap that is out closes slowly after ``BLIND_S`` without evidence; else it stays.

    Attributes:
        flaps: bin name -> the flap as everything else commands it.
        permit: whether a drive may move.
        is_needed: set while a drive moves or is under current.
    """

    def __init__(
        self,
        flaps: Mapping[str, Flap],
        *,
        permit: Permit,
        clock: Clock,
        alarms: Alarms,
        lid: Switch | None = None,
        stop_button: Switch | None = None,
        closes_when_blind: bool = False,
    ) -> None:
        self.permit = permit
        self._clock = clock
        self._alarms = alarms
        self._switches = [switch for switch in (lid, stop_button) if switch is not None]
        self._closes_when_blind = closes_when_blind
        self._blind_since_s: float | None = None
        self._lock = RLock()
        self.is_needed = Event()
        self._overdue: set[str] = set()
        self.flaps = {
            name: GuardedFlap(flap, clock=clock, may_move=self._may_move, lock=self._lock)
            for name, flap in flaps.items()
        }

    @property
    def permits(self) -> bool:
        """Whether a drive may move now."""
        return self.permit.holds(self._clock.now_s())

    def observe(self, is_edge_crossed: bool, time_s: float, *, is_fresh: bool = True) -> None:
        """Take what a picture shows (``Permit.observe``); one that is not fresh may only forbid."""
        with self._lock:
            observe = self.permit.observe if is_fresh else self.permit.observe_stale
            observe(is_edge_crossed, time_s, now_s=self._clock.now_s())

    def observe_switches(self, lid_open: bool | None, *, locked: bool, is_bounce: bool = False) -> None:
        """Take what the switches say (``Interlock.observe_switches``)."""
        with self._lock:
            now_s = self._clock.now_s()
            self.permit.interlock.observe_switches(lid_open, locked=locked, now_s=now_s, is_bounce=is_bounce)

    def check(self) -> None:
        """Stop what moves without a permit, and let go what was under current for too long."""
        with self._lock:
            now_s = self._clock.now_s()
            may_close, may_open = self.permit.holds(now_s), self.permit.holds_for_opening(now_s)
            for name, flap in self.flaps.items():
                if flap.is_moving and not flap.on_exit and not (may_open if flap.is_opening else may_close):
                    flap.stop()
                if flap.limit_current():
                    self._overdue.add(name)
            if self._closes_when_blind:
                self._close_blind()
            if self.is_needed.is_set() and not any(flap.is_moving or flap.is_driven for flap in self.flaps.values()):
                self.is_needed.clear()

    def watch(self) -> None:
        """``check``, and look at the switches themselves: what the guard's thread does."""
        with self._lock:
            if any(_is_on(switch) for switch in self._switches):
                for flap in self.flaps.values():
                    if flap.is_moving and not flap.on_exit:
                        flap.stop()
            self.check()

    def report(self) -> None:
        """Raise or clear the alarm of drives that were let go."""
        names = " and ".join(sorted(self._overdue))
        sentence = (
            f"the flap of {names} was under current for too long and was let go; it goes home when the tray is clear"
        )
        self._alarms.update(Alarm.CURRENT, sentence if names else None)

    def note_home(self) -> None:
        """Every flap is home: nothing is left to report of them."""
        self._overdue.clear()

    def forget_positions(self) -> None:
        """The flaps may stand anywhere, as after an unclean stop."""
        for flap in self.flaps.values():
            flap.forget_position()

    def leave(self) -> None:
        """The program ends: from now on flaps may close by the rules of the way out (``GuardedFlap.on_exit``)."""
        let_go = [flap.leave() for flap in self.flaps.values()]
        if any(let_go):
            self._clock.wait(Event(), REST_S)

    def _close_blind(self) -> None:
        """The least harm where nothing is seen for too long: what is out closes slowly, until a person is seen."""
        now_s = self._clock.now_s()
        if not self.permit.is_blind(now_s):
            self._blind_since_s = None
            for flap in self.flaps.values():
                flap.stop_creeping()
            return
        if self._blind_since_s is None:
            self._blind_since_s = now_s
        if now_s - self._blind_since_s >= BLIND_S:
            for flap in self.flaps.values():
                if flap.is_out and not flap.on_exit:
                    flap.creep()

    def _may_move(self) -> bool:
        self.is_needed.set()
        return self.permits


def _is_on(switch: Switch) -> bool:
    """Whether a switch forbids motion at this moment. One that cannot be read may be on."""
    try:
        return switch.is_on_now
    except SensorError:
        return True
