"""Learns what the empty tray looks like, and how far what is known of it can be trusted."""

from collections import deque

from edge.sight.background import BackgroundModel
from edge.sight.cielab import Lab

MIN_LEARN_FRAMES, MAX_LEARN_FRAMES = 3, 16
"""Number of frames to learn the empty tray from: the fewest that give a noise estimate, and the most kept in memory."""


class TrayLearner:
    """Collects frames without motion.

    Args:
        learn_s: time without motion after which the tray is learnt, in seconds.
        is_unverified: whether what is known is from an earlier run.

    Attributes:
        is_unverified: what is known is from an earlier run, and the tray has not been learnt in this one.
        is_recognized: the tray has been seen to look as it did in the earlier run: from then on a large difference is an item.
        is_with_flap: the tray was learnt from frames that may show a flap that stands open.
    """

    def __init__(self, *, learn_s: float, is_unverified: bool) -> None:
        self._learn_s = learn_s
        self._frames: deque[Lab] = deque(maxlen=MAX_LEARN_FRAMES)
        self.is_unverified = is_unverified
        self.is_recognized = False
        self.is_with_flap = False

    @property
    def is_open_to_doubt(self) -> bool:
        """Whether nothing has shown yet that what is known from an earlier run is this tray."""
        return self.is_unverified and not self.is_recognized

    def clear(self) -> None:
        """Begin again."""
        self._frames.clear()

    def add(self, lab: Lab, time_s: float, *, still_since_s: float, shows_flap: bool) -> BackgroundModel | None:
        """Take a frame.

        Args:
            lab: the frame, Lab float32 (height, width, 3).
            time_s: its capture time, in seconds.
            still_since_s: time since which nothing has moved, in seconds.
            shows_flap: whether it may show a flap that stands open.

        Returns:
            The background model, once there have been enough; None before.
        """
        if still_since_s == time_s:
            self.clear()
        self._frames.append(lab)
        if time_s - still_since_s < self._learn_s or len(self._frames) < MIN_LEARN_FRAMES:
            return None
        model = BackgroundModel.from_pictures(list(self._frames))
        self.clear()
        self.is_unverified = False
        self.is_with_flap = shows_flap
        return model
