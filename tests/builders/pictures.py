"""Pictures made for tests."""

import base64
import json
import random
import struct
import zlib
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


def tray_picture(width: int = 320, height: int = 240, *, grey: int = 150, noise: float = 1.5, seed: int = 0) -> Pixels:
    """An empty tray: grey, with sensor noise."""
    return _tray_picture(width, height, grey, noise, seed).copy()


@lru_cache(maxsize=100)
def _tray_picture(width: int, height: int, grey: int, noise: float, seed: int) -> Pixels:
    # Noise takes longer than most of what the tests do with it, and they ask for the same pictures again and again.
    noisy = np.random.default_rng(seed).normal(grey, noise, (height, width, 3))
    return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)


def item_picture(
    box: tuple[float, float, float, float] = (0.35, 0.3, 0.65, 0.7),
    colour: tuple[int, int, int] = (190, 40, 40),
    **tray: Any,
) -> Pixels:
    """A tray with a coloured rectangle on it; ``box`` in shares of the picture."""
    pixels = tray_picture(**tray)
    height, width = pixels.shape[:2]
    pixels[round(box[1] * height) : round(box[3] * height), round(box[0] * width) : round(box[2] * width)] = colour
    return pixels


def rails_picture(
    item: tuple[int, int, int, int] | None = None, colour: tuple[int, int, int] = (40, 90, 190)
) -> Pixels:
    """White with two dark bars and a dark edge below, which run on to the border; perhaps an item (x0, y0, x1, y1) on them."""
    pixels = np.full((240, 320, 3), 235, np.uint8)
    pixels[100:116] = pixels[150:166] = 30
    pixels[210:] = 15
    pixels[:90, 300:] = (150, 110, 70)
    if item is not None:
        x0, y0, x1, y1 = item
        pixels[y0:y1, x0:x1] = colour
    return pixels


def save(path: Path, pixels: NDArray[Any], *options: int) -> Path:
    """Write a picture (RGB, RGBA or grey, 8 or 16 bits) in the format of its name."""
    swapped = pixels if pixels.ndim == 2 else pixels[..., [2, 1, 0, *range(3, pixels.shape[2])]]
    ok, encoded = cv2.imencode(path.suffix, np.ascontiguousarray(swapped), list(options))
    assert ok
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encoded.tobytes())
    return path


def write_look(path: Path, pixels: Pixels, cover: Pixels, **changes: object) -> Path:
    """Write a look as a running bin's socket gives it.

    Args:
        path: the file.
        pixels: what the camera sees, RGB.
        cover: mask of the item within the tray's region, 255 where it is.
        changes: fields of its header that are different.
    """
    mask = base64.b64encode(cv2.imencode(".png", cover)[1].tobytes()).decode()
    header: dict[str, object] = {"region": [0.0, 0.0, 1.0, 1.0], "mask": mask, **changes}
    options = [cv2.IMWRITE_JPEG_QUALITY, 100]
    jpeg = cv2.imencode(".jpg", np.ascontiguousarray(pixels[..., ::-1]), options)[1].tobytes()
    path.write_bytes(json.dumps(header).encode() + b"\n" + jpeg)
    return path


def png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header claims any size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    chunks = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", pixels) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def damaged_in_the_middle(content: bytes) -> bytes:
    """The same with a hole in its compressed data; its end is intact."""
    middle, rest = len(content) // 2, len(content) * 3 // 4
    return content[:middle] + random.Random(0).randbytes(100) + content[rest:]


CMYK_JPEG = base64.b64decode(
    "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwANCQoLCggNCwoLDg4NDxMgFRMSEhMnHB4XIC4pMTAuKS0sMzpKPjM2RjcsLUBXQUZMTlJTUjI+WmFaUG"
    "BKUVJP/8AAFAgAEAAQBEMRAE0RAFkRAEsRAP/EABYAAQEBAAAAAAAAAAAAAAAAAAcABv/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAOBEMATQBZ"
    "AEsAAD8A3I9HpOAiPaPaAiAiPaf/2Q=="
)


"""A CMYK JPEG as print shops make them: 16x16, left half red, right half blue. Made with Pillow, which the bin lacks."""
