"""Patches of the tray that look different from the background model and are no item: stains, crumbs, wet glints, shadows."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.sight.background import LIGHTNESS_WEIGHT
from edge.sight.cielab import Lab
from edge.sight.local_light import BLACK_L
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

LOOK_AGAIN_S, LATEST_LOOK_S = 3600.0, 86400.0
"""Time after which what was suppressed is looked at again, in seconds: it may be a thing after all. Each time that nothing falls
it doubles, up to the second figure: a stain costs two openings five times on its first day, and then once a day."""

CLEAR = 2.0
"""Multiple of ``NEAR`` by which a pixel must have differed for its absence to say that the patch is gone."""


_MARGIN = np.ones((MARGIN, MARGIN), np.uint8)


@dataclass(slots=True, eq=False)
class _Patch:
    """One patch.

    Attributes:
        rows, columns: where it is in the working image.
        cover: its pixels there.
        difference: how it differs from the background model there.
        mask: what was seen when it was found.
        until_s: when it is looked at again, in seconds.
        wait_s: time from when it was found until then, in seconds.
        is_hidden: whether it counts as tray.
        bare_since_s: since when the tray is bare there; None: it is not.
    """

    rows: slice
    columns: slice
    cover: NDArray[np.bool_]
    difference: Lab
    mask: Mask
    until_s: float
    wait_s: float
    is_hidden: bool = True
    bare_since_s: float | None = None

    def strengthen(self, seen: Lab, strength: NDArray[np.float32]) -> None:
        """Learn where a picture shows it stronger: behind the edge of sunlight that wanders, the light grows to its full
        strength."""
        here = np.s_[self.rows, self.columns]
        stronger = self.cover & (strength[here] > np.linalg.norm(self.difference, axis=2))
        self.difference[stronger] = seen[here][stronger]


class TrayPatches:
    """Removes known patches from the distance to the background model.

    A pixel of a patch counts as tray if its colour lies between that of the bare tray and that of the patch, or a little
    beyond. An item of another colour is seen there as anywhere.
    """

    def __init__(self) -> None:
        self._patches: list[_Patch] = []

    def __len__(self) -> int:
        return len(self._patches)

    def add(self, mask: Mask, difference: Lab, time_s: float) -> None:
        """Add what a mask covers.

        Args:
            mask: of what is no item.
            difference: of the picture from the background model, Lab float32 (height, width, 3).
            time_s: capture time of the picture, in seconds.
        """
        cover = cv2.dilate(mask.cover, _MARGIN) > 0
        before = [patch for patch in self._patches if _covers(cover, patch)]
        # Looked at again, and still no item: the next look is later.
        waits_s = [2 * patch.wait_s for patch in before if not patch.is_hidden]
        wait_s = min(max(waits_s, default=LOOK_AGAIN_S), LATEST_LOOK_S)
        self._patches = [patch for patch in self._patches if patch not in before][-MAX_PATCHES + 1 :]
        self._patches.append(_Patch(*_cut(cover, _smooth(difference)), mask, time_s + wait_s, wait_s))

    def look_again(self, time_s: float) -> int:
        """Let the patches be seen that are due. Call it while the tray is empty.

        Args:
            time_s: capture time of the picture, in seconds.

        Returns:
            The number of patches that are seen from now on.
        """
        due = [patch for patch in self._patches if patch.is_hidden and time_s >= patch.until_s]
        for patch in due:
            patch.is_hidden = False
        return len(due)

    def review(self, is_surface: Callable[[Mask], bool]) -> None:
        """Make the patches due that do not look like the tray's surface in a new light.

        Args:
            is_surface: whether what a mask covers looks like the surface.
        """
        for patch in self._patches:
            if not is_surface(patch.mask):
                patch.until_s = -math.inf

    def relight(self, before: Lab, now: Lab) -> None:
        """Follow a change of the light.

        Args:
            before, now: the bare tray in both lights, Lab float32 (height, width, 3).
        """
        for patch in self._patches:
            part = np.s_[patch.rows, patch.columns, 0]
            # Light multiplies L + 16 of the tray and of what is on it alike.
            patch.difference *= ((now[part] + BLACK_L) / (before[part] + BLACK_L))[..., np.newaxis]

    def reduce(self, distance: NDArray[np.float32], difference: Lab, noise: float) -> None:
        """Set the distance of the pixels that show a known patch to what remains beside it, in place.

        Args:
            distance: to the background model, float32 (height, width), in multiples of the noise.
            difference: of the picture from the background model, Lab float32 (height, width, 3).
            noise: of the background, in Lab units.
        """
        weights = np.array([LIGHTNESS_WEIGHT, 1.0, 1.0], np.float32) / noise
        for patch in self._patches:
            if not patch.is_hidden:
                continue
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
            news = (cv2.dilate(cover, _MARGIN) > 0) & (cover == 0) & (strength > NEAR * noise)
            if np.count_nonzero(news) >= MARGIN:
                known = np.zeros_like(seen)
                known[patch.rows, patch.columns] = patch.difference
                grown = (cover > 0) | (cv2.dilate(news.astype(np.uint8), _MARGIN) > 0)
                rows, columns, cut, known = _cut(grown, known)
                self._patches[number] = replace(patch, rows=rows, columns=columns, cover=cut, difference=known)
            self._patches[number].strengthen(seen, strength)

    def restore(self, mean: Lab, bare: Lab) -> None:
        """Copy the bare tray into an image where patches are, in place: both Lab float32 (height, width, 3)."""
        for patch in self._patches:
            part = mean[patch.rows, patch.columns]
            part[patch.cover] = bare[patch.rows, patch.columns][patch.cover]


def _covers(cover: NDArray[np.bool_], patch: _Patch) -> bool:
    """Whether a cover contains most of a patch: it is the same one, and looks different now."""
    return float(cover[patch.rows, patch.columns][patch.cover].mean()) > 0.5


def _cut(cover: NDArray[np.bool_], difference: Lab) -> tuple[slice, slice, NDArray[np.bool_], Lab]:
    """Rows and columns where a cover is, and as much of the cover and the difference as that needs."""
    left, top, width, height = cv2.boundingRect(cover.astype(np.uint8))
    rows, columns = slice(top, top + height), slice(left, left + width)
    return rows, columns, cover[rows, columns], difference[rows, columns].copy()


def _smooth(difference: Lab) -> Lab:
    """The difference without the noise of the single picture."""
    smooth: Lab = cv2.blur(difference, (3, 3))
    return smooth
