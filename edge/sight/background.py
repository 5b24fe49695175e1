"""The background model: what the empty tray looks like, and how far a frame differs from it.

Everything here works on the working image: this runs on every frame.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.sight.cielab import Lab
from edge.sight.light_ratio import LightRatio
from edge.sight.quantile import median, median_per_column
from edge.sight.work_image import mean_picture

NOISE_FLOOR = 0.8
"""Lower bound of the noise estimate from several images, in Lab units. Smaller values are rounding of 8-bit pixels."""

SINGLE_IMAGE_NOISE_FLOOR = 1.5
"""Lower bound of the noise estimate from a single image, in Lab units, where noise cannot be separated from JPEG artefacts
and texture."""

MAX_GLOBAL_SHIFT = 12.0
"""Largest global illumination change, in Lab units per channel, that ``distance`` compensates."""

BLOCK = 16
"""Side of the blocks in which texture is compared, in pixels of the working image."""

TEXTURE_KERNEL = 7
"""Side of the box filter, in pixels, that is subtracted to leave the texture: less than half a block."""

SAME_TEXTURE = 0.4
"""Minimum correlation between the texture of a block and that of the empty tray for the tray to count as visible there.
Over the 256 pixels of a block, unrelated textures correlate with a standard deviation of 0.06 about 0."""

NO_TEXTURE = 1e-6
"""Mean product of two textures, in Lab units squared, up to which there is none, so that their correlation is not defined: even
areas differ by rounding."""

MIN_VISIBLE_SHARE, MIN_VISIBLE_BLOCKS = 0.25, 6
"""Minimum visible part of the tray for an illumination change to be estimated, as a fraction of the blocks and as their
number: the plane has three parameters, and twice as many blocks leave the fit some redundancy."""

BORDER_SHARE = 0.06
"""Width of the border from which the background is estimated, as a fraction of the longer side."""

BORDER_OUTLIER = 2.5
"""Border pixels whose residual exceeds this multiple of the median residual are left out of the fit: the item may touch
the border."""

BORDER_FITS = 4
"""Fits to the border; each leaves out the outliers of the one before."""

MIN_BORDER_SPREAD = 0.5
"""Lower bound of the median residual of the border, in Lab units: a noiseless border would leave out everything else."""

MIN_BORDER_PIXELS = 32
"""Fewest border pixels to fit 6 coefficients to."""

NOISE_PER_MEDIAN = 1.2
"""Noise per median residual of the border. For three Gaussian channels it is 1.13, rounded up."""

MIN_RIM_SHARE = 0.1
"""Fraction of the rim that must be left for its texture to be compared: some hundred pixels."""

LIGHTNESS_WEIGHT = 0.6
"""Weight of L relative to a and b. A shadow changes only L; most items change the colour as well."""


@dataclass(frozen=True, slots=True, eq=False)
class BackgroundModel:
    """Appearance of the empty tray.

    Attributes:
        mean: mean image, Lab float32 (height, width, 3).
        noise: standard deviation of a pixel's distance from the mean, in Lab units, > 0.
    """

    mean: Lab
    noise: float

    def distance(self, lab: Lab, *, by_rim: bool = False) -> NDArray[np.float32]:
        """Distance of each pixel from the empty tray, in multiples of the noise: float32 (height, width), >= 0.

        A global change of exposure or illumination is compensated first by subtracting the median difference, which
        is correct while less than half of the image is covered.

        Args:
            lab: Lab float32, of the same shape as ``mean``.
            by_rim: take the median over the rim alone, as wide as ``BORDER_SHARE``: an open flap fills the rest.

        Raises:
            ValueError: the shapes differ.
        """
        if lab.shape != self.mean.shape:
            raise ValueError(
                f"the image is {lab.shape[1]}x{lab.shape[0]} and the empty tray "
                f"{self.mean.shape[1]}x{self.mean.shape[0]}: both must come from one camera setting"
            )
        difference = cv2.subtract(lab, self.mean)
        # One pass: subtract the shift, weight, scale.
        weights = np.array([LIGHTNESS_WEIGHT, 1.0, 1.0], np.float32) / self.noise
        shift = self.shift(lab, by_rim=by_rim)
        scaled = cv2.transform(difference, np.column_stack([np.diag(weights), -weights * shift]).astype(np.float32))
        lightness, a, b = (cv2.extractChannel(scaled, channel) for channel in range(3))
        distance: NDArray[np.float32] = cv2.magnitude(lightness, cv2.magnitude(a, b))
        return distance

    def difference(self, lab: Lab, *, by_rim: bool = False) -> Lab:
        """Difference from the empty tray, with a global shift compensated as in ``distance``: Lab float32 (height, width, 3)."""
        return np.asarray(cv2.subtract(lab, self.mean) - self.shift(lab, by_rim=by_rim), np.float32)

    def matched_to_light(self, lab: Lab) -> "BackgroundModel | None":
        """Adapt the model to a sudden illumination change (a door opens, the exposure jumps).

        The tray is recognized by its texture, which is visible under any illumination. The change is estimated from
        the blocks where it is: a plane per channel through their differences, so that light from one side is modelled
        too. The blocks that an item covers do not contribute.

        Args:
            lab: Lab float32 (height, width, 3).

        Returns:
            The adapted model; None if the shape differs or the tray is not recognized, because it has no texture, is
            covered by more than three quarters, or changed in a way that a plane does not describe.
        """
        if lab.shape != self.mean.shape:
            return None
        visible = self._visible_blocks(lab)
        if np.mean(visible) < MIN_VISIBLE_SHARE or np.count_nonzero(visible) < MIN_VISIBLE_BLOCKS:
            return None
        rows, columns = visible.shape
        difference = cv2.resize(lab - self.mean, (columns, rows), interpolation=cv2.INTER_AREA)
        y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j].astype(np.float32)
        plane = np.stack([np.ones_like(x), x, y], axis=-1)
        fitted = np.linalg.lstsq(plane[visible], difference[visible], rcond=None)[0]
        residual = np.abs(difference[visible] - plane[visible] @ fitted).max(axis=1)
        if median(residual) > MAX_GLOBAL_SHIFT / 2:
            return None
        height, width = lab.shape[:2]
        y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
        change = np.stack([np.ones_like(x), x, y], axis=-1) @ fitted.astype(np.float32)
        return BackgroundModel(self.mean + change, self.noise)

    def in_light(self, light: LightRatio) -> "BackgroundModel":
        """The empty tray in another light."""
        return BackgroundModel(light.relight(self.mean), self.noise)

    def shift(self, lab: Lab, *, by_rim: bool = False) -> NDArray[np.float32]:
        """The global shift from the empty tray that ``distance`` compensates, in Lab units: float32 (3,)."""
        difference = cv2.subtract(lab, self.mean)
        return _rim_shift(difference) if by_rim else _global_shift(difference)

    def visible_share(self, lab: Lab) -> float:
        """Fraction of the blocks of a picture in which the texture of the tray is visible, 0..1."""
        return float(np.mean(self._visible_blocks(lab)))

    def rim_correlations(self, lab: Lab, *, differs: NDArray[np.bool_] | None = None, reach_px: int = 0) -> list[float]:
        """Correlations of the texture of a picture's rim with that of the empty tray, -1..1; 0 where there is no texture.

        Args:
            lab: the picture, Lab float32 (height, width, 3).
            differs: pixels that are left out, and those around them whose texture they change, bool (height, width); None: none.
            reach_px: how far the picture may have shifted, in pixels of the working image, >= 0.

        Returns:
            One for each shift; none where hardly anything is left of the rim.
        """
        rim = _rim(lab)
        if differs is not None:
            least = MIN_RIM_SHARE * np.count_nonzero(rim)
            rim &= cv2.dilate(differs.astype(np.uint8), np.ones((TEXTURE_KERNEL, TEXTURE_KERNEL), np.uint8)) == 0
            if np.count_nonzero(rim) < least:
                return []
        tray, image = (_texture(light).ravel() for light in (self.mean[..., 0], lab[..., 0]))
        places, steps = np.flatnonzero(rim), range(-reach_px, reach_px + 1)
        shifts = [down * lab.shape[1] + right for down in steps for right in steps]
        return [_correlation(tray.take(places + shift, mode="wrap"), image[places]) for shift in shifts]

    def _visible_blocks(self, lab: Lab) -> NDArray[np.bool_]:
        """The blocks in which the texture of the tray is visible: bool (rows, columns)."""
        tray, image = (_texture(light) for light in (self.mean[..., 0], lab[..., 0]))
        size = max(lab.shape[1] // BLOCK, 1), max(lab.shape[0] // BLOCK, 1)
        covariance, tray_variance, image_variance = (
            cv2.resize(product, size, interpolation=cv2.INTER_AREA) for product in (tray * image, tray**2, image**2)
        )
        visible: NDArray[np.bool_] = covariance > SAME_TEXTURE * np.sqrt(tray_variance * image_variance) + NO_TEXTURE
        return visible

    @classmethod
    def from_pictures(cls, labs: list[Lab]) -> "BackgroundModel":
        """Model from images of the empty tray: their mean, and their deviation from it.

        Args:
            labs: Lab float32 (height, width, 3) each.

        Raises:
            ValueError: there is no image, or the shapes differ.
        """
        if not labs:
            raise ValueError("the empty tray: at least one image is needed")
        mean = mean_picture(labs)
        floor = NOISE_FLOOR if len(labs) > 1 else SINGLE_IMAGE_NOISE_FLOOR
        variances = [float(((lab - mean) ** 2).sum(axis=2).mean()) for lab in labs]
        return cls(mean, max(float(np.sqrt(np.mean(variances))), floor))

    @classmethod
    def from_border(cls, lab: Lab) -> "BackgroundModel":
        """Estimate the background of a single image from its border, where it is usually visible.

        A quadratic surface in x and y per channel, since light falls off towards the edges, is fitted to the border by
        least squares. The fit is repeated without outliers, since the item may touch the border.

        Args:
            lab: Lab float32 (height, width, 3).
        """
        height, width = lab.shape[:2]
        border = _rim(lab)
        y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
        basis = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)
        rows, values = basis[border], lab[border]
        inlier = np.ones(len(rows), bool)
        spread = SINGLE_IMAGE_NOISE_FLOOR
        surface = np.zeros((6, 3), np.float32)
        surface[0] = median_per_column(values)
        for _ in range(BORDER_FITS):
            residual = np.sqrt(((values - rows @ surface) ** 2).sum(axis=1))
            spread = max(median(residual[inlier]), MIN_BORDER_SPREAD)
            inlier = residual < BORDER_OUTLIER * spread
            if inlier.sum() < MIN_BORDER_PIXELS:
                break
            surface = np.linalg.lstsq(rows[inlier], values[inlier], rcond=None)[0].astype(np.float32)
        return cls((basis @ surface).astype(np.float32), max(NOISE_PER_MEDIAN * spread, SINGLE_IMAGE_NOISE_FLOOR))


def _global_shift(difference: Lab) -> NDArray[np.float32]:
    """Global shift of an image: the median per channel, float32 (3,), clipped to ``MAX_GLOBAL_SHIFT``."""
    # Every fourth pixel in each direction is enough for a median, and sixteen times cheaper.
    return _median_shift(difference[::4, ::4].reshape(-1, 3))


def _rim_shift(difference: Lab) -> NDArray[np.float32]:
    """The same of an image's rim."""
    return _median_shift(difference[_rim(difference)])


def _rim(lab: Lab) -> NDArray[np.bool_]:
    """The border of an image, as wide as ``BORDER_SHARE``: bool (height, width)."""
    ring = max(2, round(BORDER_SHARE * max(lab.shape[:2])))
    rim = np.ones(lab.shape[:2], bool)
    rim[ring:-ring, ring:-ring] = False
    return rim


def _texture(lightness: NDArray[np.float32]) -> NDArray[np.float32]:
    """What is finer than ``TEXTURE_KERNEL``: float32 (height, width)."""
    return np.asarray(cv2.subtract(lightness, cv2.blur(lightness, (TEXTURE_KERNEL, TEXTURE_KERNEL))), np.float32)


def _correlation(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Of two textures, -1..1; 0 where there is none."""
    energy = float(np.sqrt(np.mean(one**2) * np.mean(other**2)))
    return float(np.mean(one * other)) / energy if energy > NO_TEXTURE else 0.0


def _median_shift(sample: Lab) -> NDArray[np.float32]:
    """Median of differences, float32 (number, 3)."""
    shift: NDArray[np.float32] = np.clip(median_per_column(sample), -MAX_GLOBAL_SHIFT, MAX_GLOBAL_SHIFT)
    return shift
