"""Reads picture files of every kind, as RGB or as RGB with transparency."""

import os
import stat
from errno import EISDIR
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.frame import Pixels
from hardware.pictures.containers import PNG, png_chunks, png_size
from hardware.pictures.damage import jpeg_damage, jpeg_size, truncation
from hardware.pictures.errors import PictureFileError
from hardware.pictures.heic import is_heic, read_heic
from hardware.pictures.kinds import MAX_BYTES, MAX_PIXELS
from hardware.pictures.orientation import oriented
from hardware.pictures.tiff_tags import EXTRA_SAMPLES, read_tags

Raw = NDArray[np.uint8] | NDArray[np.uint16]
"""Pixels as OpenCV decodes them: BGR, BGRA or grey."""

NEUTRAL = 128
"""Grey level behind what is transparent."""

_ASSOCIATED, _UNASSOCIATED = 1, 2
"""Values of TIFF's tag ExtraSamples: colours already multiplied by the alpha channel, and not."""

_ROWS = 256
"""Rows that are blended at a time, to limit the memory for a large picture."""


def read_rgb(path: Path, *, keep_damaged: bool = False) -> Pixels:
    """Read a picture file, what is transparent on neutral grey.

    Grey, CMYK and 16-bit pictures become 8-bit RGB. The orientation that the file asks for is applied in every format.

    Args:
        path: the file, in any format of ``hardware.pictures.kinds.SUFFIXES``, whatever its name.
        keep_damaged: read a JPEG that has lost pixels in its middle, which decoders fill with grey.

    Returns:
        RGB uint8 (height, width, 3).

    Raises:
        PictureFileError: the file cannot be read, is no picture, is truncated, damaged or too large.
    """
    pixels = _decode(path, keep_damaged=keep_damaged)
    return pixels if pixels.shape[2] == 3 else _on_neutral(pixels)


def read_rgba(path: Path, *, keep_damaged: bool = False) -> Pixels:
    """Read a picture file with its transparency: RGBA uint8 (height, width, 4), alpha 0 clear, 255 solid.

    Arguments and errors as of ``read_rgb``.
    """
    pixels = _decode(path, keep_damaged=keep_damaged)
    if pixels.shape[2] == 4:
        return pixels
    return np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])


def _decode(path: Path, *, keep_damaged: bool) -> Pixels:
    """RGB or RGBA uint8."""
    content = _content(path)
    problem = truncation(content)
    if problem:
        raise PictureFileError(path, problem)
    if is_heic(content):
        return read_heic(path, content)
    is_jpeg = content.startswith(b"\xff\xd8")
    _refuse_large(path, jpeg_size(content) if is_jpeg else png_size(content))
    if is_jpeg:
        damage = None if keep_damaged else jpeg_damage(content)
        if damage:
            # Classify and training have the option; a camera and the simulated bin have none.
            advice = "copy it again (classify and training use it with --keep-damaged)"
            raise PictureFileError(path, f"the JPEG is damaged ({damage}); {advice}")
    data = np.frombuffer(content, np.uint8)
    try:
        # JPEG has no transparency; OpenCV converts its CMYK and applies its orientation in this mode alone.
        raw = cv2.imdecode(data, cv2.IMREAD_COLOR if is_jpeg else cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        if "CV_IO_MAX_IMAGE" in str(error):
            raise PictureFileError(path, f"too large; expected at most {MAX_PIXELS} pixels in all") from error
        raise PictureFileError(path, f"cannot be decoded: {' '.join(str(error).split())[:120]}") from error
    if raw is None:
        raise PictureFileError(
            path, "not an image that can be decoded; expected JPEG, PNG, WebP, BMP, TIFF, GIF, AVIF, JPEG 2000 or HEIC"
        )
    _refuse_large(path, raw.shape[:2])
    return _as_rgb(raw, content) if is_jpeg else oriented(_as_rgb(_checked(path, raw, content), content), content)


def _content(path: Path) -> bytes:
    try:
        # Without waiting: a pipe of that name would keep the program for ever.
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            status = os.fstat(file.fileno())
            if stat.S_ISDIR(status.st_mode):
                raise IsADirectoryError(EISDIR, os.strerror(EISDIR))
            if not stat.S_ISREG(status.st_mode):
                raise PictureFileError(path, "cannot be read: not a file but a pipe, a socket or a device")
            if status.st_size > MAX_BYTES:
                raise PictureFileError(path, f"too large: {status.st_size} bytes; expected at most {MAX_BYTES}")
            content = file.read(MAX_BYTES)
    except OSError as error:
        raise PictureFileError(path, f"cannot be read: {error.strerror or error}") from error
    if not content:
        raise PictureFileError(path, "the file is empty")
    return content


def _refuse_large(path: Path, size: tuple[int, ...] | None) -> None:
    if size is not None and size[0] * size[1] > MAX_PIXELS:
        raise PictureFileError(path, f"too large: {size[1]}x{size[0]} pixels; expected at most {MAX_PIXELS} in all")


def _checked(path: Path, raw: Raw, content: bytes) -> Raw:
    """``raw`` if it can be shown: 8 or 16 bits, grey or colours, all its transparency decoded."""
    if raw.dtype not in (np.uint8, np.uint16):
        raise PictureFileError(path, f"pixels of type {raw.dtype}; expected 8 or 16 bits for each colour")
    if raw.ndim == 3 and raw.shape[2] not in (1, 3, 4):
        raise PictureFileError(path, f"{raw.shape[2]} channels; expected grey or colours")
    if raw.ndim == 2 and EXTRA_SAMPLES in read_tags(content):
        raise PictureFileError(path, "a grey TIFF with transparency, which OpenCV does not decode; save it as PNG")
    return raw


def _as_rgb(raw: Raw, content: bytes) -> Pixels:
    """OpenCV's BGR, BGRA or grey, 8 or 16 bits, as RGB or RGBA uint8."""
    clear = _clear_grey(raw, content) if raw.ndim == 2 and content.startswith(PNG) else None
    is_premultiplied = raw.ndim == 3 and raw.shape[2] == 4 and _is_premultiplied(raw, content)
    pixels: Pixels = (raw >> 8 if raw.dtype == np.uint16 else raw).astype(np.uint8, copy=False)
    if pixels.ndim == 2 or pixels.shape[2] == 1:
        rgb: Pixels = cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB)
        return rgb if clear is None else np.dstack([rgb, np.where(clear, 0, 255).astype(np.uint8)])
    if pixels.shape[2] == 3:
        return np.ascontiguousarray(pixels[..., ::-1])
    rgba = np.ascontiguousarray(pixels[..., [2, 1, 0, 3]])
    return _divided_by_alpha(rgba) if is_premultiplied else rgba


def _clear_grey(raw: Raw, content: bytes) -> NDArray[np.bool_] | None:
    """Where a grey PNG is transparent, by the one grey level that it names so; OpenCV passes it over."""
    chunks = dict(png_chunks(content))
    header, level = chunks.get(b"IHDR", b""), chunks.get(b"tRNS", b"")
    if len(header) < 10 or header[9] != 0 or len(level) != 2:  # colour type 0: grey
        return None
    bits, named = header[8], int.from_bytes(level, "big")
    # Fewer than 8 bits are decoded to the full range.
    wanted = named if bits >= 8 else named * 255 // (2**bits - 1)
    clear: NDArray[np.bool_] = raw == wanted
    return clear


def _is_premultiplied(raw: Raw, content: bytes) -> bool:
    """Whether the colours of a TIFF are multiplied by its alpha channel: OpenCV does so with 8 bits, unless it was done."""
    extra = read_tags(content).get(EXTRA_SAMPLES, 0)
    return extra == _ASSOCIATED or (extra == _UNASSOCIATED and raw.dtype == np.uint8)


def _divided_by_alpha(rgba: Pixels) -> Pixels:
    alpha = np.maximum(rgba[..., 3:], 1).astype(np.float32)
    colours = np.minimum(np.rint(rgba[..., :3] * (255.0 / alpha)), 255).astype(np.uint8)
    return np.dstack([colours, rgba[..., 3]])


def _on_neutral(rgba: Pixels) -> Pixels:
    out = np.empty((*rgba.shape[:2], 3), np.uint8)
    for top in range(0, len(rgba), _ROWS):
        part = rgba[top : top + _ROWS]
        alpha = part[..., 3:].astype(np.float32) / 255.0
        out[top : top + _ROWS] = np.rint(part[..., :3] * alpha + NEUTRAL * (1.0 - alpha))
    return out
