"""How an item is laid: rotated, flipped, scaled and shifted, with its mask, into a frame as a camera would see it."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.sight.pyramid import Pyramid
from edge.sight.view import NEUTRAL, Crop
from hardware.frame import Pixels
from train.data.cache import CachedPicture
from train.data.images import uint8
from train.runs.settings import Settings

Matrix = NDArray[np.float64]

EMPTY_SHARE = 0.002
"""Share of the frame below which an item has been shifted out of it."""


@dataclass(frozen=True, slots=True)
class ItemPose:
    """Where a picture comes to lie.

    Attributes:
        matrix: float64 (2, 3), from the picture's to the frame's pixels.
        width, height: of the frame, in pixels.
        border: what is around the picture: cv2.BORDER_REPLICATE extends it, cv2.BORDER_CONSTANT is neutral grey.
    """

    matrix: Matrix
    width: int
    height: int
    border: int

    def whole(self) -> Crop:
        """The whole frame as a crop."""
        return Crop(self.width / 2, self.height / 2, self.width, self.height)

    def render(self, pixels: Pixels, crop: Crop, width: int, height: int) -> Pixels:
        """What a part of the frame shows of the picture: uint8 (height, width, 3).

        Args:
            pixels: of the picture, uint8 (h, w, 3).
            crop: the part, in pixels of the frame.
            width, height: of the result, in pixels.
        """
        matrix = self._into_crop(crop, width, height)
        # Halved as often as can be: linear interpolation of a picture that shrinks by more than two skips pixels.
        shrink = max(abs(float(matrix[0, 0] * matrix[1, 1] - matrix[0, 1] * matrix[1, 0])), 1e-9) ** -0.5
        halved = max(int(shrink).bit_length() - 1, 0)
        # Pixel 0 of a halved picture lies between pixels 0 and 1 of the picture.
        matrix[:, 2] += matrix[:, :2].sum(axis=1) * (2**halved / 2 - 0.5)
        matrix[:, :2] *= 2**halved
        return uint8(
            cv2.warpAffine(
                Pyramid(pixels).level(halved),
                matrix,
                (width, height),
                flags=cv2.INTER_LINEAR,
                borderMode=self.border,
                borderValue=(NEUTRAL,) * 3,
            )
        )

    def render_cover(self, cover: NDArray[np.uint8], crop: Crop, width: int, height: int) -> NDArray[np.uint8]:
        """The same for the picture's cover, uint8 (h, w) -> (height, width); around the picture there is no item."""
        matrix = self._into_crop(crop, width, height)
        return uint8(cv2.warpAffine(cover, matrix, (width, height), flags=cv2.INTER_LINEAR))

    def _into_crop(self, crop: Crop, width: int, height: int) -> Matrix:
        """float64 (2, 3): from the picture's pixels to those of a crop of the frame that is ``width`` x ``height`` pixels."""
        scale = np.array([width / crop.width, height / crop.height])
        corner = np.array([crop.centre_x - crop.width / 2, crop.centre_y - crop.height / 2])
        matrix: Matrix = self.matrix * scale[:, None]
        # The crop is measured from the edge of pixel 0, whose centre is half a pixel inside.
        matrix[:, 2] += (0.5 - corner) * scale - 0.5
        return matrix


def draw_pose(cached: CachedPicture, random: np.random.Generator, settings: Settings) -> ItemPose:
    """Draw how a picture is laid.

    Pictures that can be rotated by any angle are put on a square as wide as their longer side; others keep their frame and
    are rotated by multiples of 90 degrees, since the view stretches a whole picture to fill its square.

    Args:
        cached: the picture and its mask.
        random: source of the draws.
        settings: zoom and share of cut-off items.
    """
    height, width = cached.pixels.shape[:2]
    side = max(height, width)
    # Background around a whole item can be extended outwards (a reflection would show the item twice). An item that
    # fills its picture is rotated by multiples of 90 degrees and a few degrees more.
    extend = cached.mask_is_reliable and not cached.is_sprite and random.random() < 0.8
    rotates_freely = extend or cached.is_sprite
    quarters = 0 if rotates_freely else int(random.integers(4))
    turned = _quarter_turns(quarters, width, height)
    if quarters % 2:
        height, width = width, height
    frame = (side, side) if rotates_freely else (width, height)
    angle = random.uniform(0, 360) if rotates_freely else random.normal(0, 4)
    zoom = random.uniform(1 - settings.zoom, 1 + settings.zoom)
    if cached.is_sprite:
        zoom *= random.uniform(0.45, 1.0)
    reach = 0.35 if random.random() < settings.cut_share else 0.06
    shift = random.uniform(-reach, reach, 2) * side
    matrix: Matrix = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), float(angle), float(zoom)), np.float64)
    if random.random() < 0.5:
        matrix[:, :2] = matrix[:, :2] @ np.diag([-1.0, 1.0])
        matrix[:, 2] += matrix[:, :2] @ np.array([-width, 0.0])  # mirror about the centre: x -> width - x
    matrix[:, 2] += np.array([frame[0] - width, frame[1] - height]) / 2 + shift
    if turned is not None:
        matrix = matrix @ turned
    border = cv2.BORDER_REPLICATE if extend or not cached.mask_is_reliable else cv2.BORDER_CONSTANT
    return ItemPose(matrix, *frame, border)


def _quarter_turns(count: int, width: int, height: int) -> Matrix | None:
    """float64 (3, 3): counter-clockwise by so many times 90 degrees, as ``np.rot90``; None: not turned."""
    turned = None
    for _ in range(count):
        quarter = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, width - 1.0], [0.0, 0.0, 1.0]])
        turned = quarter if turned is None else quarter @ turned
        width, height = height, width
    return turned


def is_empty(cover: NDArray[np.uint8]) -> bool:
    """Whether an item has been shifted out of its frame. uint8 (height, width)."""
    return int(cv2.countNonZero(cover)) < EMPTY_SHARE * cover.size
