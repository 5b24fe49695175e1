"""The empty tray, as the bin knows it: the ground that an item is told apart from.

Everything here works on a small CIELAB picture (``WORK_SIDE`` pixels on its longer side): presence has to be cheap, and
an item that a bin can sort is large in it.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.sight.pyramid import Pyramid
from hardware.frame import Pixels

WORK_SIDE = 160
"""Longer side of the working picture, in pixels."""

Lab = NDArray[np.float32]
"""CIELAB as OpenCV scales it for float input: L 0..100, a and b about -127..127; shape (height, width, 3)."""

NOISE_FLOOR = 0.8
"""Smallest standard deviation believed of a pixel that was watched, in Lab units: below it lies rounding."""

GUESSED_NOISE_FLOOR = 1.5
"""The same for a tray known from a single picture, which doesn't tell noise from JPEG and texture."""

SHARED_SHIFT = 12.0
"""Largest change of light, in Lab units, that the whole picture may share and still be taken out without a question."""

BLOCK = 16
"""Side of the blocks, in pixels of the working picture, in which the tray's grain is looked for."""

SAME_GRAIN = 0.4
"""Correlation of a block's grain with the empty tray's from which on the tray is seen there. 256 pixels without any
common grain scatter by 0.06 about 0."""

LIGHTNESS_WEIGHT = 0.6
"""Weight of L beside a and b. A shadow changes L alone; an item mostly changes colour as well."""


def reduced(picture: Pyramid, side: int = WORK_SIDE) -> Pixels:
    """The picture with the longer side ``side``, aspect kept (at least 1 pixel): RGB uint8 (height, width, 3)."""
    height, width = picture.pixels.shape[:2]
    scale = side / max(height, width)
    return picture.scaled(max(1, round(width * scale)), max(1, round(height * scale)))


def to_lab(small: Pixels) -> Lab:
    """RGB uint8 (height, width, 3) -> Lab float32 of the same size."""
    lab: Lab = cv2.cvtColor(cv2.multiply(small, 1 / 255.0, dtype=cv2.CV_32F), cv2.COLOR_RGB2Lab)
    return lab


def shrink(pixels: Pixels, side: int = WORK_SIDE) -> Lab:
    """RGB uint8 (height, width, 3) -> small Lab float32 with the longer side ``side``."""
    return to_lab(reduced(Pyramid(pixels), side))


@dataclass(frozen=True, slots=True, eq=False)
class BackgroundModel:
    """What the tray looks like with nothing on it.

    Attributes:
        mean: Lab float32 (height, width, 3).
        noise: standard deviation of one pixel's distance, in Lab units, > 0.
    """

    mean: Lab
    noise: float

    def distance(self, lab: Lab) -> NDArray[np.float32]:
        """How far each pixel is from the empty tray, in multiples of the noise. float32 (height, width), >= 0.

        A change of exposure or light that the whole picture shares is taken out first (the median difference), as
        long as less than half of the picture is covered.
        """
        if lab.shape != self.mean.shape:
            raise ValueError(
                f"the picture is {lab.shape[1]}x{lab.shape[0]} and the empty tray "
                f"{self.mean.shape[1]}x{self.mean.shape[0]}: both must come from one camera setting"
            )
        difference = cv2.subtract(lab, self.mean)
        # One pass: take the shift out, weigh, scale.
        weights = np.array([LIGHTNESS_WEIGHT, 1.0, 1.0], np.float32) / self.noise
        shift = _shared_shift(difference)
        scaled = cv2.transform(difference, np.column_stack([np.diag(weights), -weights * shift]).astype(np.float32))
        lightness, a, b = cv2.split(scaled)
        distance: NDArray[np.float32] = cv2.magnitude(lightness, cv2.magnitude(a, b))
        return distance

    def difference(self, lab: Lab) -> Lab:
        """What an item adds to the tray's colours, Lab float32 (height, width, 3), shared light taken out as in ``distance``."""
        difference = cv2.subtract(lab, self.mean)
        return np.asarray(difference - _shared_shift(difference), np.float32)

    def matched_to_light(self, lab: Lab) -> "BackgroundModel | None":
        """The same tray in another light (a door opened, an exposure that jumped), or None where the tray is not seen.

        Where the tray is bare its grain shows in any light. The blocks in which it does tell how the light changed: a
        plane through their differences, so that light from one side is followed too. What covers the other blocks
        stays what it is. A tray without any grain, or covered by more than three quarters, is not known again.
        """
        if lab.shape != self.mean.shape:
            return None
        bare = self._grain_shown(lab)
        if np.mean(bare) < 0.25 or np.count_nonzero(bare) < 6:
            return None
        rows, columns = bare.shape
        difference = cv2.resize(lab - self.mean, (columns, rows), interpolation=cv2.INTER_AREA)
        y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j].astype(np.float32)
        plane = np.stack([np.ones_like(x), x, y], axis=-1)
        fitted = np.linalg.lstsq(plane[bare], difference[bare], rcond=None)[0]
        left = np.abs(difference[bare] - plane[bare] @ fitted).max(axis=1)
        if float(np.median(left)) > SHARED_SHIFT / 2:
            return None
        height, width = lab.shape[:2]
        y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
        light = np.stack([np.ones_like(x), x, y], axis=-1) @ fitted.astype(np.float32)
        return BackgroundModel(self.mean + light, self.noise)

    def _grain_shown(self, lab: Lab) -> NDArray[np.bool_]:
        """In which blocks the tray's own grain shows: bool (rows, columns)."""
        grains = [cv2.subtract(one, cv2.blur(one, (7, 7))) for one in (self.mean[..., 0], lab[..., 0])]
        size = max(lab.shape[1] // BLOCK, 1), max(lab.shape[0] // BLOCK, 1)
        both, tray, seen = (
            cv2.resize(product, size, interpolation=cv2.INTER_AREA)
            for product in (grains[0] * grains[1], grains[0] ** 2, grains[1] ** 2)
        )
        shown: NDArray[np.bool_] = both > SAME_GRAIN * np.sqrt(tray * seen) + 1e-6
        return shown

    @classmethod
    def from_pictures(cls, labs: list[Lab]) -> "BackgroundModel":
        """From several pictures of the empty tray: their mean, and how far they scatter about it.

        Raises:
            ValueError: there is no picture, or they differ in size.
        """
        if not labs:
            raise ValueError("the empty tray: at least one picture is needed")
        stack = np.stack(labs)
        mean = stack.mean(axis=0, dtype=np.float32)
        floor = NOISE_FLOOR if len(labs) > 1 else GUESSED_NOISE_FLOOR
        return cls(mean, max(float(np.sqrt(((stack - mean) ** 2).sum(axis=3).mean())), floor))

    @classmethod
    def from_border(cls, lab: Lab) -> "BackgroundModel":
        """A guess from a single picture: a smooth surface through its border, where the ground usually shows.

        Quadratic in x and y per channel (light falls off towards the edges), fitted by least squares to a ring of 6 %
        of the sides, three times over, each time without what lies beyond 2.5 median deviations (an item may run out
        of the picture).
        """
        height, width = lab.shape[:2]
        ring = max(2, round(0.06 * max(height, width)))
        border = np.ones((height, width), bool)
        border[ring:-ring, ring:-ring] = False
        y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
        basis = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)
        rows, values = basis[border], lab[border]
        kept = np.ones(len(rows), bool)
        spread = GUESSED_NOISE_FLOOR
        surface = np.zeros((6, 3), np.float32)
        surface[0] = np.median(values, axis=0)
        for _ in range(4):
            residual = np.sqrt(((values - rows @ surface) ** 2).sum(axis=1))
            spread = max(float(np.median(residual[kept])), 0.5)
            kept = residual < 2.5 * spread
            if kept.sum() < 32:
                break
            surface = np.linalg.lstsq(rows[kept], values[kept], rcond=None)[0].astype(np.float32)
        return cls((basis @ surface).astype(np.float32), max(1.2 * spread, GUESSED_NOISE_FLOOR))


def _shared_shift(difference: Lab) -> NDArray[np.float32]:
    """The change of light that the whole picture shares: float32 (3,), within ``SHARED_SHIFT``."""
    # Every fourth pixel each way is plenty for a median, and sixteen times cheaper.
    shared = np.median(difference[::4, ::4].reshape(-1, 3), axis=0).astype(np.float32)
    return np.clip(shared, -SHARED_SHIFT, SHARED_SHIFT)
