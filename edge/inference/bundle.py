"""The model file: a TFLite flatbuffer with its manifest appended as a zip archive ("associated files").

TFLite tools can open the file, since they ignore data after the flatbuffer; zip tools can extract the manifest.
"""

import hashlib
import io
import logging
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from edge.errors import ModelError
from edge.files.bounded import TooLargeError, unpack_bounded
from edge.files.input_kind import InputKind
from edge.files.state_files import refuse_device
from edge.inference.manifest import Manifest
from edge.inference.manifest_file import MOST_SHOWN, dump_manifest, parse_manifest
from edge.inference.operators import EDGE_TPU, custom_operators
from edge.inference.rehearsal import Rehearsal, stored_bytes
from hardware.passwords import shown

log = logging.getLogger(__name__)

MODEL = InputKind("model", ModelError, "expected one made by sorter-convert", "set model.file in the configuration")

MANIFEST_NAME = "manifest.json"

MOST_NAMED = 5
"""Keys that are named one by one in a message."""

LABELS_NAME = "labels.txt"
REHEARSAL_NAME = "rehearsal.bin"

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
        unused_keys: keys of the manifest that this program does not know, and does not need.
    """

    path: Path
    flatbuffer: bytes
    manifest: Manifest
    unused_keys: tuple[str, ...] = ()

    @property
    def is_compiled(self) -> bool:
        """Whether the model was compiled for a Coral, so that it does not run on the CPU alone."""
        try:
            return EDGE_TPU in custom_operators(self.flatbuffer)
        except ModelError:
            return False  # a damaged model: the runtime reports a better error

    def rehearsal(self) -> Rehearsal | None:
        """Read the rehearsal from the file, which still has to be the same one. None for a model without.

        Raises:
            InputMissingError, ModelError: the file is missing, damaged, or another model by now.
        """
        spec, features = self.manifest.rehearsal, self.manifest.features
        if spec is None or features is None:
            return None
        with _open_archive(self.path, _read_content(self.path), REHEARSAL_NAME) as archive:
            content = unpack_bounded(archive, REHEARSAL_NAME, stored_bytes(spec, features.size))
        try:
            return Rehearsal.from_bytes(content, spec, size=features.size, labels=len(self.manifest.labels))
        except ModelError as error:
            raise ModelError(f"model {self.path}: {error}") from error


def read_bundle(path: Path) -> Bundle:
    """Read and validate a model file.

    Raises:
        InputMissingError: the file does not exist.
        ModelError: it is not a TFLite file, has no valid manifest, or is truncated or modified.
    """
    content = _read_content(path)
    with _open_archive(path, content, MANIFEST_NAME) as archive:
        text = unpack_bounded(archive, MANIFEST_NAME, MOST_MANIFEST_BYTES)
        # Start of the archive: the offset of its first entry, to which zipfile adds the length of the flatbuffer.
        start = min(entry.header_offset for entry in archive.infolist())
    try:
        manifest, unused_keys = parse_manifest(text)
    except ModelError as error:
        raise ModelError(f"model {path}: {error}") from error
    flatbuffer = content[:start]
    if hashlib.sha256(flatbuffer).hexdigest() != manifest.sha256:
        raise ModelError(f"model {path}: damaged: its SHA-256 differs from the one in its manifest; copy it again")
    if unused_keys:
        log.warning(
            "model %s: newer than this program: %s in its manifest not used", path, describe_unused(unused_keys)
        )
    return Bundle(path, flatbuffer, manifest, unused_keys)


def _read_content(path: Path) -> bytes:
    content = MODEL.read(path, MOST_BYTES)
    if content[4:8] != b"TFL3":
        raise ModelError(f"model {path}: not a TFLite file (the identifier TFL3 is missing); {MODEL.expected}")
    return content


@contextmanager
def _open_archive(path: Path, content: bytes, name: str) -> Iterator[zipfile.ZipFile]:
    """The archive of a model file; it is a ModelError if the block cannot read the entry ``name``."""
    try:
        if content.count(_ENTRY) > MOST_ENTRIES:
            raise TooLargeError(f"its archive has more than {MOST_ENTRIES} entries")
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield archive
    except TooLargeError as error:
        raise ModelError(f"model {path}: {error}; {MODEL.expected}") from error
    except (zipfile.BadZipFile, KeyError, EOFError, OSError, RuntimeError, ValueError, zlib.error) as error:
        raise ModelError(
            f"model {path}: it contains no {name}: the file is truncated, or was not made for this program; "
            f"{MODEL.expected}"
        ) from error


def describe_unused(keys: tuple[str, ...]) -> str:
    """Keys of a manifest for a message: the first few, and how many more."""
    named = ", ".join(shown(key, MOST_SHOWN) for key in keys[:MOST_NAMED])
    return named if len(keys) <= MOST_NAMED else f"{named} and {len(keys) - MOST_NAMED} more"


def write_bundle(path: Path, flatbuffer: bytes, manifest: Manifest, rehearsal: Rehearsal | None = None) -> None:
    """Write a model file atomically.

    Args:
        path: the file. Its folder is created if necessary.
        flatbuffer: the TFLite model.
        manifest: its manifest; ``sha256`` is replaced by that of the flatbuffer, ``format`` by the oldest that holds
            it, ``rehearsal`` by the description of the next one.
        rehearsal: what it learnt from, for heads that keep its labels; None: none.

    Raises:
        OSError: it cannot be written, or ``path`` is a device.
    """
    manifest = manifest.model_copy(
        update={
            "sha256": hashlib.sha256(flatbuffer).hexdigest(),
            "rehearsal": None if rehearsal is None else rehearsal.spec(),
            "format": manifest.needed_format,
        }
    )
    buffer = io.BytesIO(flatbuffer)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(MANIFEST_NAME), dump_manifest(manifest))
        archive.writestr(zipfile.ZipInfo(LABELS_NAME), "\n".join(manifest.labels) + "\n")
        if rehearsal is not None:
            archive.writestr(zipfile.ZipInfo(REHEARSAL_NAME), rehearsal.to_bytes(), zipfile.ZIP_DEFLATED)
    path.parent.mkdir(parents=True, exist_ok=True)
    refuse_device(path)
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
