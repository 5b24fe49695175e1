"""Presence detection: whether an item is on the tray, and whether it is at rest."""

import logging
from collections.abc import Callable
from enum import StrEnum

from edge.sight.background import NOISE_FLOOR, BackgroundModel
from edge.sight.cielab import Lab, to_lab
from edge.sight.edge_crossing import EdgeCrossing
from edge.sight.mask import FAR
from edge.sight.pyramid import Pyramid
from edge.sight.snapshot import TraySnapshot
from edge.sight.thing_tracker import COVERED_EDGES, ThingTally, ThingTracker
from edge.sight.tray_learner import TrayLearner
from edge.sight.tray_motion import TrayMotion
from edge.sight.tray_region import TrayRegion, box_in_frame, to_pixels
from edge.sight.tray_surface import LARGE_SHARE, MAX_ADAPT_WEIGHT, TraySurface
from edge.sight.work_image import downscale
from edge.values import Item, Mask
from hardware.frame import Frame

log = logging.getLogger(__name__)

ADAPT_INTERVAL_S = 0.5
"""Interval at which a motionless empty tray is compared with the background model, to adapt to the illumination, in seconds.
It is far below ``adapt_s``. Otherwise a frame without motion is not segmented again."""

EMPTY_FRAMES = 2
"""Consecutive frames without an item after which the tray counts as empty; the next item gets a new number."""


class PresenceState(StrEnum):
    """What the frames show."""

    LEARNING = "learning the empty tray"
    EMPTY = "empty"
    MOVING = "something moves"
    AT_REST = "item at rest"
    EDGE_CROSSED = "something reaches over the tray's edge"
    FLAP_OPEN = "a flap stands open"


class Presence:
    """Detects items by comparing each frame with the background model and with the frames before.

    Args:
        region: (left, top, right, bottom) of the tray as fractions of the image, 0..1.
        settle_s: time without motion after which an item is at rest, in seconds.
        learn_s: time without motion in which the empty tray is learnt if there is no ``background``, in seconds.
        adapt_s: time constant of the adaptation to illumination and dirt, in seconds. Only an empty tray adapts.
        background: model of the empty tray; None learns it from the first frames.
        unverified: whether ``background`` is from an earlier run. If the tray looks completely different, it is learnt
            again.
        shows_flap: whether a picture of a moment, in seconds on the clock, may show a flap that stands open: it looks like
            something on the tray, and is neither a thing nor light.

    Attributes:
        state: what the newest frame shows.
    """

    def __init__(
        self,
        *,
        region: TrayRegion = (0.0, 0.0, 1.0, 1.0),
        settle_s: float = 0.25,
        learn_s: float = 1.0,
        adapt_s: float = 30.0,
        background: BackgroundModel | None = None,
        unverified: bool = False,
        shows_flap: Callable[[float], bool] = lambda time_s: False,
    ) -> None:
        self._region = region
        self._settle_s = settle_s
        self._adapt_s = adapt_s
        self._surface = None if background is None else TraySurface(background)
        self._adapted_s = 0.0
        self._learner = TrayLearner(learn_s=learn_s, is_unverified=unverified)
        self._shows_flap = shows_flap
        self._saw_flap = False
        self._motion = TrayMotion()
        self._crossing = EdgeCrossing()
        # Working image, mask and time of the last segmentation.
        self._lab: Lab | None = None
        self._mask: Mask | None = None
        self._segmented_s: float | None = None
        self._examined_s: float | None = None
        self._things = ThingTracker()
        self._newest: tuple[Frame, Pyramid] | None = None
        self._number = 0
        self._is_next = True
        self._empty_frames = 0
        self.state = PresenceState.LEARNING if background is None else PresenceState.EMPTY

    @property
    def is_empty(self) -> bool:
        """Whether the tray was empty on the last frames. A single one may have missed a nearly invisible item."""
        return self._empty_frames >= EMPTY_FRAMES

    @property
    def background(self) -> BackgroundModel | None:
        """The current background model; None before it is learnt."""
        return None if self._surface is None else self._surface.background

    def tray(self, frame: Frame) -> Pyramid:
        """Image pyramid of the tray region of a frame: a view into its pixels, RGB uint8 (height, width, 3).

        The pyramid of the newest frame is cached, with the levels computed so far.
        """
        if self._newest is None or self._newest[0] is not frame:
            x0, y0, x1, y1 = to_pixels(frame, self._region)
            self._newest = frame, Pyramid(frame.pixels[y0:y1, x0:x1])
        return self._newest[1]

    @property
    def is_edge_crossed(self) -> bool:
        """Whether something crossed the tray's edge on the last frame: a hand, or an item that lies over it."""
        return self.state is PresenceState.EDGE_CROSSED

    @property
    def things(self) -> ThingTally:
        """The things that have come and gone so far."""
        return self._things.tally

    @property
    def is_newcomer(self) -> bool:
        """Whether the last frame showed something on its way in, beside or onto what lies there."""
        seen_now = self._newest is not None and self._segmented_s == self._newest[0].time_s
        return seen_now and self._things.newcomer

    def observe(self, frame: Frame) -> Item | None:
        """Process one frame.

        Returns:
            The item if the frame shows one at rest, else None; ``state`` tells why.
        """
        tray = self.tray(frame)
        noise = NOISE_FLOOR if self._surface is None else self._surface.background.noise
        moved = self._motion.has_moved(tray, noise=noise)
        if moved:
            self._motion.restart(tray, frame.time_s)
        shows_flap, saw_flap = self._shows_flap(frame.time_s), self._saw_flap
        self._saw_flap = shows_flap
        if self._surface is None:
            self._learn(to_lab(downscale(tray)), frame.time_s)
            return None
        if shows_flap:
            self._things.note_flap()
        due = self._segmented_s is None or not 0 <= frame.time_s - self._segmented_s < ADAPT_INTERVAL_S
        if moved or self._lab is None or saw_flap is not shows_flap or (due and self._mask is None):
            self._segment(to_lab(downscale(tray)), frame.time_s, moved)
            if self._mask is None and not moved:
                self._motion.restart(tray, self._motion.still_since_s)
        mask = self._mask
        if not shows_flap and self._is_background_wrong(tray, frame.time_s, noise=noise):
            return None
        if self._learner.is_unverified and not shows_flap:
            self._verify_background(tray, frame.time_s)
        if mask is None and not self._learner.is_with_flap:
            self.state = PresenceState.EMPTY
            self._empty_frames += 1
            self._crossing.clear()
            if self._empty_frames == EMPTY_FRAMES or (self._things.was_flap_seen and self.is_empty):
                self._things.clear()
            return None
        self._is_next |= self.is_empty
        if self._empty_frames:
            self._motion.restart(tray, frame.time_s)
            self._empty_frames = 0
        if mask is not None and not shows_flap and self._is_only_light(mask, frame.time_s):
            return None
        if mask is not None and self._crossing.may_be_person(mask.edges, tray, frame.time_s, noise=noise):
            self.state = PresenceState.EDGE_CROSSED
            if self._surface.look_longer(mask, to_lab(downscale(tray)), frame.time_s, moved=moved):
                self._things.note_relit()
                self._lab = None
            return None
        if shows_flap or mask is None:
            self.state = PresenceState.FLAP_OPEN
            return None
        if frame.time_s - self._motion.still_since_s < self._settle_s:
            self.state = PresenceState.MOVING
            return None
        self.state = PresenceState.AT_REST
        self._things.settle()
        if self._is_next:
            self._number += 1
            self._is_next = False
        return Item(
            frame,
            mask,
            box_in_frame(frame, self._region, mask),
            self._number,
            self._motion.still_since_s,
            object_count=max(mask.object_count, self._things.tally.present),
        )

    def snapshot(self) -> TraySnapshot | None:
        """Snapshot of the tray at the last segmentation; None before the background model is learnt."""
        if self._lab is None or self._surface is None:
            return None
        foreground = self._surface.distance(self._lab) > FAR
        return TraySnapshot.of(self._lab, self._surface.background, self._mask, foreground)

    def is_unchanged_since(self, before: TraySnapshot) -> bool:
        """Whether the tray still shows the item of a snapshot, under any illumination: it did not fall."""
        now = self.snapshot()
        return now is not None and before.matches(now)

    def resembles(self, before: TraySnapshot) -> bool:
        """Whether the tray shows an item of the same colours in about the same place: it did not fall, but may have slid."""
        now = self.snapshot()
        return now is not None and before.resembles(now)

    @property
    def is_surface(self) -> bool:
        """Whether what is at rest on the tray may be a part of it: a stain, a crumb, a reflection, a shadow."""
        if self._lab is None or self._mask is None or self._surface is None:
            return False
        return self._surface.examine(self._mask, self._lab).is_surface

    def suppress(self) -> None:
        """Take what is on the tray now for a part of it: nothing fell. Whatever is seen from now on is another item."""
        if self._lab is not None and self._mask is not None and self._surface is not None:
            self._surface.suppress(self._mask, self._lab, self._motion.still_since_s)
            self._lab = None
            self._is_next = True
            self._things.forget()

    def note_unseen(self) -> None:
        """Something may have come or gone unseen: the tray was not observed for a while, or people work on it."""
        self._things.note_unseen()

    def start_new_item(self) -> None:
        """Count what is on the tray as a new item, although the tray was not empty in between."""
        self._is_next = True

    def _learn(self, lab: Lab, time_s: float) -> None:
        """Learn the empty tray from frames without motion."""
        still_since_s = self._motion.still_since_s
        model = self._learner.add(lab, time_s, still_since_s=still_since_s, shows_flap=self._saw_flap)
        if model is not None:
            self._surface = TraySurface(model)
            self.state = PresenceState.FLAP_OPEN if self._saw_flap else PresenceState.EMPTY

    def _verify_background(self, tray: Pyramid, time_s: float) -> None:
        """Check the background model of an earlier run: where it shows the tray to be empty, learn the tray again."""
        if self._mask is not None:
            self._learner.clear()
            return
        self._learner.is_recognized = True
        self._learn(to_lab(downscale(tray)), time_s)

    def _is_background_wrong(self, tray: Pyramid, time_s: float, *, noise: float) -> bool:
        """Whether the tray is to be learnt again: it was learnt with a flap open, or has looked completely different from the
        model of an earlier run from the start."""
        assert self._surface is not None
        self._learner.is_with_flap &= self._mask is not None
        if self._learner.is_with_flap:
            self.learn_again("the empty tray was learnt with a flap open")
            return True
        if self._surface.far_share <= LARGE_SHARE or not self._learner.is_open_to_doubt:
            return False
        self.state = PresenceState.LEARNING
        # It must be sure that nobody leans over it.
        if not self._crossing.may_be_person(COVERED_EDGES, tray, time_s, noise=noise):
            self.learn_again("the tray looks completely different from the last run")
        return True

    def learn_again(self, why: str) -> None:
        """Forget what the empty tray looks like, and learn it from the next frames without motion; ``why``: for the log."""
        log.warning("%s: it is learnt again", why)
        self.state = PresenceState.LEARNING
        self._surface = self._lab = None
        self._learner.clear()
        self._learner.is_unverified = self._learner.is_with_flap = False

    def _segment(self, lab: Lab, time_s: float, moved: bool) -> None:
        """Compare a working image with the tray, and set the mask."""
        assert self._surface is not None
        mask = self._surface.segment_around_flap(lab) if self._saw_flap else self._surface.segment(lab, time_s)
        since_s = time_s - self._adapted_s
        if mask is None and not moved and not self._saw_flap and since_s >= ADAPT_INTERVAL_S:
            # To slow changes of illumination, and to dirt.
            self._surface.adapt(lab, min(since_s / max(self._adapt_s, 1.0), MAX_ADAPT_WEIGHT), time_s)
            self._adapted_s = time_s
        self._lab, self._mask, self._segmented_s = lab, mask, time_s
        self._things.observe(mask, lab)

    def _is_only_light(self, mask: Mask, time_s: float) -> bool:
        """Whether what came to rest, on the tray or over its edge, contains another light on the tray, which is suppressed. It
        is asked once each time that the motion ends."""
        still_since_s = self._motion.still_since_s
        if time_s - still_since_s < self._settle_s or self._examined_s == still_since_s:
            return False
        self._examined_s = still_since_s
        if self._lab is None or self._surface is None or not self._surface.suppress_light(mask, self._lab, time_s):
            return False
        self._lab = None
        self.state = PresenceState.MOVING
        return True
