"""Patches of the tray that look different from the background model and are no item: stains, crumbs, wet glints, shadows."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.sight.background import LIGHTNESS_WEIGHT, Lab
from edge.sight.mask import NEAR
from edge.values import Mask

MAX_PATCHES = 16
"""Largest number of patches; the oldest gives way. A tray with more has to be wiped."""

MARGIN = 9
"""Side of the square, in pixels of the working image, by which a patch is larger than the mask of what was seen: its soft edge
belongs to it."""

MAX_STRENGTH = 1.4
"""How much stronger than when it was found a patch may look, as a multiple: a glint shimmers, and under more light a stain
differs more. Weaker is always allowed, down to the bare tray."""

GONE_S, GONE_SHARE = 30.0, 0.7
"""A patch is forgotten when this fraction of it has looked like the bare tray for so long, in seconds: a glint comes and goes."""

CLEAR = 2.0
"""Multiple of ``NEAR`` by which a pixel must have differed for its absence to say that the patch is gone."""


_MARGIN = np.ones((MARGIN, MARGIN), np.uint8)


@dataclass(slots=True, eq=False)
class _Patch:
    """One patch: where it is, how it differs from the background model, since when the tray is bare there."""

    rows: slice
    columns: slice
    cover: NDArray[np.bool_]
    difference: Lab
    bare_since_s: float | None = None


class TrayPatches:
    """Removes known patches from the distance to the background model.

    A pixel of a patch counts as tray if its colour lies between that of the bare tray and that of the patch, or a little
    beyond. An item of another colour is seen there as anywhere.
    """

    def __init__(self) -> None:
        self._patches: list[_Patch] = []

    def __len__(self) -> int:
        return len(self._patches)

    def add(self, mask: Mask, difference: Lab) -> None:
        """Add what a mask covers.

        Args:
            mask: of what is no item.
            difference: of the picture from the background model, Lab float32 (height, width, 3).
        """
        cover = cv2.dilate(mask.cover, _MARGIN) > 0
        self._patches = [patch for patch in self._patches if not _covers(cover, patch)][-MAX_PATCHES + 1 :]
        self._patches.append(_cut(cover, _smooth(difference)))

    def reduce(self, distance: NDArray[np.float32], difference: Lab, noise: float) -> None:
        """Set the distance of the pixels that show a known patch to what remains beside it, in place.

        Args:
            distance: to the background model, float32 (height, width), in multiples of the noise.
            difference: of the picture from the background model, Lab float32 (height, width, 3).
            noise: of the background, in Lab units.
        """
        weights = np.array([LIGHTNESS_WEIGHT, 1.0, 1.0], np.float32) / noise
        for patch in self._patches:
            seen, known = difference[patch.rows, patch.columns] * weights, patch.difference * weights
            squared = np.maximum((known * known).sum(axis=2), 1e-6)
            strength = np.clip((seen * known).sum(axis=2) / squared, 0.0, MAX_STRENGTH)
            rest = np.linalg.norm(seen - strength[..., None] * known, axis=2)
            part = distance[patch.rows, patch.columns]
            part[patch.cover] = np.minimum(part, rest)[patch.cover]

    def forget_gone(self, distance: NDArray[np.float32], noise: float, time_s: float) -> int:
        """Forget the patches that are gone.

        Args:
            distance: to the background model alone, float32 (height, width), in multiples of the noise.
            noise: of the background, in Lab units.
            time_s: capture time of the picture, in seconds.

        Returns:
            The number of patches forgotten.
        """
        before = len(self._patches)
        for patch in list(self._patches):
            clear = patch.cover & (np.linalg.norm(patch.difference, axis=2) > CLEAR * NEAR * noise)
            bare = distance[patch.rows, patch.columns] < NEAR
            if not clear.any() or bare[clear].mean() < GONE_SHARE:
                patch.bare_since_s = None
            elif patch.bare_since_s is None:
                patch.bare_since_s = time_s
            elif time_s - patch.bare_since_s >= GONE_S:
                self._patches.remove(patch)
        return before - len(self._patches)

    def follow(self, difference: Lab, noise: float) -> None:
        """Follow the patches on a picture without an item: the edge of the sunlight wanders.

        Args:
            difference: of the picture from the background model, Lab float32 (height, width, 3).
            noise: of the background, in Lab units.
        """
        seen = _smooth(difference)
        strength = np.linalg.norm(seen, axis=2)
        for number, patch in enumerate(self._patches):
            cover = np.zeros(strength.shape, np.uint8)
            cover[patch.rows, patch.columns] = patch.cover
            wider = cv2.dilate(cover, _MARGIN) > 0
            news = wider & (cover == 0) & (strength > NEAR * noise)
            if np.count_nonzero(news) < MARGIN:
                continue
            known = np.zeros_like(seen)
            known[patch.rows, patch.columns] = patch.difference
            grown = (cover > 0) | (cv2.dilate(news.astype(np.uint8), _MARGIN) > 0)
            stronger = grown & (strength > np.linalg.norm(known, axis=2))
            known[stronger] = seen[stronger]
            self._patches[number] = _cut(grown, known)

    def restore(self, mean: Lab, bare: Lab) -> None:
        """Copy the bare tray into an image where patches are, in place: both Lab float32 (height, width, 3)."""
        for patch in self._patches:
            part = mean[patch.rows, patch.columns]
            part[patch.cover] = bare[patch.rows, patch.columns][patch.cover]

    def clear(self) -> None:
        """Forget every patch: the empty tray is learnt again."""
        self._patches.clear()


def _covers(cover: NDArray[np.bool_], patch: _Patch) -> bool:
    """Whether a cover contains most of a patch: it is the same one, and looks different now."""
    return float(cover[patch.rows, patch.columns][patch.cover].mean()) > 0.5


def _cut(cover: NDArray[np.bool_], difference: Lab) -> _Patch:
    """A patch: where a cover is, as much of the difference as that needs."""
    left, top, width, height = cv2.boundingRect(cover.astype(np.uint8))
    rows, columns = slice(top, top + height), slice(left, left + width)
    return _Patch(rows, columns, cover[rows, columns], difference[rows, columns].copy())


def _smooth(difference: Lab) -> Lab:
    """The difference without the noise of the single picture."""
    smooth: Lab = cv2.blur(difference, (3, 3))
    return smooth
