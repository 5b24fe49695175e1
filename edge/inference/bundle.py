"""The model file: a TFLite flatbuffer with its manifest appended as a zip ("associated files").

Any TFLite tool opens the file, since a flatbuffer ignores what follows it; any zip tool lists the manifest.
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
from edge.inference.manifest import Manifest
from edge.inference.operators import EDGE_TPU, custom_operators

MANIFEST_NAME = "manifest.json"
LABELS_NAME = "labels.txt"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A model file that was read and checked: ``flatbuffer`` is the TFLite model alone, ``path`` where it came from."""

    path: Path
    flatbuffer: bytes
    manifest: Manifest

    @property
    def is_compiled(self) -> bool:
        """Was it compiled for a Coral? Then the processor alone cannot run it."""
        try:
            return EDGE_TPU in custom_operators(self.flatbuffer)
        except ModelError:
            return False  # no model at all, which the runtime tells better


def read_bundle(path: Path) -> Bundle:
    """Read and check a model file.

    Raises:
        InputMissingError: there is no such file.
        ModelError: it is not TFLite, has no manifest of ours, or was cut short or changed.
    """
    try:
        content = path.read_bytes()
    except IsADirectoryError as error:
        raise InputMissingError(f"model {path}: is a folder; expected a .tflite file") from error
    except FileNotFoundError as error:
        raise InputMissingError(f"model {path}: no such file; set model.file in the configuration") from error
    except OSError as error:
        raise ModelError(f"model {path}: cannot be read: {error.strerror}") from error
    if content[4:8] != b"TFL3":
        raise ModelError(
            f"model {path}: not a TFLite file (the identifier TFL3 is missing); expected one made by sorter-convert"
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            text = archive.read(MANIFEST_NAME)
            # Where the appended zip starts: its first entry's offset (zipfile has already added what lies before it).
            start = min(entry.header_offset for entry in archive.infolist())
    except (zipfile.BadZipFile, KeyError, EOFError, OSError, RuntimeError, ValueError, zlib.error) as error:
        raise ModelError(
            f"model {path}: no {MANIFEST_NAME} inside: the file is cut short, or a foreign model; "
            "expected one made by sorter-convert"
        ) from error
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "manifest"
        raise ModelError(
            f"model {path}: its manifest does not fit: {where}: {first['msg']}, got {first['input']!r}"[:300]
        ) from error
    flatbuffer = content[:start]
    if hashlib.sha256(flatbuffer).hexdigest() != manifest.sha256:
        raise ModelError(f"model {path}: damaged: its SHA-256 is not the one in its manifest; copy it again")
    return Bundle(path, flatbuffer, manifest)


def write_bundle(path: Path, flatbuffer: bytes, manifest: Manifest) -> None:
    """Write ``flatbuffer`` with ``manifest`` appended; its ``sha256`` is set here. Atomic: the old file or the new one."""
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
