"""Damage in picture files that decoders pass over: they fill what is missing with grey and report nothing."""

from functools import cache
from importlib import import_module
from types import ModuleType

from hardware.pictures.containers import PNG, png_is_complete

_DAMAGE = ("Corrupt JPEG data", "Premature end of JPEG", "Bogus")
"""Beginnings of libjpeg's warnings about pixels that are lost; its others are about headers."""

_UNREADABLE = (ValueError, KeyError)
"""What simplejpeg raises where it cannot read a header; KeyError for numbers of colours or subsampling that no JPEG has."""


def finds_jpeg_damage() -> bool:
    """Whether damage in the middle of a JPEG is found here. It needs simplejpeg, which the package requires; a bin whose
    packages come from elsewhere may lack it."""
    return _simplejpeg() is not None


def truncation(content: bytes) -> str | None:
    """What is wrong with a file that ends too early; None where its end is there."""
    # The search begins after the headers, since an EXIF preview has an end marker of its own, and covers the rest of the
    # file, since phones append megabytes (a video) to the image.
    if content.startswith(b"\xff\xd8") and content.find(b"\xff\xd9", _scan_start(content)) < 0:
        return "the JPEG is truncated (no end marker); copy it again"
    # OpenCV takes as much memory as the length of a chunk claims, up to 4 GB.
    if content.startswith(PNG) and not png_is_complete(content):
        return "the PNG is truncated (no end chunk); copy it again"
    return None


def jpeg_size(content: bytes) -> tuple[int, int] | None:
    """Height and width in pixels that a JPEG's header claims; None where it cannot be told."""
    simplejpeg = _simplejpeg()
    if simplejpeg is None:
        return None
    try:
        height, width, _, _ = simplejpeg.decode_jpeg_header(content, strict=False)
    except _UNREADABLE:
        return None
    return int(height), int(width)


def jpeg_damage(content: bytes) -> str | None:
    """libjpeg's warning about lost pixels in the middle of a JPEG; None without, or where it cannot be told."""
    simplejpeg = _simplejpeg()
    if simplejpeg is None:
        return None
    try:
        _, _, colours, _ = simplejpeg.decode_jpeg_header(content, strict=False)
        # At the smallest scale and without colours: all data are read, few pixels are computed.
        grey = "CMYK" if colours in ("CMYK", "YCCK") else "GRAY"
        simplejpeg.decode_jpeg(content, colorspace=grey, fastdct=True, min_height=1, min_width=1, strict=True)
    except _UNREADABLE as error:
        return str(error) if str(error).startswith(_DAMAGE) else None
    return None


@cache
def _simplejpeg() -> ModuleType | None:
    """Loaded with the first JPEG: a bin that sorts reads none."""
    try:
        return import_module("simplejpeg")
    except (ImportError, ValueError):  # ValueError: built for another numpy than the one that is installed
        return None


def _scan_start(content: bytes) -> int:
    """Offset of a JPEG's compressed data, after its header segments; the length of the file if there is none."""
    position = 2
    while position + 4 <= len(content) and content[position] == 0xFF:
        marker = content[position + 1]
        if marker == 0xFF:  # padding
            position += 1
            continue
        if marker == 0xDA:
            return position
        position += 2 + int.from_bytes(content[position + 2 : position + 4], "big")
    return len(content)
