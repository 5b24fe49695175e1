"""The model file: a TFLite flatbuffer with its manifest appended as a zip archive ("associated files").

TFLite tools can open the file, since they ignore data after the flatbuffer; zip tools can extract the manifest.
"""

import hashlib
import io
import os
import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from edge.errors import InputMissingError, ModelError
from edge.files.bounded import TooLargeError, read_bounded, unpack_bounded
from edge.inference.manifest import Manifest
from edge.inference.operators import EDGE_TPU, custom_operators
from hardware.passwords import shown

MANIFEST_NAME = "manifest.json"

MOST_SHOWN = 80
"""Characters of a wrong value that a message shows."""
LABELS_NAME = "labels.txt"

MOST_BYTES = 100_000_000
"""Largest model file that is read: twenty times a usual one, and what fits into a Raspberry Pi's memory beside the rest."""

MOST_MANIFEST_BYTES = 250_000
"""Largest manifest that is unpacked: enough for some thousand labels."""

_ENTRY = b"PK\x01\x02"
"""What every entry of a zip archive's directory begins with."""

MOST_ENTRIES = 100
"""Largest number of entries of the archive, all of which zipfile reads at once: two are ours, other tools add a few."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """The validated content of a model file.

    Attributes:
        path: the file.
        flatbuffer: the TFLite model without the archive.
        manifest: the manifest.
    """

    path: Path
    flatbuffer: bytes
    manifest: Manifest

    @property
    def is_compiled(self) -> bool:
        """Whether the model was compiled for a Coral, so that it does not run on the CPU alone."""
        try:
            return EDGE_TPU in custom_operators(self.flatbuffer)
        except ModelError:
            return False  # a damaged model: the runtime reports a better error


def read_bundle(path: Path) -> Bundle:
    """Read and validate a model file.

    Raises:
        InputMissingError: the file does not exist.
        ModelError: it is not a TFLite file, has no valid manifest, or is truncated or modified.
    """
    try:
        content = read_bounded(path, MOST_BYTES)
    except IsADirectoryError as error:
        raise InputMissingError(f"model {path}: is a folder; expected a .tflite file") from error
    except FileNotFoundError as error:
        raise InputMissingError(f"model {path}: no such file; set model.file in the configuration") from error
    except OSError as error:
        raise ModelError(f"model {path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ModelError(f"model {path}: {error}; expected one made by sorter-convert") from error
    if content[4:8] != b"TFL3":
        raise ModelError(
            f"model {path}: not a TFLite file (the identifier TFL3 is missing); expected one made by sorter-convert"
        )
    try:
        if content.count(_ENTRY) > MOST_ENTRIES:
            raise TooLargeError(f"its archive has more than {MOST_ENTRIES} entries")
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            text = unpack_bounded(archive, MANIFEST_NAME, MOST_MANIFEST_BYTES)
            # Start of the archive: the offset of its first entry, to which zipfile adds the length of the flatbuffer.
            start = min(entry.header_offset for entry in archive.infolist())
    except TooLargeError as error:
        raise ModelError(f"model {path}: {error}; expected one made by sorter-convert") from error
    except (zipfile.BadZipFile, KeyError, EOFError, OSError, RuntimeError, ValueError, zlib.error) as error:
        raise ModelError(
            f"model {path}: it contains no {MANIFEST_NAME}: the file is truncated, or was not made for this program; "
            "expected one made by sorter-convert"
        ) from error
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "manifest"
        raise ModelError(
            f"model {path}: its manifest is invalid: {where}: {first['msg']}, got {shown(first['input'], MOST_SHOWN)}"
        ) from error
    flatbuffer = content[:start]
    if hashlib.sha256(flatbuffer).hexdigest() != manifest.sha256:
        raise ModelError(f"model {path}: damaged: its SHA-256 differs from the one in its manifest; copy it again")
    return Bundle(path, flatbuffer, manifest)


def write_bundle(path: Path, flatbuffer: bytes, manifest: Manifest) -> None:
    """Write a model file atomically.

    Args:
        path: the file. Its folder is created if necessary.
        flatbuffer: the TFLite model.
        manifest: its manifest; ``sha256`` is replaced by that of the flatbuffer.
    """
    manifest = manifest.model_copy(update={"sha256": hashlib.sha256(flatbuffer).hexdigest()})
    buffer = io.BytesIO(flatbuffer)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(MANIFEST_NAME), manifest.model_dump_json(indent=2))
        archive.writestr(zipfile.ZipInfo(LABELS_NAME), "\n".join(manifest.labels) + "\n")
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(buffer.getvalue())
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
