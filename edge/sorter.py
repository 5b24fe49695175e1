"""The line: camera frame -> presence -> view -> classifier -> vote -> policy -> diverter -> event log."""

import logging
from collections.abc import Callable

from edge.classifier import Classifier
from edge.diverter import Diverter, FlapState
from edge.eventlog import EventLog
from edge.images import ImageRing
from edge.policy import Policy
from edge.presence import Presence
from edge.tray import Lab
from edge.values import Decision, Frame, Item, SortEvent
from edge.view import look
from edge.vote import Vote
from hardware.clock import Clock

log = logging.getLogger(__name__)


class Sorter:
    """One item after the other, from what is seen now to the flap of its bin.

    Args:
        presence, classifier, vote, policy, diverter, events, images: the line's parts.
        clock: time.
        max_frame_age_s: no older frame is acted on, in seconds.
        retries: how often the flap of an item that did not fall is opened again.
        wall_synced: asks whether the wall clock is known to be right.
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
        wall_synced: Callable[[], bool] = lambda: False,
    ) -> None:
        self.presence = presence
        self.diverter = diverter
        self._classifier = classifier
        self._vote = vote
        self._policy = policy
        self._events = events
        self._images = images
        self._clock = clock
        self._max_frame_age_s = max_frame_age_s
        self._retries = retries
        self._wall_synced = wall_synced
        self._in_hand: _InHand | None = None
        self.stale_frames = 0
        self.last_item: Item | None = None
        """The item last decided on, as it was seen then."""
        self.attention: str | None = None
        """What a person has to see to, or None."""

    @property
    def busy(self) -> bool:
        """Is a decided item not yet seen off the tray?"""
        return self._in_hand is not None

    def step(self, frame: Frame | None) -> SortEvent | None:
        """Act on a frame, or with None let time pass. Returns the event when an item was decided in this step."""
        if self.diverter.update() and self._in_hand is not None:
            self._in_hand.cycle_ended = True
        if frame is None:
            return None
        if self._is_stale(frame):
            self._vote.reset()
            return None
        item = self.presence.update(frame)
        if self._in_hand is not None:
            self._follow(item, self._in_hand)
            return None
        if item is None:
            self._vote.reset()
            return None
        if not self.diverter.ready:
            return None
        manifest = self._classifier.manifest
        mask = item.mask if manifest.view_kind == "object" else None
        view = look(self.presence.tray(frame), mask, manifest.view, self._vote.counted(item))
        prediction = self._classifier.predict(view)
        verdict = self._vote.update(item, prediction)
        if verdict is None:
            return None
        return self._divert(self._policy.decide(verdict))

    def _divert(self, decision: Decision) -> SortEvent | None:
        """Record, then move: a flap that opened is always on record, and never moves on what was seen too long ago."""
        item = decision.verdict.item
        event = self._event(decision)
        if self._is_stale(item.frame):
            self._vote.reset()
            return None
        before = self.presence.remember()
        assert before is not None
        self._events.record(event)
        if self._is_stale(item.frame):
            # The disk took its time. The item is looked at anew, under another number.
            log.warning("item %d: recording took too long, it is looked at again", event.number)
            self._events.finish(event.number, "interrupted")
            self.presence.renumber()
            return None
        self.last_item = item
        self._in_hand = _InHand(event, before)
        self.diverter.open(decision.bin)
        return event

    def _is_stale(self, frame: Frame) -> bool:
        stale = self._clock.now_s() - frame.time_s > self._max_frame_age_s
        self.stale_frames += stale
        return stale

    def _follow(self, item: Item | None, hand: "_InHand") -> None:
        """See the decided item off the tray."""
        if not hand.cycle_ended or self.diverter.state is not FlapState.HOME:
            return
        if self.presence.is_empty:
            self._finish(hand)
        elif item is not None and item.number != hand.event.number:
            # It fell, the tray was seen empty, and the next one lies there.
            self._finish(hand)
        elif item is not None and not self.presence.unchanged(hand.before):
            # It fell, and somebody has put the next one down meanwhile.
            self._finish(hand)
            self.presence.renumber()
        elif item is not None and hand.openings <= self._retries and self.diverter.ready:
            log.warning("item %d did not fall: opening %s again", hand.event.number, hand.event.bin)
            hand.openings += 1
            hand.cycle_ended = False
            self.diverter.open(hand.event.bin)
        elif item is not None and hand.openings > self._retries and self.attention is None:
            self.attention = f"item {hand.event.number} does not fall into {hand.event.bin}: clear the tray"
            log.error("%s", self.attention)
            self._events.finish(hand.event.number, "stuck")

    def _finish(self, hand: "_InHand") -> None:
        if self.attention is None:
            self._events.finish(hand.event.number, "done")
        self.attention = None
        self._in_hand = None
        self._vote.reset()

    def _event(self, decision: Decision) -> SortEvent:
        verdict = decision.verdict
        item, prediction = verdict.item, verdict.prediction
        wall_s = self._clock.wall_s()
        x0, y0, x1, y1 = item.box_xyxy
        image = self._images.add(f"{int(wall_s * 1000):013d}-{item.number:06d}", item.frame.pixels[y0:y1, x0:x1])
        return SortEvent(
            number=item.number,
            time_s=self._clock.now_s(),
            wall_s=wall_s,
            wall_synced=self._wall_synced(),
            label=prediction.label,
            confidence=prediction.confidence,
            probabilities=dict(zip(prediction.labels, map(float, prediction.probabilities), strict=True)),
            bin=decision.bin,
            reason=decision.reason.value,
            views=verdict.views,
            agreement=verdict.agreement,
            rest_to_decision_s=self._clock.now_s() - item.rest_since_s,
            latency_ms=prediction.latency_s * 1000,
            image=image,
            score=prediction.score,
        )


class _InHand:
    """The decided item until the tray is free of it."""

    def __init__(self, event: SortEvent, before: Lab) -> None:
        self.event = event
        self.before = before
        self.openings = 1
        self.cycle_ended = False
