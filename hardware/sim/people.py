"""The people over the tray: what the camera sees of them, and how much of the tray they really cover."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hardware.frame import Pixels
from hardware.sim.hand import Hand
from hardware.sim.torso import Torso
from hardware.world.fault import PEOPLE, ActiveFault

MASK_WIDTH = 96
"""Width of the mask that the truth is measured on, in pixels: an arm is some 20 of them wide, and it costs next to nothing."""

CoverMask = NDArray[np.bool_]
"""Which part of the tray is covered, bool (height, width)."""


class Limb(Protocol):
    """Whatever of a person reaches over the tray."""

    def reached(self, time_s: float) -> float:
        """Its way in at a time: 0 out of view, 1 at full reach."""
        ...

    def draw_on(self, picture: Pixels, time_s: float) -> float:
        """Draw it on a picture, in place. Returns the share of the picture that it covers, 0..1."""
        ...

    def cover_on(self, mask: CoverMask, time_s: float) -> None:
        """Mark what it covers on a mask of its picture's size, in place."""
        ...


class People:
    """All limbs over the tray, from the active faults.

    Args:
        size: width and height of the camera's picture, in pixels.
        seed: determines tremor and cloth.
    """

    def __init__(self, size: tuple[int, int], seed: int) -> None:
        self._size = size
        self._seed = seed
        self._mask_size = (MASK_WIDTH, max(round(MASK_WIDTH * size[1] / size[0]), 1))
        self._limbs: list[tuple[ActiveFault, Limb, Limb]] = []

    @property
    def are_near(self) -> bool:
        """Whether anybody is on the way in, there, or on the way out."""
        return bool(self._limbs)

    def are_in_view(self, time_s: float) -> bool:
        """Whether anybody reaches over the tray."""
        return any(limb.reached(time_s) > 0 for _, limb, _ in self._limbs)

    def apply_faults(self, active: Sequence[ActiveFault]) -> None:
        """Take over those of the active faults; who is there already stays as he is."""
        before = {id(fault) for fault, _, _ in self._limbs}
        self._limbs = [one for one in self._limbs if one[0] in active]
        for fault in active:
            if fault.kind in PEOPLE and id(fault) not in before:
                self._limbs.append((fault, self._limb(fault, self._size), self._limb(fault, self._mask_size)))

    def draw_on(self, picture: Pixels, time_s: float) -> float:
        """Draw them on a picture, in place. Returns the share of it that they cover, 0..1."""
        return float(min(sum(limb.draw_on(picture, time_s) for _, limb, _ in self._limbs), 1.0))

    def cover(self, time_s: float) -> float:
        """The share of the tray that they cover at a time, 0..1, whether a camera sees it or not."""
        if not self.are_in_view(time_s):
            return 0.0
        mask = np.zeros(self._mask_size[::-1], np.bool_)
        for _, _, limb in self._limbs:
            limb.cover_on(mask, time_s)
        return float(np.count_nonzero(mask)) / mask.size

    def _limb(self, fault: ActiveFault, size: tuple[int, int]) -> Limb:
        if fault.kind == "body":
            return Torso(
                size,
                begin_s=fault.begin_s,
                end_s=fault.end_s,
                side=fault.option("side", "bottom"),
                depth=fault.option("depth", 0.5),
                come_s=fault.option("come_s", 0.3),
                sway=fault.option("sway", 0.0),
                cloth=fault.option("cloth", "dark"),
                seed=self._seed,
            )
        return Hand(
            size,
            begin_s=fault.begin_s,
            end_s=fault.end_s,
            side=fault.option("side", "bottom"),
            reach=fault.option("reach", 0.6),
            across=fault.option("across", 0.5),
            come_s=fault.option("come_s", 0.35),
            colour=fault.option("colour", "light"),
            seed=self._seed,
        )
