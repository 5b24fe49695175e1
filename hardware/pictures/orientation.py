"""The orientation that a picture file asks for, where OpenCV does not apply it itself."""

import numpy as np

from hardware.frame import Pixels
from hardware.pictures.containers import PNG, is_webp, item_properties, png_chunks, webp_chunks
from hardware.pictures.tiff_tags import ORIENTATION, read_tags

_EXIF_PREFIX = b"Exif\x00\x00"

_TURNS_AND_MIRROR = {
    2: (0, True),
    3: (2, False),
    4: (2, True),
    5: (3, True),
    6: (3, False),
    7: (1, True),
    8: (1, False),
}
"""EXIF orientation -> quarter turns anticlockwise, then whether left and right are swapped."""


def oriented(pixels: Pixels, content: bytes) -> Pixels:
    """``pixels`` as the file wants them shown.

    JPEG and TIFF are not looked at: OpenCV turns them. In AVIF the properties count and EXIF does not, as its standard says.

    Args:
        pixels: as OpenCV decodes them with ``IMREAD_UNCHANGED``, any channels.
        content: of the file.
    """
    turns, mirrored = _avif_turns(content) if content[4:8] == b"ftyp" else _exif_turns(content)
    if turns:
        pixels = np.rot90(pixels, turns)
    return np.ascontiguousarray(pixels[:, ::-1] if mirrored else pixels)


def _exif_turns(content: bytes) -> tuple[int, bool]:
    exif = b""
    if content.startswith(PNG):
        exif = next((data for kind, data in png_chunks(content) if kind == b"eXIf"), b"")
    elif is_webp(content):
        exif = next((data for kind, data in webp_chunks(content) if kind == b"EXIF"), b"")
    return _TURNS_AND_MIRROR.get(read_tags(exif.removeprefix(_EXIF_PREFIX)).get(ORIENTATION, 1), (0, False))


def _avif_turns(content: bytes) -> tuple[int, bool]:
    properties = item_properties(content)
    turns = properties.get(b"irot", b"\x00")[:1]
    mirror = properties.get(b"imir", b"")[:1]
    count = turns[0] & 3 if turns else 0
    if not mirror:
        return count, False
    # Axis 1 swaps left and right; axis 0 swaps top and bottom, which is the same and half a turn more.
    return (count, True) if mirror[0] & 1 else ((count + 2) % 4, True)
