"""Pictures made smaller: cheap enough for every frame, without aliasing that matters."""

import cv2

from hardware.frame import Pixels


class Pyramid:
    """A picture and its halves (Williams 1983), each made once, when somebody first wants it.

    What looks at one frame at several sizes (is there motion, where is the item, what is it) shares the halves.

    Args:
        pixels: uint8 (height, width) or (height, width, channels), at least one pixel.
    """

    def __init__(self, pixels: Pixels) -> None:
        self._levels = [pixels]

    @property
    def pixels(self) -> Pixels:
        """The picture itself."""
        return self._levels[0]

    def level(self, number: int) -> Pixels:
        """The picture halved ``number`` times (>= 0), each pixel the mean of four; at least one pixel."""
        while len(self._levels) <= number:
            # An odd last row or column is left out: with it the factor would not be two, and the quick way is closed.
            last = self._levels[-1]
            even = last[: max(last.shape[0] // 2 * 2, 1), : max(last.shape[1] // 2 * 2, 1)]
            size = max(even.shape[1] // 2, 1), max(even.shape[0] // 2, 1)
            self._levels.append(cv2.resize(even, size, interpolation=cv2.INTER_AREA))
        return self._levels[number]

    def scaled(self, width: int, height: int) -> Pixels:
        """The whole picture at another size: uint8 (height, width) or (height, width, channels). Both >= 1."""
        return resize_linear(
            self.level(halvings(self.pixels.shape[1], self.pixels.shape[0], width, height)), width, height
        )


def halvings(width: int, height: int, to_width: int, to_height: int) -> int:
    """How often a picture can be halved before it is smaller than another, in either direction."""
    return max(min(width // to_width, height // to_height).bit_length() - 1, 0)


def resize_linear(pixels: Pixels, width: int, height: int) -> Pixels:
    """The last step of a change of size: linear, as between the levels of mip maps.

    Next to the exact mean over areas this is ten times faster and differs by less than a lens does. A picture much
    stretched may be too large in one direction still: there it is halved first.
    """
    while pixels.shape[1] >= 2 * width:
        pixels = _linear(pixels, pixels.shape[1] // 2, pixels.shape[0])
    while pixels.shape[0] >= 2 * height:
        pixels = _linear(pixels, pixels.shape[1], pixels.shape[0] // 2)
    return _linear(pixels, width, height)


def _linear(pixels: Pixels, width: int, height: int) -> Pixels:
    """At exactly half the size in one direction, each pixel is the mean of two."""
    if pixels.shape[:2] == (height, width):
        return pixels
    out: Pixels = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_LINEAR)
    return out
