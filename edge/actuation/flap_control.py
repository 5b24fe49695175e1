"""Flap control: the only owner of motion. What moves, and why, is decided here and nowhere else.

The camera, the switches, the item under way and a suspected loss each say what they see; only this class commands the
diverter. The guard, which owns the drives, grants each motion or refuses it.
"""

import logging
import math
from dataclasses import dataclass
from typing import Literal

from edge.actuation.delivery import Delivery, DeliveryState, TrayView
from edge.actuation.diverter import Diverter
from edge.actuation.flap_view import FlapView
from edge.actuation.hand_control import HandControl
from edge.actuation.levels import Levels
from edge.actuation.operator_mode import OperatorMode
from edge.actuation.panel import Panel, signal_for
from edge.actuation.phase import DiverterState
from edge.alarms import Alarm, Alarms
from edge.backoff import BackOff
from edge.guard.guard import Guard
from edge.sight.snapshot import TraySnapshot
from edge.sight.tray_watch import Scene
from edge.values import Item, SortEvent
from hardware.clock import Clock

log = logging.getLogger(__name__)

Outcome = Literal["done", "interrupted", "stuck", "empty"]
"""How an event ends in the event log."""


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What became of the item under way.

    Attributes:
        number: of its event.
        state: what was seen; ``STUCK``, or an end.
        outcome: to be recorded for its event; None: recorded before.
        was_stuck: a person had to see to it.
        fell: number of things that were seen to fall, it or what joined it; None: not known.
        joined: number of things that joined it after the decision; None: not known.
    """

    number: int
    state: DeliveryState
    outcome: Outcome | None
    was_stuck: bool = False
    fell: int | None = None
    joined: int | None = None


class FlapControl:
    """Opens and homes flaps for decided items, as far as people and the camera allow.

    Args:
        diverter: moves the flaps of the guard.
        guard: whether motion is permitted.
        panel: what people touch and see.
        levels: which bins are full.
        tray: what lies on the tray now.
        clock: time.
        alarms: where flaps that fail and items that do not fall are reported.
        retries: how often the flap of an item that did not fall is opened again, >= 0.
        view: which pictures may show a flap that stands open.
    """

    def __init__(
        self,
        *,
        diverter: Diverter,
        guard: Guard,
        panel: Panel,
        levels: Levels,
        tray: TrayView,
        clock: Clock,
        alarms: Alarms,
        view: FlapView,
        retries: int = 1,
    ) -> None:
        self.diverter = diverter
        self.guard = guard
        self.interlock = guard.permit.interlock
        self.panel = panel
        self.levels = levels
        self.mode = OperatorMode(alarms)
        self.hand = HandControl(diverter, guard, self.mode, clock=clock)
        self._tray = tray
        self._alarms = alarms
        self._retries = retries
        self._view = view
        self._homing = BackOff(clock)
        self._clock = clock
        self._delivery: Delivery | None = None

    @property
    def is_delivering(self) -> bool:
        """Whether a decided item has not been seen off the tray yet."""
        return self._delivery is not None

    @property
    def is_attended(self) -> bool:
        """Whether things may be put on the tray and taken off unseen: the lid is open or unknown, or the bin is in service, or
        paused with nothing under way."""
        is_paused = self.mode.is_paused and self._delivery is None
        return self.mode.in_service or is_paused or self.panel.lid_open is not False

    @property
    def can_open(self) -> bool:
        """Whether a flap may be opened now."""
        return self.diverter.ready

    @property
    def wait(self) -> str | None:
        """Why a flap must wait that nothing and nobody hinders, in words: the duty limit; None: it need not."""
        wait_s = self.diverter.duty_wait_s
        if wait_s <= 0:
            return None
        most = self.diverter.max_openings_per_min
        return f"wait: {most} {'opening' if most == 1 else 'openings'} in a minute, the next in {math.ceil(wait_s)} s"

    def read_switches(self) -> DeliveryReport | None:
        """Follow the panel and the levels, with or without frames. Returns how an item ended that the service interrupts."""
        self.panel.read_switches()
        self.mode.observe(self.panel, self._clock.now_s())
        if self.mode.stop_released:
            # Still inhibited: what was stopped on its way must not go on.
            self.hand.give_back()
            self.diverter.home_all()
        settled = self.mode.in_service and not self.mode.service_changed and self._is_settled
        self.guard.observe_switches(
            self.panel.lid_open, locked=self.mode.is_stopped or settled, is_bounce=not self.panel.lid_open_long
        )
        self._inhibit()
        if self.mode.service_changed and self.mode.in_service:
            self.hand.give_back()
            self.diverter.home_all()
        self.mode.report(settled=settled)
        self.levels.poll()
        return self._end(DeliveryState.ABANDONED) if self.mode.service_changed and self.is_delivering else None

    def advance(self, scene: Scene | None) -> DeliveryReport | None:
        """Move on with the clock and with what a frame shows.

        Args:
            scene: the tray on a fresh frame; None: there is none.

        Returns:
            What became of the item under way, when that changed in a way to act on.
        """
        if scene is not None:
            self.interlock.is_tray_known = scene.is_tray_known
            self.guard.observe(scene.forbids_motion, scene.frame.time_s)
        self._inhibit()
        if self.hand.held.bin is not None:
            self.hand.held.advance()
        self._view.advance()
        if scene is not None and scene.is_loss:
            # A flap may stand elsewhere than it was sent: a servo that lost its power comes home when sent again.
            self.diverter.home_all()
        if self.diverter.advance() and self._delivery is not None:
            self._delivery.note_flap_home()
        self.guard.check()
        self._report_flaps()
        return None if scene is None or self._delivery is None else self._follow(self._delivery, scene)

    def deliver(self, event: SortEvent, before: TraySnapshot) -> None:
        """Open the flap of a decided item.

        Args:
            event: the decision, on record.
            before: the tray at the decision.

        Raises:
            RuntimeError: not ``can_open``, or another item is under way.
        """
        if self._delivery is not None:
            raise RuntimeError(f"item {event.number}: item {self._delivery.event.number} is still under way")
        self._delivery = Delivery(event, before, self._tray.things, retries=self._retries, in_view=self._view.in_view)
        self._homing.reset()
        self.diverter.open(event.bin)

    def forbid(self, scene: Scene) -> None:
        """Take a scene that is too old to act on: what it shows may forbid motion, never allow it."""
        self.guard.observe(scene.forbids_motion, scene.frame.time_s, is_fresh=False)

    def home_all_when_clear(self) -> None:
        """Send every flap home as soon as there is a permit, wherever it stands."""
        self.guard.forget_positions()
        self._inhibit()
        self.diverter.home_all()

    def shutdown(self) -> bool:
        """Bring the flaps home on the way out (``Diverter.shutdown``), unless the stop button is on. False when a flap may
        not have come home."""
        self.guard.leave()
        return self.diverter.shutdown(may_move=self._may_move)

    def show(self, *, ready: bool) -> None:
        """Show on the light how the bin is; ``ready``: an item may be thrown in now."""
        self.panel.show(signal_for(self._alarms, ready=ready))

    def _inhibit(self) -> None:
        self.diverter.inhibit(not self.guard.permits or self.hand.held.bin is not None)

    def _follow(self, delivery: Delivery, scene: Scene) -> DeliveryReport | None:
        """See the decided item off the tray."""
        if scene.after_gap or self.panel.lid_open is not False:
            delivery.note_company()
        if self._tray.is_empty or scene.item is None or scene.item.number != delivery.event.number:
            self.diverter.call_off()
        was_stuck = delivery.is_stuck
        state = delivery.advance(
            scene.item,
            self._tray,
            is_flap_home=self.diverter.state is DiverterState.HOME and not self._view.shows(scene.frame.time_s),
            opening_interrupted=self.diverter.opening_interrupted,
            hand_in=self.interlock.is_hand,
            inhibited=self.interlock.active,
        )
        if state is DeliveryState.UNCLEAR or (state is DeliveryState.STUCK and self._view.in_view):
            self._home_again(delivery, scene.item)
        if state is DeliveryState.REMAINS and self.diverter.ready:
            delivery.note_reopened()
            self.diverter.open(delivery.event.bin)
        if state is DeliveryState.STUCK and not was_stuck:
            sentence = (
                f"item {delivery.event.number} does not fall into {delivery.event.bin}, nothing is sorted: "
                f"empty the bin if it is full, then clear the tray"
            )
            self._alarms.update(Alarm.JAM, sentence)
            return self._report(delivery, state, "stuck")
        return self._end(state) if state.is_end else None

    def _home_again(self, delivery: Delivery, item: Item | None) -> None:
        """Send flaps home again, with pauses: what lies there may be one that stands open. One that does not fall may lie
        before any of them."""
        if item is None or self.diverter.inhibited or self._homing.waiting:
            return
        log.warning(
            "item %d: what lies on the tray may be a flap that stands open, it is sent home", delivery.event.number
        )
        self._homing.fail()
        delivery.note_homed_again(item)
        if delivery.is_stuck:
            self.diverter.home_all()
        else:
            self.diverter.home_again(delivery.event.bin)

    def _end(self, state: DeliveryState) -> DeliveryReport:
        delivery, self._delivery = self._delivery, None
        assert delivery is not None, "nothing is under way"
        self._alarms.update(Alarm.JAM, None)
        outcome: Outcome = "interrupted" if state in (DeliveryState.INTERRUPTED, DeliveryState.ABANDONED) else "done"
        if state is DeliveryState.STAIN:
            outcome = "empty"
        return self._report(delivery, state, None if delivery.is_stuck else outcome)

    def _report(self, delivery: Delivery, state: DeliveryState, outcome: Outcome | None) -> DeliveryReport:
        now = self._tray.things
        return DeliveryReport(
            delivery.event.number,
            state,
            outcome,
            was_stuck=delivery.is_stuck,
            fell=delivery.fell(now),
            joined=delivery.joined(now),
        )

    def _report_flaps(self) -> None:
        if self.diverter.at_home:
            self.guard.note_home()
        self.guard.report()
        fault, stuck = self.diverter.fault, self.diverter.stuck_bins
        sentence = None if fault is None else f"{fault}; nothing is sorted until it is home"
        if sentence is None and stuck:
            names = " and ".join(sorted(stuck))
            sentence = f"the flap of {names} did not leave home when it was opened: see what blocks it"
        if sentence is None and self._delivery is not None and self._delivery.is_flap_suspected:
            bin_name = self._delivery.event.bin
            sentence = (
                f"the flap of {bin_name} may stand open, nothing is sorted: see what blocks it, or clear the tray"
            )
        self._alarms.update(Alarm.FLAP, sentence)

    @property
    def _is_settled(self) -> bool:
        """Whether the flaps are home, or one of them is at fault: that one is tried again after the service."""
        return self.diverter.at_home or self.diverter.fault is not None

    def _may_move(self) -> bool:
        """Whether the stop button is off at this very moment. One that cannot be read may be on."""
        self.panel.read_switches()
        return self.panel.stopped is False
