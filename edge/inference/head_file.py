"""Reads and writes a head's file: a zip archive of its manifest and its arrays, never a pickle."""

import io
import json
import math
import re
import zipfile
import zlib
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from edge.errors import ModelError
from edge.files.bounded import TooLargeError, unpack_bounded
from edge.files.input_kind import InputKind
from edge.files.state_files import write_whole
from edge.inference.features import TINY
from edge.inference.head import TaughtHead
from edge.inference.head_manifest import HeadManifest
from edge.inference.nearness import Nearness, PrototypeSpace, TaughtPictures
from hardware.passwords import shown

MANIFEST_NAME = "head.json"

MOST_BYTES = 800_000
"""Largest head that is read or written: copied and kept three times on a bin's card without a thought."""

MOST_UNPACKED_BYTES = 4 * MOST_BYTES
"""Largest array that is unpacked."""

MOST_MANIFEST_BYTES = 250_000
"""Largest manifest that is unpacked: enough for some hundred labels with their confusion."""

MOST_SHOWN = 80
"""Characters of a wrong value that a message shows."""

FIRST_ARRAYS = {
    "weights": np.float32,
    "bias": np.float32,
    "taught": np.int8,
    "taught_scale": np.float32,
    "golden_features": np.int8,
    "golden_probabilities": np.float32,
}
"""The arrays of a head of format 1 as they are stored. Taught features are rounded to 8 bits, each picture with its own scale."""

ARRAYS = {
    "weights": np.float32,
    "bias": np.float32,
    "space_rows": np.float16,
    "space_offset": np.float32,
    "space_directions": np.float32,
    "golden_features": np.int8,
    "golden_probabilities": np.float32,
}
"""Those of format 2."""

_HEADER = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': '(?P<type>[^'\n]{1,8})', 'fortran_order': (?P<fortran>True|False), "
    rb"'shape': \((?P<shape>[0-9, ]{0,40})\), \} *\n",
    re.DOTALL,
)
"""The header that NumPy writes before an array. NumPy's own reader evaluates it as Python, and fails in many ways on a damaged
one, or takes memory for whatever it says."""

HEAD = InputKind("head", ModelError, "expected one made by 'sorter teach fit'")


def read_head(path: Path) -> TaughtHead:
    """Read and validate a head.

    Raises:
        InputMissingError: the file does not exist.
        ModelError: it is no head, is damaged, or its numbers make no sense.
    """
    return parse_head(path, read_content(path))


def read_content(path: Path) -> bytes:
    """Read the bytes of a head's file.

    Raises:
        InputMissingError: the file does not exist.
        ModelError: it cannot be read, or is larger than any head.
    """
    return HEAD.read(path, MOST_BYTES)


def parse_head(path: Path, content: bytes) -> TaughtHead:
    """Validate the bytes of a head's file.

    Args:
        path: where they were read, for messages.
        content: the bytes.

    Raises:
        ModelError: it is no head, is damaged, or its numbers make no sense.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            text = unpack_bounded(archive, MANIFEST_NAME, MOST_MANIFEST_BYTES)
            manifest = HeadManifest.model_validate_json(text)
            types = FIRST_ARRAYS if manifest.format == 1 else ARRAYS
            raw = {name: unpack_bounded(archive, f"{name}.npy", MOST_UNPACKED_BYTES) for name in types}
        return _head(manifest, {name: _array(name, part, np.dtype(types[name])) for name, part in raw.items()})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "manifest"
        raise ModelError(
            f"head {path}: its manifest is invalid: {where}: {first['msg']}, got {shown(first['input'], MOST_SHOWN)}"
        ) from error
    except TooLargeError as error:
        raise ModelError(f"head {path}: {error}; {HEAD.expected}") from error
    except (zipfile.BadZipFile, KeyError, EOFError, OSError, RuntimeError, ValueError, zlib.error) as error:
        raise ModelError(
            f"head {path}: it is damaged or no head: {' '.join(str(error).split())[:200]}; {HEAD.expected}"
        ) from error


def write_head(path: Path, head: TaughtHead) -> None:
    """Write a head: the old one or the new one is there, never a part. A link is replaced, not followed.

    Raises:
        ModelError: it would be larger than ``MOST_BYTES``, or cannot be written; what was there before stays.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        # Defaults are not written: a release reads every head of its format that uses nothing newer.
        values = head.manifest.model_dump(mode="json", exclude_defaults=True)
        text = json.dumps({"format": head.manifest.format} | values, indent=2)
        archive.writestr(zipfile.ZipInfo(MANIFEST_NAME), text)
        for name, array in _stored(head).items():
            part = io.BytesIO()
            np.lib.format.write_array(part, array, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), part.getvalue(), zipfile.ZIP_DEFLATED)
    content = buffer.getvalue()
    if len(content) > MOST_BYTES:
        raise ModelError(
            f"head {path}: would have {len(content)} bytes, expected at most {MOST_BYTES}; drop some labels"
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content, durable=True)
    except OSError as error:
        raise ModelError(f"head {path}: cannot be written: {error.strerror or error}; what was there stays") from error


def _stored(head: TaughtHead) -> dict[str, NDArray[np.generic]]:
    """The arrays of a head as they are stored, see ``ARRAYS``."""
    features, probabilities = head.golden_features, head.golden_probabilities
    if features is None or probabilities is None:
        features = np.zeros((0, head.manifest.numbers), np.int8)
        probabilities = np.zeros((0, len(head.labels)), np.float32)
    return {
        "weights": head.weights,
        "bias": head.bias,
        **_stored_nearness(head.nearness),
        "golden_features": features,
        "golden_probabilities": probabilities,
    }


def _stored_nearness(nearness: Nearness) -> dict[str, NDArray[np.generic]]:
    if isinstance(nearness, PrototypeSpace):
        return {
            "space_rows": nearness.rows.astype(ARRAYS["space_rows"]),
            "space_offset": nearness.offset,
            "space_directions": nearness.directions,
        }
    scale = np.maximum(np.abs(nearness.rows).max(axis=1), TINY) / 127
    return {
        "taught": np.rint(nearness.rows / scale[:, np.newaxis]).astype(np.int8),
        "taught_scale": scale.astype(np.float32),
    }


def _head(manifest: HeadManifest, arrays: dict[str, NDArray[np.generic]]) -> TaughtHead:
    """A head of its arrays as they are stored. Raises ValueError if they do not fit."""
    return TaughtHead(
        manifest,
        arrays["weights"].astype(np.float32),
        arrays["bias"].astype(np.float32),
        _nearness(arrays),
        arrays["golden_features"].astype(np.int8),
        arrays["golden_probabilities"].astype(np.float32),
    )


def _nearness(arrays: dict[str, NDArray[np.generic]]) -> Nearness:
    if "space_rows" in arrays:
        rows, offset, directions = (
            arrays[f"space_{name}"].astype(np.float32) for name in ("rows", "offset", "directions")
        )
        return PrototypeSpace(rows, offset, directions)
    scale, taught = arrays["taught_scale"].astype(np.float32), arrays["taught"].astype(np.float32)
    if scale.shape != taught.shape[:1]:
        raise ValueError("taught_scale: expected one for each row of taught")
    return TaughtPictures(taught * scale[:, np.newaxis])


def _array(name: str, content: bytes, expected: np.dtype[np.generic]) -> NDArray[np.generic]:
    """An array out of its file. Raises ValueError if it has another type than expected."""
    header = _HEADER.match(content)
    if header is None or len(content) < 10 or header.end() != 10 + int.from_bytes(content[8:10], "little"):
        raise ValueError(f"{name}: expected an array of numbers in NumPy's format 1.0")
    if header["type"].decode() != expected.str:
        raise ValueError(f"{name}: expected {expected.name}, got {header['type'].decode()}")
    shape = tuple(int(size) for size in header["shape"].replace(b",", b" ").split())
    if len(content) - header.end() != expected.itemsize * math.prod(shape):
        raise ValueError(f"{name}: has {len(content) - header.end()} bytes of numbers, its shape is {shape}")
    order: Literal["C", "F"] = "F" if header["fortran"] == b"True" else "C"
    return np.frombuffer(content, expected, offset=header.end()).reshape(shape, order=order)
