"""Presence: is there an item on the tray, and has it come to rest?"""

import logging
from collections import deque
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.sight.background import NOISE_FLOOR, BackgroundModel, Lab, reduced, to_lab
from edge.sight.mask import FAR, MIN_AREA, NEAR, mask_from_distance
from edge.sight.pyramid import Pyramid
from edge.sight.snapshot import TraySnapshot
from edge.values import Item, Mask
from hardware.frame import Frame, Pixels

log = logging.getLogger(__name__)

MOTION_SIDE = 80
"""Longer side, in pixels, of the picture that is watched for motion: in it a pixel is the mean of many, and without noise."""

MOTION_SHARE = 0.002
"""Share of the tray's pixels that must change to count as motion."""

MOTION_LEVELS = 5.0
"""Grey levels (0..255) by which a pixel must change for that."""

LEVELS_PER_NOISE = 4.2
"""The same for a noisy tray, in multiples of its noise: one Lab unit is some 2.5 grey levels."""

RELOOK_S = 0.5
"""So often an empty tray is compared with the one that is known though nothing moves, to follow the light, in seconds. Far
below the time constant of ``adapt_s``. Else a picture that has not changed is not looked into again."""

LARGE_SHARE = 0.3
"""Share of the tray that may differ from the empty one before the light is asked for, and what is left is an item even
without an outline."""

EMPTY_FRAMES = 2
"""So many frames in a row without an item make the tray empty, and what comes next another item."""


class PresenceState(StrEnum):
    """What the gate sees."""

    LEARNING = "learning the empty tray"
    EMPTY = "empty"
    MOVING = "something moves"
    AT_REST = "item at rest"
    EDGE_CROSSED = "something reaches over the tray's edge"


class Presence:
    """Compares every frame with the empty tray and with the frame before.

    Args:
        region: (left, top, right, bottom) of the tray as shares of the picture, 0..1.
        settle_s: how long nothing may move before an item is at rest, in seconds.
        learn_s: how long a still tray is looked at to learn what empty means, when no ``ground`` is given, in seconds.
        adapt_s: time constant with which the empty tray follows light and dirt, in seconds. Only an empty tray adapts.
        ground: the empty tray, where it is known.
        remembered: that it is one of an earlier run: a tray that looks altogether different is learnt anew.
    """

    def __init__(
        self,
        *,
        region: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0),
        settle_s: float = 0.25,
        learn_s: float = 1.0,
        adapt_s: float = 30.0,
        ground: BackgroundModel | None = None,
        remembered: bool = False,
    ) -> None:
        self._region = region
        self._settle_s = settle_s
        self._learn_s = learn_s
        self._adapt_s = adapt_s
        self._ground = ground
        self._doubtful = remembered
        self._recognised = False
        self._adapted_s = 0.0
        self._learned: deque[Lab] = deque(maxlen=16)
        # The tray when it last changed: small, RGB; its light; since when.
        self._still: Pixels | None = None
        self._still_light = 1.0
        self._still_since_s = 0.0
        # What the last look into the picture found, and when that was.
        self._lab: Lab | None = None
        self._mask: Mask | None = None
        self._looked_s: float | None = None
        self._newest: tuple[Frame, Pyramid] | None = None
        self._number = 0
        self._empty_frames = 0
        self.state = PresenceState.LEARNING if ground is None else PresenceState.EMPTY

    @property
    def is_empty(self) -> bool:
        """Was the tray empty on the last frames? One alone may be a flicker of a nearly invisible item."""
        return self._empty_frames >= EMPTY_FRAMES

    @property
    def background(self) -> BackgroundModel | None:
        """The empty tray as it is known now; None before it is learnt."""
        return self._ground

    def tray(self, frame: Frame) -> Pyramid:
        """The part of a frame that shows the tray, a window onto it, RGB uint8; for the newest frame with what halves of it
        there are already."""
        if self._newest is None or self._newest[0] is not frame:
            x0, y0, x1, y1 = self._pixels(frame, self._region)
            self._newest = frame, Pyramid(frame.pixels[y0:y1, x0:x1])
        return self._newest[1]

    @property
    def is_edge_crossed(self) -> bool:
        """Did something reach in over the tray's edge on the last frame? A hand, or an item that lies over it."""
        return self.state is PresenceState.EDGE_CROSSED

    def observe(self, frame: Frame) -> Item | None:
        """Look at one frame; the item if one is at rest on it, else None (``state`` says why)."""
        tray = self.tray(frame)
        small = reduced(tray, MOTION_SIDE)
        moved = self._has_moved(small)
        if moved:
            self._rest_from(small, frame.time_s)
        if self._ground is None:
            self._learn(to_lab(reduced(tray)), frame.time_s)
            return None
        due = self._looked_s is None or not 0 <= frame.time_s - self._looked_s < RELOOK_S
        if moved or self._lab is None or (due and self._mask is None):
            self._look(to_lab(reduced(tray)), frame.time_s, moved)
            if self.state is PresenceState.LEARNING:
                return None
            if self._mask is None and not moved:
                self._rest_from(small, self._still_since_s)
        mask = self._mask
        if self._doubtful:
            self._learn_anew(tray, frame.time_s)
        if mask is None:
            self.state = PresenceState.EMPTY
            self._empty_frames += 1
            return None
        if self.is_empty or self._number == 0:
            self._number += 1
        if self._empty_frames:
            self._rest_from(small, frame.time_s)
            self._empty_frames = 0
        if mask.edges and (mask.edges < 3 or self.is_edge_crossed):
            # An arm comes over two edges at most: what lies over more of them covers the tray, unless an arm has joined it.
            self.state = PresenceState.EDGE_CROSSED
            return None
        if frame.time_s - self._still_since_s < self._settle_s:
            self.state = PresenceState.MOVING
            return None
        self.state = PresenceState.AT_REST
        return Item(
            frame, mask, self._box(frame, mask), self._number, self._still_since_s, object_count=mask.object_count
        )

    def snapshot(self) -> TraySnapshot | None:
        """The tray as it was last looked into, to ask later what has become of it; None before the tray is known."""
        if self._lab is None or self._ground is None:
            return None
        covered = self._ground.distance(self._lab) > FAR
        return TraySnapshot(self._ground.difference(self._lab), covered, self._mask)

    def is_unchanged_since(self, before: TraySnapshot) -> bool:
        """Does the tray still look as it did, whatever the light? True for an item that did not fall."""
        now = self.snapshot()
        return now is not None and before.matches(now)

    def resembles(self, before: TraySnapshot) -> bool:
        """Does something of the same colours lie in about the same place? An item that did not fall may have slid a little."""
        now = self.snapshot()
        return now is not None and before.resembles(now)

    def absorb_into_background(self) -> None:
        """What lies there is the tray from now on: a stain that somebody has tried to wipe away, a scratch.

        Only a person can tell that from an item; whoever calls this has seen one reach in and leave it as it is.
        """
        if self._lab is not None and self._ground is not None:
            self._ground = BackgroundModel(self._lab, self._ground.noise)
            self._lab = None

    def start_new_item(self) -> None:
        """What is on the tray now is another item than before, although the tray was never seen empty between."""
        self._number += 1

    def _learn(self, lab: Lab, time_s: float) -> None:
        if self._still_since_s == time_s:
            self._learned.clear()
        self._learned.append(lab)
        if time_s - self._still_since_s >= self._learn_s and len(self._learned) >= 3:
            self._ground = BackgroundModel.from_pictures(list(self._learned))
            self._learned.clear()
            self.state = PresenceState.EMPTY

    def _learn_anew(self, tray: Pyramid, time_s: float) -> None:
        """A tray that is remembered tells that this one is empty; how it looks today is learnt from itself."""
        if self._mask is not None:
            self._learned.clear()
            return
        # Seen empty as it is remembered: what looks altogether different from now on lies on it.
        self._recognised = True
        self._learn(to_lab(reduced(tray)), time_s)
        self._doubtful = bool(self._learned)

    def _look(self, lab: Lab, time_s: float, moved: bool) -> None:
        """Compare with the empty tray: is there something, and where?"""
        assert self._ground is not None
        distance = self._ground.distance(lab)
        near, far = _shares(distance)
        if near > LARGE_SHARE and (relit := self._ground.matched_to_light(lab)) is not None:
            log.info("the light has changed: the empty tray is taken in the new one")
            self._ground = relit
            distance = relit.distance(lab)
            near, far = _shares(distance)
        if self._doubtful and not self._recognised and far > LARGE_SHARE:
            log.warning("the tray looks altogether different from the last run's: it is learnt anew")
            self._ground, self._doubtful = None, False
            self.state = PresenceState.LEARNING
            return
        mask = mask_from_distance(distance)
        if mask is None and near > LARGE_SHARE and far > MIN_AREA:
            # No believable outline, but far too much has changed for an empty tray: something covers it.
            mask = Mask(np.full(distance.shape, 255, np.uint8), (0.0, 0.0, 1.0, 1.0), 1.0, edges=4)
        if mask is None and not moved:
            self._adapt(lab, time_s)
        self._lab, self._mask, self._looked_s = lab, mask, time_s

    def _adapt(self, lab: Lab, time_s: float) -> None:
        """Let the empty tray follow light and dirt."""
        since_s = time_s - self._adapted_s
        if since_s >= RELOOK_S and self._ground is not None:
            # However long nothing was seen, one picture is not the tray.
            weight = min(since_s / max(self._adapt_s, 1.0), 0.1)
            self._ground = BackgroundModel(
                cv2.addWeighted(self._ground.mean, 1 - weight, lab, weight, 0), self._ground.noise
            )
            self._adapted_s = time_s

    def _rest_from(self, small: Pixels, since_s: float) -> None:
        self._still, self._still_light, self._still_since_s = small, _light(small), since_s

    def _has_moved(self, small: Pixels) -> bool:
        """Does the tray look other than when it last changed? What creeps adds up.

        In the same light: a flicker, which all pixels share in proportion, is no motion.
        """
        before = self._still
        if before is None or before.shape != small.shape:
            return True
        noise = NOISE_FLOOR if self._ground is None else self._ground.noise
        least = max(MOTION_LEVELS, LEVELS_PER_NOISE * noise)
        gain = min(max(self._still_light / _light(small), 0.8), 1.25)
        # All three channels, since an item may be as light as the tray.
        change = cv2.addWeighted(small, gain, before, -1.0, 128.0)
        still = cv2.inRange(change, (128 - least,) * 3, (128 + least,) * 3)
        return int(still.size - cv2.countNonZero(still)) > MOTION_SHARE * int(still.size)

    def _box(self, frame: Frame, mask: Mask) -> tuple[int, int, int, int]:
        left, top, right, bottom = self._region
        width, height = right - left, bottom - top
        x0, y0, x1, y1 = mask.box
        return self._pixels(frame, (left + x0 * width, top + y0 * height, left + x1 * width, top + y1 * height))

    @staticmethod
    def _pixels(frame: Frame, shares: tuple[float, float, float, float]) -> tuple[int, int, int, int]:
        x0 = min(int(shares[0] * frame.width), frame.width - 1)
        y0 = min(int(shares[1] * frame.height), frame.height - 1)
        x1 = max(min(round(shares[2] * frame.width), frame.width), x0 + 1)
        y1 = max(min(round(shares[3] * frame.height), frame.height), y0 + 1)
        return x0, y0, x1, y1


def _light(small: Pixels) -> float:
    """How bright a picture is, at least 1."""
    return max(sum(cv2.mean(small)[:3]), 1.0)


def _shares(distance: NDArray[np.float32]) -> tuple[float, float]:
    """Shares of the picture that may belong to an item, and that must."""
    near, far = (float(np.count_nonzero(distance > least)) / distance.size for least in (NEAR, FAR))
    return near, far
