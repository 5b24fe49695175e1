"""How the light has changed from one picture of a scene to another."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.sight.cielab import CubeRoots, Lab, linear, roots_to_lab, to_cube_roots, to_linear_rgb
from edge.sight.quantile import median

CELL = 4
"""Side of the cells in which two pictures are compared, in pixels of the working image: a quarter of a pixel's noise."""

MAX_LIGHT = float(linear(np.array(0.97)))
"""Light in a cell's brightest channel, at 97 % of the grey levels, above which a pixel of it may be saturated: it says nothing
about the light."""

MIN_USABLE = 0.5
"""Fraction of the picture that must be usable."""

MIN_CELLS = 6
"""Fewest cells for a plane, which has three parameters: twice as many leave some redundancy."""

MIN_ROOT = 0.05
"""Cube root below which a ratio is nothing but noise: a black cell."""

RIDGE = 1e-3
"""Added to the diagonal of the normal equations, whose entries are numbers of cells."""

FITS = 4
"""Fits of the plane; each leaves out the outliers of the one before."""

SAME_LAB = 4.0
"""Largest difference of a cell from its prediction, in Lab units: several times the noise of a cell in a dark picture, and half
of the contrast at which an item is seen in any usable light."""

MAX_CHANGED = 0.01
"""Fraction of the cells that may differ more: the rim of an item in other light. A hand covers more."""

LOCAL = 9
"""Side of the box filter, in cells, that leaves what no light makes: outlines and grain. Light falls off more slowly."""

MIN_LOCAL_LAB = 0.4
"""Least standard deviation of that, in Lab units, for two pictures to be compared by it: more than the noise of a cell."""

SAME_LOCAL = 0.8
"""Least correlation of it between two pictures of one scene. Between two scenes it is 0, with a standard deviation of 0.03 over a
thousand cells."""


@dataclass(frozen=True, slots=True, eq=False)
class LightRatio:
    """Another light on a scene: a plane over the picture for each of X, Y and Z, so that light from one side is included, and
    light of another colour.

    Attributes:
        planes: float32 (3, 3); rows: at the middle, towards the right, towards the bottom; columns: channels.
    """

    planes: NDArray[np.float32]

    @classmethod
    def fit(cls, before: Lab, now: Lab, usable: NDArray[np.bool_]) -> Self:
        """The light that makes one picture of another, by least squares.

        Args:
            before, now: the two, scaled down to cells: Lab float32 (rows, columns, 3).
            usable: the cells that show the same in both, bool (rows, columns).
        """
        ratio = to_cube_roots(now) / np.maximum(to_cube_roots(before), MIN_ROOT)
        return cls(_least_squares(_basis(*before.shape[:2])[usable], ratio[usable].astype(np.float32)))

    def change(self, before: Lab, now: Lab) -> NDArray[np.float32]:
        """By how much each cell differs from what the light makes of it, in Lab units: float32 (rows, columns), >= 0."""
        return np.asarray(np.abs(self.relight(before) - now).max(axis=2), np.float32)

    def apply(self, cells: CubeRoots) -> CubeRoots:
        """The same parts in the other light."""
        return np.asarray(cells * cv2.transform(_basis(*cells.shape[:2]), self.planes.T), np.float32)

    def relight(self, lab: Lab) -> Lab:
        """A picture in the other light: Lab float32 (height, width, 3)."""
        return roots_to_lab(self.apply(to_cube_roots(lab)))


def lightness_shift(before: Lab, now: Lab) -> float:
    """By how much the lightness of most of a picture has changed, in Lab units, >= 0. What covers less than half is left out."""
    # Every fourth pixel in each direction is enough for a median, and sixteen times cheaper.
    return abs(median(now[::4, ::4, 0] - before[::4, ::4, 0]))


def light_between(before: Lab, now: Lab) -> LightRatio | None:
    """The light that makes one picture of another, if they show the same scene.

    Args:
        before, now: two pictures, Lab float32 (height, width, 3).

    Returns:
        None if something else has changed as well, or if the pictures show too little structure to tell.
    """
    if before.shape != now.shape:
        return None
    size = max(before.shape[1] // CELL, 1), max(before.shape[0] // CELL, 1)
    first, second = (cv2.resize(lab, size, interpolation=cv2.INTER_AREA) for lab in (before, now))
    usable = np.maximum(*(to_linear_rgb(cells).max(axis=2) for cells in (first, second))) < MAX_LIGHT
    if usable.mean() < MIN_USABLE:
        return None
    same = usable
    for number in range(FITS):
        light = LightRatio.fit(first, second, same)
        change = light.change(first, second)
        # The first fit is drawn aside by what has changed: half of the cells are left in.
        limit = SAME_LAB if number else max(SAME_LAB, median(change[usable]))
        same = usable & (change < limit)
        if np.count_nonzero(same) < max(MIN_USABLE * np.count_nonzero(usable), MIN_CELLS):
            return None
    if (usable & ~same).mean() > MAX_CHANGED:
        return None
    local = _local(light.relight(first)), _local(second)
    deviations = [float(picture[usable].std()) for picture in local]
    if min(deviations) < MIN_LOCAL_LAB or _correlation(local[0][usable], local[1][usable]) < SAME_LOCAL:
        return None
    return light


@lru_cache(maxsize=4)
def _basis(rows: int, columns: int) -> NDArray[np.float32]:
    """One, and the places of the cells, -1..1 to the right and to the bottom: float32 (rows, columns, 3)."""
    y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j].astype(np.float32)
    return np.stack([np.ones_like(x), x, y], axis=-1)


def _least_squares(basis: NDArray[np.float32], values: NDArray[np.float32]) -> NDArray[np.float32]:
    """By the normal equations, with a little added to the diagonal for places in one line: far faster than a decomposition."""
    transposed = basis.T
    return np.linalg.solve(transposed @ basis + RIDGE * np.eye(3), transposed @ values).astype(np.float32)


def _local(lab: Lab) -> NDArray[np.float32]:
    light = lab[..., 0]
    local: NDArray[np.float32] = cv2.subtract(light, cv2.blur(light, (LOCAL, LOCAL)))
    return local


def _correlation(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    one, other = one - one.mean(), other - other.mean()
    return float((one * other).sum() / max(float(np.sqrt((one * one).sum() * (other * other).sum())), 1e-6))
