"""Reads image files."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from edge.errors import InputMissingError, PictureError
from edge.sight.view import NEUTRAL
from hardware.frame import Pixels

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})
"""Suffixes of the image files in a folder."""

MAX_PIXELS = 100_000_000
"""Largest image that is read: larger ones do not fit into the memory of a Raspberry Pi. ``edge/__init__.py`` sets the same
limit for OpenCV's decoders."""


def find_pictures(path: Path) -> list[Path]:
    """List the image files in a folder.

    Args:
        path: a folder, searched recursively, or a file, which is returned whatever its name.

    Returns:
        The image files, sorted.

    Raises:
        InputMissingError: ``path`` does not exist, or is a folder without images.
    """
    if path.is_dir():
        found = sorted(_walk(path))
        if not found:
            raise InputMissingError(
                f"{path}: no images in this folder; expected files ending in {' '.join(sorted(SUFFIXES))}"
            )
        return found
    if not path.exists():
        raise InputMissingError(f"{path}: no such file or folder")
    return [path]


def _walk(folder: Path) -> Iterator[Path]:
    for entry in folder.rglob("*"):
        if entry.suffix.lower() in SUFFIXES and entry.is_file() and not entry.name.startswith("."):
            yield entry


def read_picture(path: Path) -> Pixels:
    """Read an image file.

    Grey, CMYK and 16-bit images are converted to 8-bit RGB, the EXIF orientation is applied, and transparency is blended
    with neutral grey.

    Returns:
        RGB uint8 (height, width, 3).

    Raises:
        PictureError: the file cannot be read, is not an image, is truncated, or is too large.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PictureError(f"{path}: cannot be read: {error.strerror or error}") from error
    _refuse_truncated(path, content)
    data = np.frombuffer(content, np.uint8)
    if data.size == 0:
        raise PictureError(f"{path}: the file is empty")
    try:
        if content.startswith(b"\x89PNG") or content[8:12] == b"WEBP":
            raw = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
            if raw is not None and raw.ndim == 3 and raw.shape[2] == 4:
                return _blend_with_neutral(raw)
        picture = cv2.imdecode(data, cv2.IMREAD_COLOR)
    except cv2.error as error:
        if "CV_IO_MAX_IMAGE" in str(error):
            raise PictureError(f"{path}: too large; expected at most {MAX_PIXELS} pixels in all") from error
        raise PictureError(f"{path}: cannot be decoded: {' '.join(str(error).split())[:120]}") from error
    if picture is None:
        raise PictureError(f"{path}: not an image that can be decoded; expected JPEG, PNG, WebP, BMP or TIFF")
    if picture.shape[0] * picture.shape[1] > MAX_PIXELS:
        raise PictureError(
            f"{path}: {picture.shape[1]}x{picture.shape[0]} pixels; expected at most {MAX_PIXELS} in all"
        )
    rgb: Pixels = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
    return rgb


def read_named_picture(path: Path, key: str) -> Pixels:
    """Read an image file given by the user.

    Args:
        path: the file.
        key: configuration key or option that names it, for the error messages.

    Raises:
        InputMissingError: the file does not exist.
        PictureError: see ``read_picture``.
    """
    try:
        return read_picture(path)
    except PictureError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            raise InputMissingError(f"{key}: {path}: no such file") from error
        raise PictureError(f"{key}: {error}") from error


def _refuse_truncated(path: Path, content: bytes) -> None:
    """Check for the end marker: decoders fill a missing part with grey and report nothing."""
    # The search begins after the headers, since an EXIF preview has an end marker of its own, and covers the rest of the
    # file, since phones append megabytes (a video) to the image.
    if content.startswith(b"\xff\xd8") and content.find(b"\xff\xd9", _scan_start(content)) < 0:
        raise PictureError(f"{path}: the JPEG is truncated (no end marker); copy it again")
    if content.startswith(b"\x89PNG") and b"IEND" not in content[-4096:]:
        raise PictureError(f"{path}: the PNG is truncated (no end chunk); copy it again")


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


def _blend_with_neutral(bgra: np.ndarray) -> Pixels:
    """Blend an image (height, width, 4), uint8 or uint16, with neutral grey by its alpha channel: RGB uint8."""
    if bgra.dtype == np.uint16:
        bgra = (bgra >> 8).astype(np.uint8)
    alpha = bgra[..., 3:].astype(np.float32) / 255.0
    blended = bgra[..., :3] * alpha + NEUTRAL * (1.0 - alpha)
    rgb: Pixels = np.ascontiguousarray(np.rint(blended).astype(np.uint8)[..., ::-1])
    return rgb
