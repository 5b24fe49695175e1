"""Watches the tray while somebody puts things on it, and takes the looks of each as it comes to rest."""

from dataclasses import dataclass
from enum import StrEnum

from edge.inference.features import FeatureSpec
from edge.sight.presence import Presence, PresenceState
from edge.teaching.pictures.looks import Looks, LookTaker
from edge.teaching.pictures.redundancy import mean_features
from edge.teaching.pictures.stored_picture import StoredPicture
from edge.values import Item
from hardware.frame import Frame

SAME = 0.004
"""Squared distance between the features of two pictures up to which nothing was moved in between: a camera's noise alone makes
0.0024 at most, a thing that was moved by 8 of 640 pixels over a tray that shows beside it 0.016 or more."""


class CaptureState(StrEnum):
    """What the tray waits for. The values are what the person there is told."""

    LEARNING = "keep the tray clear: its empty picture is being learnt"
    EMPTY = "put the thing on the tray, and take your hand away"
    MOVING = "let it lie still"
    HAND = "take your hand away; the thing must not reach over the tray's edge"
    SEVERAL = "several things lie there: one at a time"
    TAKEN = "turn it, move it, or take the next one"
    SAME = "it lies as before: turn it, move it, or take the next one"


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A picture that was taken.

    Attributes:
        picture: the item with what lies around it.
        looks: what the model sees in it.
        wall_s: when it was taken, in seconds since 1970 UTC.
    """

    picture: StoredPicture
    looks: Looks
    wall_s: float


class ItemCapture:
    """Takes one picture each time that something on the tray comes to rest after it was moved.

    Args:
        presence: watches the tray.
        taker: takes the looks.
        spec: the features, which tell whether anything was moved.

    Attributes:
        state: what the tray waits for.
    """

    def __init__(self, presence: Presence, taker: LookTaker, *, spec: FeatureSpec) -> None:
        self.state = CaptureState.EMPTY
        self._presence = presence
        self._taker = taker
        self._spec = spec
        self._was_moved = True
        self._last: tuple[int, Looks] | None = None

    def observe(self, frame: Frame, *, wall_s: float) -> Shot | None:
        """Look at a frame; the picture if one was taken of it.

        Args:
            frame: the newest frame.
            wall_s: the time, in seconds since 1970 UTC.

        Raises:
            InferenceError: the model cannot be run.
        """
        item = self._presence.observe(frame)
        if item is None:
            self._was_moved = True
            self.state = _WAITING[self._presence.state]
            return None
        # What is seen now: the history of what came and went says little while somebody's hands are at work.
        if item.mask.object_count > 1:
            self._was_moved = True
            self.state = CaptureState.SEVERAL
            return None
        if not self._was_moved:
            return None
        self._was_moved = False
        pixels = self._presence.tray(frame).pixels
        looks = self._taker.take_item(pixels, item.mask)
        if self._is_same(item, looks):
            self.state = CaptureState.SAME
            return None
        self._last = item.number, looks
        self.state = CaptureState.TAKEN
        return Shot(StoredPicture.of(pixels, looks.mask), looks, wall_s)

    def _is_same(self, item: Item, looks: Looks) -> bool:
        """Whether the item lies as it did when the last picture was taken."""
        if self._last is None or self._last[0] != item.number:
            return False
        now, before = (mean_features(one.features, self._spec) for one in (looks, self._last[1]))
        return float(((now - before) ** 2).sum()) <= SAME


_WAITING = {
    PresenceState.LEARNING: CaptureState.LEARNING,
    PresenceState.EMPTY: CaptureState.EMPTY,
    PresenceState.MOVING: CaptureState.MOVING,
    PresenceState.AT_REST: CaptureState.MOVING,
    PresenceState.EDGE_CROSSED: CaptureState.HAND,
}
