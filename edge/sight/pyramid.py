"""Downscales images, fast enough for every frame and without visible aliasing."""

import cv2

from hardware.frame import Pixels


class Pyramid:
    """Image pyramid (Williams 1983) whose levels are computed on first use.

    Motion detection, segmentation and the view need one frame at several sizes, and share the levels.

    Args:
        pixels: uint8 (height, width) or (height, width, channels), at least one pixel.
    """

    def __init__(self, pixels: Pixels) -> None:
        self._levels = [pixels]

    @property
    def pixels(self) -> Pixels:
        """The image at full size."""
        return self._levels[0]

    def level(self, number: int) -> Pixels:
        """The image halved ``number`` times (>= 0), each pixel the mean of four; at least one pixel."""
        while len(self._levels) <= number:
            # An odd last row or column is dropped: otherwise the factor is not exactly 2, and OpenCV's fast path not used.
            last = self._levels[-1]
            height, width = last.shape[0] // 2 or 1, last.shape[1] // 2 or 1
            even = last[: 2 * height, : 2 * width]
            self._levels.append(cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA))
        return self._levels[number]

    def size(self, number: int) -> tuple[int, int]:
        """Width and height of ``level(number)``, in pixels."""
        height, width = self.pixels.shape[:2]
        return width >> number or 1, height >> number or 1

    def part(self, number: int, *, x: slice, y: slice) -> Pixels:
        """A rectangle of ``level(number)``, within it; of a level that is not there yet no more is computed."""
        last = min(number, len(self._levels) - 1)
        factor = 1 << number - last
        enlarged = (slice(one.start * factor, one.stop * factor) for one in (y, x))
        return Pyramid(self._levels[last][tuple(enlarged)]).level(number - last)

    def scaled(self, width: int, height: int) -> Pixels:
        """Scale the image to ``width`` x ``height`` pixels, both >= 1: uint8 (height, width) or (height, width, channels)."""
        return resize_linear(
            self.level(halving_count(self.pixels.shape[1], self.pixels.shape[0], width, height)), width, height
        )


def halving_count(width: int, height: int, to_width: int, to_height: int) -> int:
    """How many times an image can be halved without becoming smaller than the target in either direction."""
    return max(min(width // to_width, height // to_height).bit_length() - 1, 0)


def resize_linear(pixels: Pixels, width: int, height: int) -> Pixels:
    """Scale an image with linear interpolation, as between the levels of a mipmap.

    This is ten times faster than area interpolation, and the difference is smaller than that between two lenses. A
    direction that shrinks by a factor of 2 or more is halved first, to avoid aliasing.

    Args:
        pixels: uint8 (height, width) or (height, width, channels).
        width, height: target size, in pixels, >= 1.
    """
    while pixels.shape[1] >= 2 * width:
        pixels = _linear(pixels, pixels.shape[1] // 2, pixels.shape[0])
    while pixels.shape[0] >= 2 * height:
        pixels = _linear(pixels, pixels.shape[1], pixels.shape[0] // 2)
    return _linear(pixels, width, height)


def _linear(pixels: Pixels, width: int, height: int) -> Pixels:
    """One linear step. At exactly half the size in a direction, each pixel is the mean of two."""
    if pixels.shape[:2] == (height, width):
        return pixels
    out: Pixels = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_LINEAR)
    return out
