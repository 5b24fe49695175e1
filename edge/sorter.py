"""The line: camera frame -> presence -> view -> classifier -> vote -> policy -> diverter -> event log."""

import logging
from collections.abc import Callable

from edge.actuation.delivery import InHand
from edge.actuation.diverter import Diverter
from edge.actuation.interlock import Hold
from edge.actuation.levels import Levels
from edge.actuation.operator_mode import Pause
from edge.actuation.panel import Panel, signal_for
from edge.actuation.sensor_reader import Senses
from edge.alarms import Attention, Trouble
from edge.decision.policy import Policy
from edge.decision.vote import Vote
from edge.inference.classifier import Classifier
from edge.inference.retrying import Inference
from edge.records.event_log import EventLog
from edge.records.image_ring import ImageRing
from edge.records.recorder import Recorder
from edge.sight.background_store import TrayMemory
from edge.sight.motion_timeout import Unrest
from edge.sight.presence import Presence, PresenceState
from edge.sight.unexplained_loss import Vanishing
from edge.sight.view import look
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
        attention: where troubles are told; None: one of its own.
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
        memory: TrayMemory | None = None,
        wall_synced: Callable[[], bool] = lambda: False,
        attention: Attention | None = None,
        panel: Panel | None = None,
        levels: Levels | None = None,
    ) -> None:
        self.attention = Attention() if attention is None else attention
        self.presence = presence
        self.diverter = diverter
        self.hold = Hold(diverter, self.attention, clear_s=hand_clear_s)
        senses = Senses(clock, self.attention)
        self.panel = Panel(senses) if panel is None else panel
        self.levels = Levels({}, senses=senses, clock=clock, attention=self.attention) if levels is None else levels
        self._pause = Pause(self.panel, self.hold, diverter, clock=clock, attention=self.attention)
        self._unrest = Unrest(self.attention)
        self._vanishing = Vanishing(self.attention)
        self._memory = memory
        self.recorder = Recorder(events, clock=clock, attention=self.attention)
        self._classifier = classifier
        self._inference = Inference(classifier, clock=clock, attention=self.attention)
        self._vote = vote
        self._policy = policy
        self._events = events
        self._images = images
        self._clock = clock
        self._max_frame_age_s = max_frame_age_s
        self._retries = retries
        self._wall_synced = wall_synced
        self._in_hand: InHand | None = None
        self._looked_s = 0.0
        self.stale_frames = 0
        self.last_item: Item | None = None
        """The item last decided on, as it was seen then."""

    @property
    def busy(self) -> bool:
        """Is a decided item not yet seen off the tray?"""
        return self._in_hand is not None

    def step(self, frame: Frame | None) -> SortEvent | None:
        """Act on a frame, or with None let time pass. Returns the event when an item was decided in this step."""
        event = self._step(frame)
        self.panel.show(signal_for(self.attention, ready=self._is_ready))
        return event

    def _step(self, frame: Frame | None) -> SortEvent | None:
        self.recorder.update()
        self._inference.update()
        # After what may take its time: the stop button counts as it is now.
        self._heed()
        fresh = frame is not None and not self._is_stale(frame)
        item = self._look(frame) if frame is not None and fresh else None
        self._move_on()
        if frame is None:
            return None
        if self._pause.in_service:
            self._vote.reset()
            return None
        if self._in_hand is not None and fresh:
            self._follow(self._in_hand, item)
            return None
        if item is None or not self._is_able:
            self._vote.reset()
            return None
        if not self.diverter.ready and self._vote.would_decide(item):
            # The last view is taken when a flap may move, so that it moves on what is seen then.
            return None
        manifest = self._classifier.manifest
        mask = item.mask if manifest.view_kind == "object" else None
        view = look(self.presence.tray(frame), mask, manifest.view, self._vote.counted(item))
        prediction = self._inference.predict(view)
        if prediction is None:
            self._vote.reset()
            return None
        verdict = self._vote.update(item, prediction)
        if verdict is None:
            return None
        return self._divert(self._policy.decide(verdict, full=self.levels.full))

    def give_up(self) -> None:
        """Forget the views of the item on the tray, after an error in the middle of a step."""
        self._vote.reset()

    @property
    def _is_able(self) -> bool:
        """Can an item be decided, and will its decision be on record?"""
        return self.recorder.able and self._inference.able and not self.levels.blocked

    @property
    def _is_ready(self) -> bool:
        """May something be thrown in now?"""
        return self.presence.state is PresenceState.EMPTY and self.diverter.ready and not self.busy and self._is_able

    def _heed(self) -> None:
        """What people do at the panel, and how full the bins are."""
        self._pause.update()
        self.levels.update()
        if self._pause.has_turned:
            self._start_over()

    def _start_over(self) -> None:
        """Somebody begins or ends to work on the bin: things are put on the tray and taken off, and nothing is missed."""
        if self._in_hand is not None:
            self._in_hand.finish(interrupted=True)
            self._in_hand = None
        self._vanishing.all_well()
        self._vote.reset()
        if not self._pause.in_service and not self.presence.is_empty:
            self.presence.renumber()

    def _look(self, frame: Frame) -> Item | None:
        """What is on the tray; a hand holds the flaps before any of them moves on."""
        if frame.time_s - self._looked_s > BLIND_S:
            self._vote.reset()
            self._vanishing.forget()
            if self._in_hand is not None:
                self._in_hand.joined = True
        self._looked_s = frame.time_s
        item = self.presence.update(frame)
        # Before the tray is known, nobody can tell a hand.
        unknown = self.presence.state is PresenceState.LEARNING
        self.hold.update(self.presence.reaching or unknown, frame.time_s)
        restless = self.presence.state in (PresenceState.MOVING, PresenceState.REACHING)
        self._unrest.update(restless and not self._pause.in_service, frame.time_s)
        if self._pause.in_service or self.panel.lid_open is not False:
            # Who reaches in from above, or works on the bin, may take away what lies there.
            self._vanishing.forget()
        if self._in_hand is None and self._vanishing.update(self.presence.state, is_empty=self.presence.is_empty):
            # Whatever the flap was told last, it may stand elsewhere: told again, a servo that lost its power comes home.
            self.diverter.home_all()
        if self._memory is not None and self.presence.is_empty:
            self._memory.update(self.presence.ground, frame.time_s)
        return item

    def _move_on(self) -> None:
        if self.diverter.update() and self._in_hand is not None:
            self._in_hand.end_cycle()
        fault, blocked = self.diverter.fault, self.diverter.blocked
        sentence = None if fault is None else f"{fault}; nothing is sorted until it is home"
        if sentence is None and blocked:
            sentence = (
                f"the flap of {' and '.join(sorted(blocked))} did not leave home when it was opened: see what blocks it"
            )
        self.attention.update(Trouble.FLAP, sentence)

    def _divert(self, decision: Decision) -> SortEvent | None:
        """Record, then move: a flap that opened is always on record, and never moves on what was seen too long ago."""
        item = decision.verdict.item
        event = self._event(decision)
        if self._is_stale(item.frame):
            self._vote.reset()
            return None
        before = self.presence.remember()
        assert before is not None
        if not self.recorder.record(event):
            return None
        if self._is_stale(item.frame):
            # The disk took its time. The item is looked at anew, under another number.
            log.warning("item %d: recording took too long, it is looked at again", event.number)
            self.recorder.finish(event.number, "interrupted")
            self.presence.renumber()
            return None
        self.last_item = item
        self._vanishing.forget()
        self._in_hand = InHand(
            event,
            before,
            presence=self.presence,
            diverter=self.diverter,
            hold=self.hold,
            recorder=self.recorder,
            attention=self.attention,
            retries=self._retries,
        )
        self.diverter.open(decision.bin)
        return event

    def _is_stale(self, frame: Frame) -> bool:
        stale = self._clock.now_s() - frame.time_s > self._max_frame_age_s
        self.stale_frames += stale
        return stale

    def _follow(self, hand: InHand, item: Item | None) -> None:
        """See the decided item off the tray."""
        hand.joined |= self.panel.lid_open is not False
        if not hand.follow(item):
            return
        hand.finish()
        if not hand.is_stuck:
            self._vanishing.all_well()
        self._in_hand = None
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
