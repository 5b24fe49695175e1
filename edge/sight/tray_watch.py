"""Observes the tray: detects items, and raises the alarms that concern the tray."""

from dataclasses import dataclass

from edge.alarms import Alarms
from edge.sight.background_store import BackgroundStore
from edge.sight.learning_timeout import LearningTimeout
from edge.sight.motion_timeout import MotionTimeout
from edge.sight.presence import Presence, PresenceState
from edge.sight.pyramid import Pyramid
from edge.sight.snapshot import TraySnapshot
from edge.sight.unexplained_loss import UnexplainedLossDetector
from edge.values import Frame, Item

BLIND_S = 2.0
"""Time without an observation after which the item on the tray may be another one, in seconds."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """State of the tray on one frame.

    Attributes:
        frame: the frame.
        state: what the frame shows.
        item: the item at rest; None if there is none.
        after_gap: whether the previous observation was more than ``BLIND_S`` ago, so that the item may be another one.
        is_loss: whether an item has just disappeared although no flap was open and no hand removed it.
        is_newcomer: whether something is on its way in, beside or onto what lies there.
    """

    frame: Frame
    state: PresenceState
    item: Item | None
    after_gap: bool = False
    is_loss: bool = False
    is_newcomer: bool = False

    @property
    def forbids_motion(self) -> bool:
        """Whether a hand may be in the tray, or what lies there is not what was decided any more: something crosses the
        edge or has just come in, or the empty tray is not known yet."""
        return self.is_newcomer or self.state is PresenceState.EDGE_CROSSED or not self.is_tray_known

    @property
    def is_tray_known(self) -> bool:
        """Whether the empty tray is known: if not, nothing that is seen can be told from it."""
        return self.state is not PresenceState.LEARNING


class TrayWatch:
    """Observes the tray frame by frame, and saves the background model for the next start.

    Args:
        presence: detects the items.
        alarms: receives the alarms for motion that does not end and for unexplained losses.
        store: saves the background model; None does not save it.
        learn_s: time without motion that learning the empty tray takes, in seconds.
    """

    def __init__(
        self, presence: Presence, *, alarms: Alarms, store: BackgroundStore | None = None, learn_s: float = 1.0
    ) -> None:
        self.presence = presence
        self._learning_timeout = LearningTimeout(alarms, learn_s=learn_s)
        self._motion_timeout = MotionTimeout(alarms)
        self._loss_detector = UnexplainedLossDetector(alarms)
        self._store = store
        self.observed_s = 0.0
        """When the newest frame that was observed was taken, in seconds on the clock of the frames."""

    @property
    def state(self) -> PresenceState:
        """What the newest frame showed."""
        return self.presence.state

    @property
    def is_empty(self) -> bool:
        """Whether the tray was empty on the newest frames."""
        return self.presence.is_empty

    def observe(self, frame: Frame, *, in_service: bool, is_attended: bool, is_delivering: bool) -> Scene:
        """Process one frame.

        Args:
            frame: a fresh frame of the camera.
            in_service: whether the bin is in service mode, in which motion raises no alarm.
            is_attended: whether a person may remove items unseen, which explains a loss.
            is_delivering: whether an item is being delivered, whose loss is expected.
        """
        after_gap = frame.time_s - self.observed_s > BLIND_S
        if after_gap or is_attended:
            self._loss_detector.reset()
            self.presence.note_unseen()
        item = self.presence.observe(frame)
        # Only now: after an error the gap goes on.
        self.observed_s = frame.time_s
        state = self.presence.state
        is_learning = state is PresenceState.LEARNING
        self._learning_timeout.observe(is_learning, self.presence.tray(frame), frame.time_s)
        is_restless = state in (PresenceState.MOVING, PresenceState.EDGE_CROSSED)
        self._motion_timeout.observe(is_restless and not in_service, frame.time_s)
        is_loss = not is_delivering and self._loss_detector.observe(state, is_empty=self.presence.is_empty)
        if self._store is not None and self.presence.is_empty:
            self._store.save_if_due(self.presence.background, frame.time_s)
        return Scene(frame, state, item, after_gap, is_loss, self.presence.is_newcomer)

    def window(self, frame: Frame) -> Pyramid:
        """Image pyramid of the tray region of a frame, see ``Presence.tray``."""
        return self.presence.tray(frame)

    def snapshot(self) -> TraySnapshot:
        """Snapshot of the tray at the last observation.

        Raises:
            RuntimeError: the background model is not learnt yet.
        """
        taken = self.presence.snapshot()
        if taken is None:
            raise RuntimeError("tray: no snapshot before the empty tray is learnt")
        return taken

    def expect_loss(self) -> None:
        """Do not report the loss of the item on the tray: its flap opens."""
        self._loss_detector.reset()

    def clear_loss_alarm(self) -> None:
        """Clear the alarm for an unexplained loss: an item was sorted normally, or a person attends to the bin."""
        self._loss_detector.clear_alarm()

    def start_new_item(self) -> None:
        """Count what is on the tray as a new item, see ``Presence.start_new_item``."""
        self.presence.start_new_item()

    def learn_again(self) -> None:
        """Take what the next frames without motion show for the empty tray: somebody says that it is."""
        self.presence.start_new_item()
        self.presence.learn_again("somebody says that the tray is empty")

    def suppress(self) -> None:
        """Take what is on the tray for a part of it, see ``Presence.suppress``."""
        self.presence.suppress()
