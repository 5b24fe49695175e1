"""Presence: is there an item on the tray, and has it come to rest?"""

from collections import deque
from enum import StrEnum

import cv2
import numpy as np

from edge.mask import FAR, Mask, mask_from_distance
from edge.tray import NOISE_FLOOR, Ground, Lab, shrink
from edge.values import Item
from hardware.frame import Frame, Pixels

MOTION_SHARE = 0.002
"""Share of the tray's pixels that must change from one frame to the next to count as motion."""

LARGE_SHARE = 0.3
"""Share of the tray that, where it is far from the empty one, is an item even without an outline."""

EMPTY_FRAMES = 2
"""So many frames in a row without an item make the tray empty, and what comes next another item."""

SAME_ITEM_LAB = 8.0
"""Mean Lab difference below which what lies on the tray is still the same item."""


class PresenceState(StrEnum):
    """What the gate sees."""

    LEARNING = "learning the empty tray"
    EMPTY = "empty"
    MOVING = "something moves"
    RESTING = "item at rest"


class Presence:
    """Compares every frame with the empty tray and with the frame before.

    Args:
        region: (left, top, right, bottom) of the tray as shares of the picture, 0..1.
        settle_s: how long nothing may move before an item is at rest, in seconds.
        learn_s: how long a still tray is looked at to learn what empty means, when no ``ground`` is given, in seconds.
        adapt_s: time constant with which the empty tray follows light and dirt, in seconds. Only an empty tray adapts.
        ground: the empty tray, where it is known.
    """

    def __init__(
        self,
        *,
        region: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0),
        settle_s: float = 0.25,
        learn_s: float = 1.0,
        adapt_s: float = 30.0,
        ground: Ground | None = None,
    ) -> None:
        self._region = region
        self._settle_s = settle_s
        self._learn_s = learn_s
        self._adapt_s = adapt_s
        self._ground = ground
        self._learned: deque[Lab] = deque(maxlen=16)
        self._previous: Lab | None = None
        self._still_since_s: float | None = None
        self._adapted_s = 0.0
        self._at_rest: Lab | None = None
        self._number = 0
        self._empty_frames = 0
        self.state = PresenceState.LEARNING if ground is None else PresenceState.EMPTY

    @property
    def is_empty(self) -> bool:
        """Was the tray empty on the last frames? One alone may be a flicker of a nearly invisible item."""
        return self._empty_frames >= EMPTY_FRAMES

    def tray(self, frame: Frame) -> Pixels:
        """The part of a frame that shows the tray: a window onto it, RGB uint8."""
        x0, y0, x1, y1 = self._pixels(frame, self._region)
        return frame.pixels[y0:y1, x0:x1]

    def update(self, frame: Frame) -> Item | None:
        """Look at one frame; the item if one is at rest on it, else None (``state`` says why)."""
        lab = shrink(self.tray(frame))
        moved = self._differs(lab, self._previous)
        self._previous = lab
        if moved or self._still_since_s is None:
            self._still_since_s = frame.time_s
        if self._ground is None:
            self._learn(lab, frame.time_s)
            return None
        distance = self._ground.distance(lab)
        mask = mask_from_distance(distance)
        if mask is None and float(np.mean(distance > FAR)) > LARGE_SHARE:
            # No believable outline, but far too much has changed for an empty tray: something covers it.
            mask = Mask(np.full(distance.shape, 255, np.uint8), (0.0, 0.0, 1.0, 1.0), 1.0)
        if mask is None:
            self._see_empty(lab, frame.time_s, moved)
            return None
        if self.is_empty or self._number == 0:
            self._number += 1
        if self._empty_frames:
            self._still_since_s = frame.time_s
            self._empty_frames = 0
        # Against the picture at the start of the rest, too: what creeps moves too little from one frame to the next.
        if moved or self._at_rest is None or self._differs(lab, self._at_rest):
            self._at_rest = lab
            self._still_since_s = frame.time_s
        if frame.time_s - self._still_since_s < self._settle_s:
            self.state = PresenceState.MOVING
            return None
        self.state = PresenceState.RESTING
        return Item(frame, mask, self._box(frame, mask), self._number, self._still_since_s)

    def remember(self) -> Lab | None:
        """The tray as it was last seen (small Lab), to ask later whether it is ``unchanged``."""
        return self._previous

    def unchanged(self, before: Lab) -> bool:
        """Does the tray still look as it did in ``before``? True for an item that did not fall."""
        if self._previous is None or self._ground is None or self._previous.shape != before.shape:
            return False
        covered = (self._ground.distance(before) > FAR) | (self._ground.distance(self._previous) > FAR)
        if not covered.any():
            return False
        return float(np.abs(self._previous - before)[covered].mean()) < SAME_ITEM_LAB

    def renumber(self) -> None:
        """What is on the tray now is another item than before, although the tray was never seen empty between."""
        self._number += 1

    def _learn(self, lab: Lab, time_s: float) -> None:
        assert self._still_since_s is not None
        if self._still_since_s == time_s:
            self._learned.clear()
        self._learned.append(lab)
        if time_s - self._still_since_s >= self._learn_s and len(self._learned) >= 3:
            self._ground = Ground.from_pictures(list(self._learned))
            self._learned.clear()
            self.state = PresenceState.EMPTY

    def _see_empty(self, lab: Lab, time_s: float, moved: bool) -> None:
        self.state = PresenceState.EMPTY
        self._empty_frames += 1
        self._at_rest = None
        since_s = time_s - self._adapted_s
        if not moved and since_s >= 0.5 and self._ground is not None:
            # A step of half a second is far below the time constant, and keeps the idle loop cheap.
            weight = min(since_s, 1.0) / max(self._adapt_s, 1.0)
            self._ground = Ground(cv2.addWeighted(self._ground.mean, 1 - weight, lab, weight, 0), self._ground.noise)
            self._adapted_s = time_s

    def _differs(self, lab: Lab, before: Lab | None) -> bool:
        """Has something moved between two pictures?"""
        if before is None or before.shape != lab.shape:
            return True
        noise = self._ground.noise if self._ground is not None else NOISE_FLOOR
        # The mean of neighbours, since noise is not motion; all three channels, since an item may be as light as the tray.
        change = cv2.blur(cv2.subtract(lab, before), (3, 3))
        least = max(3.0, 2.5 * noise)
        still = cv2.inRange(change, (-least,) * 3, (least,) * 3)
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
