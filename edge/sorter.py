"""The line: camera frame -> presence -> view -> classifier -> vote -> policy -> event log -> diverter."""

from edge.actuation.delivery import DeliveryState
from edge.actuation.flap_control import DeliveryReport, FlapControl
from edge.actuation.handover import Handover, HandoverState
from edge.decision.policy import Policy
from edge.decision.vote import Vote
from edge.errors import RefusedError
from edge.inference.retrying import RetryingClassifier
from edge.inference.taught_classifier import ViewClassifier
from edge.records.recorder import Recorder
from edge.sight.freshness import FreshnessGate
from edge.sight.opening_caution import OpeningCaution
from edge.sight.presence import PresenceState
from edge.sight.tray_watch import Scene, TrayWatch
from edge.sight.viewer import Viewer
from edge.values import Frame, Item, SortEvent


class Sorter:
    """One item after the other, from what is seen now to the flap of its bin.

    A part that fails (a flap, the disk, the classifier) raises an alarm, stops the sorting, and is tried again; an item that
    lies on the tray meanwhile is decided when all is well.

    Args:
        freshness: which frames may be acted on.
        tray: presence: what a frame shows of the tray.
        viewer: the view that the model wants.
        classifier: a view's probabilities.
        vote: several views' verdict.
        policy: the bin that a verdict means.
        recorder: the event log.
        flaps: the diverter, and whatever may forbid it to move.
    """

    def __init__(
        self,
        *,
        freshness: FreshnessGate,
        tray: TrayWatch,
        viewer: Viewer,
        classifier: RetryingClassifier,
        vote: Vote,
        policy: Policy,
        recorder: Recorder,
        flaps: FlapControl,
    ) -> None:
        self.freshness = freshness
        self.tray = tray
        self.recorder = recorder
        self.flaps = flaps
        self._viewer = viewer
        self._classifier = classifier
        self._vote = vote
        self._policy = policy
        self._caution = OpeningCaution()
        self._handover: Handover | None = None
        self.last_item: Item | None = None
        """The item last decided on, as it was seen then."""
        self.scene: Scene | None = None
        """What the newest picture showed of the tray, fresh or not. Other threads may read it."""

    @property
    def wait(self) -> str | None:
        """Why an item waits that nothing and nobody hinders, in words; None: none does."""
        return self._caution.wait or self.flaps.wait

    @property
    def busy(self) -> bool:
        """Whether a decided item has not been seen off the tray yet."""
        return self._handover is not None or self.flaps.is_delivering

    @property
    def is_between_items(self) -> bool:
        """Whether nothing is under way that was begun with the present labels."""
        return not self.busy and not self._vote.has_begun

    def answer_with(self, classifier: ViewClassifier, policy: Policy, *, head: str | None) -> None:
        """Decide the next items with another taught head, or without one (None). Only between two items."""
        self._classifier.use(classifier)
        self._policy = policy
        self.recorder.head = head

    def look_with(self, viewer: Viewer) -> None:
        """Take the views that another model wants. Only between two items."""
        self._viewer = viewer

    def step(self, frame: Frame | None) -> SortEvent | None:
        """Act on a frame, or with None let time pass. Returns the event of a decided item whose flap was opened in this step."""
        self._maintain()
        scene = self._observe(frame)
        was_delivering = self.flaps.is_delivering
        self._act_on(self.flaps.advance(scene))
        event = None
        if self._handover is not None:
            event = self._hand_over(self._handover, scene)
        elif frame is not None and not (scene is not None and was_delivering):
            # Without a frame nothing is decided, and the views so far still count.
            event = self._sort(scene)
        self.flaps.show(ready=self._is_ready)
        return event

    def learn_tray(self) -> None:
        """Take the tray as it lies there for empty, whatever lies there.

        Raises:
            RefusedError: an item is under way, or a flap is not home and would be taken for a part of the tray.
        """
        if self.busy:
            raise RefusedError("an item is under way: wait until its flap is closed")
        if not self.flaps.diverter.at_home:
            raise RefusedError("a flap is not home: the tray would be learnt with it open")
        self.tray.learn_again()
        self._vote.reset()

    def discard_votes(self) -> None:
        """Forget the views of the item on the tray, after an error in the middle of a step."""
        self._vote.reset()

    def _sort(self, scene: Scene | None) -> SortEvent | None:
        """The line, for an item at rest; one view of it a frame."""
        item = self._sortable(scene)
        if item is None:
            self._vote.reset()
            return None
        if not self.flaps.can_open and self._vote.would_decide(item):
            # The last view is taken when a flap may move: it moves on what is seen then.
            return None
        view = self._viewer.view(item, self.tray.window(item.frame), self._vote.view_count(item))
        prediction = self._classifier.predict(view)
        verdict = self._vote.add_view(item, prediction)
        if verdict is None:
            return None
        decision = self._policy.decide(verdict, full=self.flaps.levels.full_bins)
        self._handover = Handover(item, self.recorder.write(decision), self.tray.snapshot())
        return self._hand_over(self._handover, scene)

    def _hand_over(self, handover: Handover, scene: Scene | None) -> SortEvent | None:
        """Open the flap of a decided item once its event is on the disk, on a fresh frame that shows it as it was."""
        if handover.write.is_done and not handover.write.is_on_disk:
            # Nothing of it was written: the item is looked at again.
            self._handover = None
            self._vote.reset()
            return None
        if scene is None:
            return None
        if scene.after_gap or self.flaps.is_attended:
            handover.note_company()
        state = handover.look(scene.item, self.tray.presence)
        if state in (HandoverState.CHANGED, HandoverState.GONE):
            self._take_back(handover)
            if state is HandoverState.CHANGED:
                self.tray.start_new_item()
            return None
        may_open = handover.write.is_on_disk and self.flaps.can_open and self.freshness.is_fresh(scene.frame)
        if state is HandoverState.UNSEEN or not may_open:
            return None
        self._handover = None
        self.last_item = handover.item
        self._caution.note_opening(is_surface=self.tray.presence.is_surface)
        self.tray.expect_loss()
        self.flaps.deliver(handover.write.event, handover.before)
        return handover.write.event

    def _take_back(self, handover: Handover) -> None:
        """A decided item does not lie there any more as it did: its flap does not move."""
        self._handover = None
        self.recorder.record_outcome(handover.write.event.number, "interrupted", fell=0, joined=0)
        self._vote.reset()

    def _maintain(self) -> None:
        """Look after what failed, then after what people do: the stop button counts as it is now."""
        self.recorder.poll()
        self._classifier.poll_accelerator()
        self._act_on(self.flaps.read_switches())
        if self.flaps.mode.service_changed:
            # While the bin is worked on, things are put on the tray and taken off, and nothing is missed.
            self.tray.clear_loss_alarm()
            self._vote.reset()
            if self._handover is not None:
                self._take_back(self._handover)
            if not self.flaps.mode.in_service and not self.tray.is_empty:
                self.tray.start_new_item()

    def _observe(self, frame: Frame | None) -> Scene | None:
        """What a fresh frame shows of the tray; None: there is no fresh frame. A stale one may forbid motion."""
        if frame is None:
            return None
        is_fresh = self.freshness.is_fresh(frame)
        scene = self.tray.observe(
            frame,
            in_service=self.flaps.mode.in_service,
            is_attended=self.flaps.is_attended,
            is_delivering=self.flaps.is_delivering,
        )
        self.scene = scene
        if scene.after_gap:
            self._vote.reset()
        if not is_fresh:
            self.flaps.forbid(scene)
            if self._handover is not None and scene.forbids_motion:
                self._handover.note_company()
            return None
        return scene

    def _act_on(self, report: DeliveryReport | None) -> None:
        """Record what became of the item under way, and go by it on the tray."""
        if report is None:
            return
        if report.outcome is not None:
            self.recorder.record_outcome(report.number, report.outcome, fell=report.fell, joined=report.joined)
        if not report.state.is_end:
            return
        if report.state in (DeliveryState.REPLACED, DeliveryState.INTERRUPTED):
            self.tray.start_new_item()
        elif report.state is DeliveryState.STAIN:
            self.tray.suppress()
            self._caution.note_empty(self.tray.observed_s)
        elif report.state is DeliveryState.GONE:
            self._caution.note_fallen()
        if not report.was_stuck:
            self.tray.clear_loss_alarm()
        self._vote.reset()

    def _sortable(self, scene: Scene | None) -> Item | None:
        """The item at rest, if it may be decided now."""
        item = None if scene is None else scene.item
        # What it costs to ask is asked for an item alone: most frames show an empty tray.
        mode = self.flaps.mode
        if item is not None and (mode.in_service or mode.is_paused or not self._can_decide):
            item = None
        if self._caution.hinders(item, is_surface=lambda: self.tray.presence.is_surface):
            # It may be an insect, which leaves by no edge.
            self.tray.expect_loss()
            return None
        return item

    @property
    def _can_decide(self) -> bool:
        """Whether an item can be classified, its decision recorded, and doubtful items taken."""
        return self.recorder.may_write and self._classifier.is_available and not self.flaps.levels.residual_is_full

    @property
    def _is_ready(self) -> bool:
        """Whether an item may be thrown in now."""
        may_open = self.flaps.can_open and not self.flaps.mode.is_paused
        return self.tray.state is PresenceState.EMPTY and may_open and not self.busy and self._can_decide
