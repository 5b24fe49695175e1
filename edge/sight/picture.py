"""Pictures from files, as the rest of the project wants them."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from edge.errors import InputMissingError, PictureError
from edge.sight.view import NEUTRAL
from hardware.frame import Pixels

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})
"""What counts as a picture inside a folder."""

MAX_PIXELS = 100_000_000
"""Larger pictures are refused: they would not fit a Raspberry Pi's memory. Set for OpenCV's decoders in ``edge/__init__.py``."""


def find_pictures(path: Path) -> list[Path]:
    """The picture files under a folder, recursively and sorted; a file is itself, whatever its name.

    Raises:
        InputMissingError: there is nothing at ``path``, or a folder without a picture.
    """
    if path.is_dir():
        found = sorted(_walk(path))
        if not found:
            raise InputMissingError(
                f"{path}: no pictures in this folder; expected files ending in {' '.join(sorted(SUFFIXES))}"
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
    """RGB uint8 (height, width, 3) of a picture file: grey, CMYK and 16 bits a channel become RGB with 8, EXIF turns are
    applied, what is transparent becomes neutral grey.

    Raises:
        PictureError: it cannot be read, is no picture, or was cut short.
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
                return _on_neutral(raw)
        picture = cv2.imdecode(data, cv2.IMREAD_COLOR)
    except cv2.error as error:
        if "CV_IO_MAX_IMAGE" in str(error):
            raise PictureError(f"{path}: too large; expected at most {MAX_PIXELS} pixels in all") from error
        raise PictureError(f"{path}: cannot be decoded: {' '.join(str(error).split())[:120]}") from error
    if picture is None:
        raise PictureError(f"{path}: not a picture that can be decoded; expected JPEG, PNG, WebP, BMP or TIFF")
    if picture.shape[0] * picture.shape[1] > MAX_PIXELS:
        raise PictureError(
            f"{path}: {picture.shape[1]}x{picture.shape[0]} pixels; expected at most {MAX_PIXELS} in all"
        )
    rgb: Pixels = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
    return rgb


def read_named_picture(path: Path, key: str) -> Pixels:
    """As ``read_picture``, of a picture that somebody named; the errors tell by which key or option.

    Raises:
        InputMissingError: there is no such file.
        PictureError: as there.
    """
    try:
        return read_picture(path)
    except PictureError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            raise InputMissingError(f"{key}: {path}: no such file") from error
        raise PictureError(f"{key}: {error}") from error


def _refuse_truncated(path: Path, content: bytes) -> None:
    """Decoders fill the missing part with grey and say nothing; the end marker tells."""
    # Looked for behind the start of the picture's own data: before it stands the EXIF preview, with an end marker of its
    # own; and anywhere there, since phones append megabytes (a film) behind it.
    if content.startswith(b"\xff\xd8") and content.find(b"\xff\xd9", _scan_start(content)) < 0:
        raise PictureError(f"{path}: the JPEG is cut short (no end marker); copy it again")
    if content.startswith(b"\x89PNG") and b"IEND" not in content[-4096:]:
        raise PictureError(f"{path}: the PNG is cut short (no end chunk); copy it again")


def _scan_start(content: bytes) -> int:
    """Where a JPEG's header segments end and its compressed picture begins; the end of the file if that never comes."""
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


def _on_neutral(bgra: np.ndarray) -> Pixels:
    if bgra.dtype == np.uint16:
        bgra = (bgra >> 8).astype(np.uint8)
    alpha = bgra[..., 3:].astype(np.float32) / 255.0
    blended = bgra[..., :3] * alpha + NEUTRAL * (1.0 - alpha)
    rgb: Pixels = np.ascontiguousarray(np.rint(blended).astype(np.uint8)[..., ::-1])
    return rgb
