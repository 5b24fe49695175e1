"""PNG files of sprites: written atomically, with the item's size as a text chunk."""

import os
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

SIZE_KEY = "longest_side_mm"


def encoded_png(rgba: NDArray[np.uint8], longest_side_mm: float) -> bytes:
    """RGBA pixels as PNG, with the size of the picture's longest side on the tray as a text chunk.

    Raises:
        ValueError: the pixels are not uint8 RGBA, or the size is not positive.
    """
    if rgba.dtype != np.uint8 or rgba.ndim != 3 or rgba.shape[2] != 4:
        raise ValueError(f"sprite: expected uint8 (height, width, 4), got {rgba.dtype} {rgba.shape}")
    if not longest_side_mm > 0:
        raise ValueError(f"{SIZE_KEY}: expected a positive length, got {longest_side_mm}")
    done, data = cv2.imencode(
        ".png", cv2.cvtColor(rgba, cv2.COLOR_RGBA2BGRA), [cv2.IMWRITE_PNG_COMPRESSION, 9, cv2.IMWRITE_PNG_STRATEGY, 1]
    )
    if not done:
        raise ValueError("sprite: OpenCV could not encode it as PNG")
    raw = data.tobytes()
    body = b"tEXt" + f"{SIZE_KEY}\0{longest_side_mm:.0f}".encode("latin-1")
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    # After the signature (8 bytes) and the header chunk (25 bytes): text chunks are allowed there.
    return raw[:33] + chunk + raw[33:]


def save_png(path: Path, data: bytes) -> None:
    """Write a file atomically, so that an interrupted run leaves no incomplete picture. Creates the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        beside.write_bytes(data)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def longest_side_mm(path: Path) -> float | None:
    """Length of a sprite's longest side on the tray, in millimetres; None for a PNG without this text chunk."""
    raw = path.read_bytes()
    at = 8
    while at + 8 <= len(raw):
        (length,) = struct.unpack(">I", raw[at : at + 4])
        if raw[at + 4 : at + 8] == b"tEXt":
            key, _, value = raw[at + 8 : at + 8 + length].partition(b"\0")
            if key.decode("latin-1") == SIZE_KEY:
                return float(value.decode("latin-1"))
        at += 12 + length
    return None
