"""Pictures made smaller: cheap enough for every frame, without aliasing that matters."""

import cv2

from hardware.frame import Pixels


def scaled(pixels: Pixels, width: int, height: int) -> Pixels:
    """A picture in another size: uint8 (h, w) or (h, w, channels) -> uint8 (height, width) or (height, width, channels).

    Halved while it is at least twice too large, each pixel the mean of four, then interpolated linearly, as mip maps are
    (Williams 1983). Next to the exact mean over areas this is ten times faster and differs by what a lens does.

    Args:
        pixels: at least one pixel.
        width, height: of the result, in pixels, >= 1.
    """
    while pixels.shape[1] >= 2 * width and pixels.shape[0] >= 2 * height:
        # An odd last row or column is left out: with it the factor would not be two, and the quick way is closed.
        even = pixels[: pixels.shape[0] // 2 * 2, : pixels.shape[1] // 2 * 2]
        pixels = cv2.resize(even, (even.shape[1] // 2, even.shape[0] // 2), interpolation=cv2.INTER_AREA)
    if pixels.shape[:2] == (height, width):
        return pixels
    # Only one side may be more than twice too large (a picture much stretched): there the mean over areas it is.
    far = pixels.shape[1] >= 2 * width or pixels.shape[0] >= 2 * height
    out: Pixels = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA if far else cv2.INTER_LINEAR)
    return out
