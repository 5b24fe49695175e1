"""The line: camera frame -> presence -> view -> classifier -> vote -> policy -> diverter -> event log."""

import logging
from collections.abc import Callable

from edge.actuation.delivery import Delivery
from edge.actuation.diverter import Diverter
from edge.actuation.interlock import Interlock
from edge.actuation.levels import Levels
from edge.actuation.operator_mode import OperatorMode
from edge.actuation.panel import Panel, signal_for
from edge.actuation.sensor_reader import SensorReader
from edge.alarms import Alarm, Alarms
from edge.decision.policy import Policy
from edge.decision.vote import Vote
from edge.inference.classifier import Classifier
from edge.inference.retrying import RetryingClassifier
from edge.records.event_log import EventLog
from edge.records.image_ring import ImageRing
from edge.records.recorder import Recorder
from edge.sight.background_store import BackgroundStore
from edge.sight.motion_timeout import MotionTimeout
from edge.sight.presence import Presence, PresenceState
from edge.sight.unexplained_loss import UnexplainedLossDetector
from edge.sight.view import make_view
from edge.values import Decision, Frame, Item, SortEvent
from hardware.clock import Clock

log = logging.getLogger(__name__)

BLIND_S = 2.0
"""After so long without a look at the tray nobody knows whether it is still the same item, in seconds."""


class Sorter:
    """One item after the other, from what is seen now to the flap of its bin.

    What fails (a flap, the disk, the classifier) is told to ``attention``, stops the sorting, and is tried again; an item
    that lies on the tray meanwhile is decided when all is well.

    Args:
        presence, classifier, vote, policy, diverter, events, images: the line's parts.
        clock: time.
        max_frame_age_s: no older frame is acted on, in seconds.
        retries: how often the flap of an item that did not fall is opened again.
        hand_clear_s: how long the tray's edge must be clear before a flap moves, in seconds, >= 0.
        memory: where the empty tray is kept for the next start; None: nowhere.
        wall_synced: asks whether the wall clock is known to be right.
        alarms: where troubles are told; None: one of its own.
        panel: what people press and see; None: nothing of that is there.
        levels: which bins are full; None: nobody knows.
    """

    def __init__(
        self,
        *,
        presence: Presence,
        classifier: Classifier,
        vote: Vote,
        policy: Policy,
        diverter: Diverter,
        events: EventLog,
        images: ImageRing,
        clock: Clock,
        max_frame_age_s: float,
        retries: int = 1,
        hand_clear_s: float = 1.0,
        memory: BackgroundStore | None = None,
        wall_synced: Callable[[], bool] = lambda: False,
        alarms: Alarms | None = None,
        panel: Panel | None = None,
        levels: Levels | None = None,
    ) -> None:
        self.alarms = Alarms() if alarms is None else alarms
        self.presence = presence
        self.diverter = diverter
        self.interlock = Interlock(diverter, self.alarms, clear_s=hand_clear_s)
        senses = SensorReader(clock, self.alarms)
        self.panel = Panel(senses) if panel is None else panel
        self.levels = Levels({}, senses=senses, clock=clock, alarms=self.alarms) if levels is None else levels
        self._operator_mode = OperatorMode(self.panel, self.interlock, diverter, clock=clock, alarms=self.alarms)
        self._motion_timeout = MotionTimeout(self.alarms)
        self._loss_detector = UnexplainedLossDetector(self.alarms)
        self._background_store = memory
        self.recorder = Recorder(events, clock=clock, alarms=self.alarms)
        self._classifier = classifier
        self._retrying_classifier = RetryingClassifier(classifier, clock=clock, alarms=self.alarms)
        self._vote = vote
        self._policy = policy
        self._events = events
        self._images = images
        self._clock = clock
        self._max_frame_age_s = max_frame_age_s
        self._retries = retries
        self._wall_synced = wall_synced
        self._delivery: Delivery | None = None
        self._last_observation_s = 0.0
        self.stale_frames = 0
        self.last_item: Item | None = None
        """The item last decided on, as it was seen then."""

    @property
    def busy(self) -> bool:
        """Is a decided item not yet seen off the tray?"""
        return self._delivery is not None

    def step(self, frame: Frame | None) -> SortEvent | None:
        """Act on a frame, or with None let time pass. Returns the event when an item was decided in this step."""
        event = self._step(frame)
        self.panel.show(signal_for(self.alarms, ready=self._is_ready))
        return event

    def _step(self, frame: Frame | None) -> SortEvent | None:
        self.recorder.retry_pending()
        self._retrying_classifier.poll_accelerator()
        # After what may take its time: the stop button counts as it is now.
        self._read_panel()
        fresh = frame is not None and not self._is_stale(frame)
        item = self._observe_tray(frame) if frame is not None and fresh else None
        self._update_diverter()
        if frame is None:
            return None
        if self._operator_mode.in_service:
            self._vote.reset()
            return None
        if self._delivery is not None and fresh:
            self._advance_delivery(self._delivery, item)
            return None
        if item is None or not self._can_decide:
            self._vote.reset()
            return None
        if not self.diverter.ready and self._vote.would_decide(item):
            # The last view is taken when a flap may move, so that it moves on what is seen then.
            return None
        manifest = self._classifier.manifest
        mask = item.mask if manifest.view_kind == "object" else None
        view = make_view(self.presence.tray(frame), mask, manifest.view, self._vote.view_count(item))
        prediction = self._retrying_classifier.predict(view)
        if prediction is None:
            self._vote.reset()
            return None
        verdict = self._vote.add_view(item, prediction)
        if verdict is None:
            return None
        return self._divert(self._policy.decide(verdict, full=self.levels.full_bins))

    def discard_votes(self) -> None:
        """Forget the views of the item on the tray, after an error in the middle of a step."""
        self._vote.reset()

    @property
    def _can_decide(self) -> bool:
        """Can an item be decided, and will its decision be on record?"""
        return (
            self.recorder.is_available and self._retrying_classifier.is_available and not self.levels.residual_is_full
        )

    @property
    def _is_ready(self) -> bool:
        """May something be thrown in now?"""
        return self.presence.state is PresenceState.EMPTY and self.diverter.ready and not self.busy and self._can_decide

    def _read_panel(self) -> None:
        """What people do at the panel, and how full the bins are."""
        self._operator_mode.apply_panel()
        self.levels.poll()
        if self._operator_mode.service_changed:
            self._reset_for_service()

    def _reset_for_service(self) -> None:
        """Somebody begins or ends to work on the bin: things are put on the tray and taken off, and nothing is missed."""
        if self._delivery is not None:
            self._delivery.finish(interrupted=True)
            self._delivery = None
        self._loss_detector.clear_alarm()
        self._vote.reset()
        if not self._operator_mode.in_service and not self.presence.is_empty:
            self.presence.start_new_item()

    def _observe_tray(self, frame: Frame) -> Item | None:
        """What is on the tray; a hand holds the flaps before any of them moves on."""
        if frame.time_s - self._last_observation_s > BLIND_S:
            self._vote.reset()
            self._loss_detector.reset()
            if self._delivery is not None:
                self._delivery.may_have_company = True
        self._last_observation_s = frame.time_s
        item = self.presence.observe(frame)
        # Before the tray is known, nobody can tell a hand.
        unknown = self.presence.state is PresenceState.LEARNING
        self.interlock.observe(self.presence.is_edge_crossed or unknown, frame.time_s)
        restless = self.presence.state in (PresenceState.MOVING, PresenceState.EDGE_CROSSED)
        self._motion_timeout.observe(restless and not self._operator_mode.in_service, frame.time_s)
        if self._operator_mode.in_service or self.panel.lid_open is not False:
            # Who reaches in from above, or works on the bin, may take away what lies there.
            self._loss_detector.reset()
        if self._delivery is None and self._loss_detector.observe(self.presence.state, is_empty=self.presence.is_empty):
            # Whatever the flap was told last, it may stand elsewhere: told again, a servo that lost its power comes home.
            self.diverter.home_all()
        if self._background_store is not None and self.presence.is_empty:
            self._background_store.save_if_due(self.presence.background, frame.time_s)
        return item

    def _update_diverter(self) -> None:
        if self.diverter.advance() and self._delivery is not None:
            self._delivery.note_flap_home()
        fault, blocked = self.diverter.fault, self.diverter.stuck_bins
        sentence = None if fault is None else f"{fault}; nothing is sorted until it is home"
        if sentence is None and blocked:
            sentence = (
                f"the flap of {' and '.join(sorted(blocked))} did not leave home when it was opened: see what blocks it"
            )
        self.alarms.update(Alarm.FLAP, sentence)

    def _divert(self, decision: Decision) -> SortEvent | None:
        """Record, then move: a flap that opened is always on record, and never moves on what was seen too long ago."""
        item = decision.verdict.item
        event = self._event(decision)
        if self._is_stale(item.frame):
            self._vote.reset()
            return None
        before = self.presence.snapshot()
        assert before is not None
        if not self.recorder.record(event):
            return None
        if self._is_stale(item.frame):
            # The disk took its time. The item is looked at anew, under another number.
            log.warning("item %d: recording took too long, it is looked at again", event.number)
            self.recorder.record_outcome(event.number, "interrupted")
            self.presence.start_new_item()
            return None
        self.last_item = item
        self._loss_detector.reset()
        self._delivery = Delivery(
            event,
            before,
            presence=self.presence,
            diverter=self.diverter,
            hold=self.interlock,
            recorder=self.recorder,
            alarms=self.alarms,
            retries=self._retries,
        )
        self.diverter.open(decision.bin)
        return event

    def _is_stale(self, frame: Frame) -> bool:
        stale = self._clock.now_s() - frame.time_s > self._max_frame_age_s
        self.stale_frames += stale
        return stale

    def _advance_delivery(self, hand: Delivery, item: Item | None) -> None:
        """See the decided item off the tray."""
        hand.may_have_company |= self.panel.lid_open is not False
        if not hand.advance(item):
            return
        hand.finish()
        if not hand.is_stuck:
            self._loss_detector.clear_alarm()
        self._delivery = None
        self._vote.reset()

    def _event(self, decision: Decision) -> SortEvent:
        item = decision.verdict.item
        x0, y0, x1, y1 = item.box_xyxy
        # Named by what only counts up: a wall clock may be set back.
        image = self._images.add(f"s{self._events.session:08d}-{item.number:06d}", item.frame.pixels[y0:y1, x0:x1])
        now_s = self._clock.now_s()
        return SortEvent.of(
            decision,
            time_s=now_s,
            wall_s=self._clock.wall_s(),
            wall_synced=self._wall_synced(),
            rest_to_decision_s=now_s - item.rest_since_s,
            image=image,
        )
