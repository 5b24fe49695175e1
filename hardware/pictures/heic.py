"""HEIC pictures, as phones make them: read where ``pillow-heif`` or its decoder-only form ``pi-heif`` is installed."""

from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np

from hardware.frame import Pixels
from hardware.pictures.containers import brands
from hardware.pictures.errors import PictureFileError
from hardware.pictures.kinds import MAX_PIXELS

PACKAGES = ("pillow_heif", "pi_heif")
"""Modules that read HEIC, the first that is installed."""

NOT_INSTALLED = "HEIC needs the package pillow-heif, which is not here: pip install pillow-heif, or save it as JPEG"

_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})


def is_heic(content: bytes) -> bool:
    """Whether this is a HEIC file. AVIF, which names the same general brands, is not."""
    named = brands(content)
    return bool(named & _BRANDS) and not named & _AVIF_BRANDS


def read_heic(path: Path, content: bytes) -> Pixels:
    """Decode a HEIC picture, turned as it asks for: RGB or RGBA uint8 (height, width, 3 or 4).

    Args:
        path: for the error messages.
        content: of the file.

    Raises:
        PictureFileError: no package for HEIC is installed, or the picture is damaged or too large.
    """
    package = _package()
    if package is None:
        raise PictureFileError(path, NOT_INSTALLED)
    try:
        picture = package.open_heif(content, convert_hdr_to_8bit=True)
        width, height = picture.size
        if width * height > MAX_PIXELS:
            raise PictureFileError(path, f"too large: {width}x{height} pixels; expected at most {MAX_PIXELS} in all")
        pixels = np.asarray(picture)
    except (ValueError, RuntimeError, OSError, EOFError, SyntaxError, LookupError) as error:
        if isinstance(error, PictureFileError):
            raise
        raise PictureFileError(path, f"the HEIC cannot be decoded: {' '.join(str(error).split())[:120]}") from error
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., np.newaxis], 3, axis=2)
    return np.ascontiguousarray(pixels)


def _package() -> ModuleType | None:
    for name in PACKAGES:
        try:
            return import_module(name)
        except (ImportError, OSError, ValueError):  # not installed, or built for other libraries than there are
            continue
    return None
