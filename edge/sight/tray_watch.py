"""The watch over the tray: what a frame shows of it, and what of that a person should know."""

from dataclasses import dataclass

from edge.alarms import Alarms
from edge.sight.background_store import BackgroundStore
from edge.sight.motion_timeout import MotionTimeout
from edge.sight.presence import Presence, PresenceState
from edge.sight.pyramid import Pyramid
from edge.sight.snapshot import TraySnapshot
from edge.sight.unexplained_loss import UnexplainedLossDetector
from edge.values import Frame, Item

BLIND_S = 2.0
"""After this long without an observation it is unknown whether the same item still lies there, in seconds."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """The tray on one frame.

    Attributes:
        frame: the frame.
        state: what the tray shows.
        item: what is at rest there; None: nothing is.
        after_gap: the observation before is so long ago that anything may have happened since.
        is_loss: something has just left the tray though no flap was open and no hand took it.
    """

    frame: Frame
    state: PresenceState
    item: Item | None
    after_gap: bool = False
    is_loss: bool = False

    @property
    def forbids_motion(self) -> bool:
        """Whether a hand may be in the tray: something crosses its edge, or the empty tray is not known yet."""
        return self.state in (PresenceState.EDGE_CROSSED, PresenceState.LEARNING)


class TrayWatch:
    """Watches the tray, frame by frame, and keeps the empty tray for the next start.

    Args:
        presence: tells items from the empty tray.
        alarms: where motion that does not end and unexplained losses are reported.
        store: where the empty tray is kept; None: nowhere.
    """

    def __init__(self, presence: Presence, *, alarms: Alarms, store: BackgroundStore | None = None) -> None:
        self.presence = presence
        self._motion_timeout = MotionTimeout(alarms)
        self._loss_detector = UnexplainedLossDetector(alarms)
        self._store = store
        self._observed_s = 0.0

    @property
    def state(self) -> PresenceState:
        """What the newest frame showed."""
        return self.presence.state

    @property
    def is_empty(self) -> bool:
        """Whether the tray was empty on the newest frames."""
        return self.presence.is_empty

    def observe(self, frame: Frame, *, in_service: bool, is_attended: bool, is_delivering: bool) -> Scene:
        """Take one fresh frame.

        Args:
            frame: of the camera.
            in_service: the bin is being worked on: motion is no reason for an alarm.
            is_attended: things may be taken off unseen: a loss is explained.
            is_delivering: a decided item is on its way: its loss is what is wanted.
        """
        after_gap = frame.time_s - self._observed_s > BLIND_S
        self._observed_s = frame.time_s
        item = self.presence.observe(frame)
        state = self.presence.state
        is_restless = state in (PresenceState.MOVING, PresenceState.EDGE_CROSSED)
        self._motion_timeout.observe(is_restless and not in_service, frame.time_s)
        if after_gap or is_attended:
            self._loss_detector.reset()
        is_loss = not is_delivering and self._loss_detector.observe(state, is_empty=self.presence.is_empty)
        if self._store is not None and self.presence.is_empty:
            self._store.save_if_due(self.presence.background, frame.time_s)
        return Scene(frame, state, item, after_gap, is_loss)

    def window(self, frame: Frame) -> Pyramid:
        """The part of a frame that shows the tray."""
        return self.presence.tray(frame)

    def snapshot(self) -> TraySnapshot:
        """The tray as it was observed last, to compare with later.

        Raises:
            RuntimeError: the empty tray is not known yet.
        """
        taken = self.presence.snapshot()
        if taken is None:
            raise RuntimeError("tray: no snapshot before the empty tray is known")
        return taken

    def expect_loss(self) -> None:
        """What lies on the tray is about to leave it."""
        self._loss_detector.reset()

    def clear_loss_alarm(self) -> None:
        """An item lay until its flap opened, and fell; or a person sees to the bin."""
        self._loss_detector.clear_alarm()

    def start_new_item(self) -> None:
        """What lies on the tray counts as another item from now on."""
        self.presence.start_new_item()

    def absorb_into_background(self) -> None:
        """What lies on the tray is a part of it from now on."""
        self.presence.absorb_into_background()
