"""Writes a taught set to a zip archive, and reads one: pictures in folders of their labels, with a list and the features.

Unpacked it is a folder of label folders, as training reads it. An archive may come from anybody: its size is bounded before it
is unpacked, names lead nowhere, and every picture is decoded before anything is taken.
"""

import base64
import hashlib
import io
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from edge.errors import InputMissingError, LabelError, PictureError, TaughtArchiveError
from edge.files.bounded import TooLargeError, unpack_bounded
from edge.files.input_kind import InputKind
from edge.files.owner import rights_of_owner
from edge.files.state_files import refuse_device, sync_folder
from edge.teaching.pictures.label_name import check_label
from edge.teaching.pictures.stored_picture import MOST_JPEG_BYTES, StoredPicture
from edge.teaching.taught_set.archive_manifest import MOST_PICTURES, VERSION, ArchivedPicture, ArchiveManifest
from edge.teaching.taught_set.taught_picture import Source, TaughtEntry, TaughtPicture
from edge.terminal.parser import DISTRIBUTION
from hardware.passwords import shown

TAUGHT_SET = InputKind(
    "taught set", TaughtArchiveError, "expected a file made by 'sorter teach export'; nothing was taken"
)

MANIFEST_NAME = "manifest.json"
FEATURES_NAME = "features.bin"
"""The features of all pictures, one after the other, in the order of the list."""

MOST_ENTRIES = MOST_PICTURES + 1000
"""Largest number of files in an archive, all of whose names zipfile reads at once."""

MOST_MANIFEST_BYTES = 50_000_000
"""Largest list that is unpacked, in bytes: for ``MOST_PICTURES`` with masks of usual size."""

MOST_SHOWN = 80
"""Characters of a wrong value that a message shows."""

_ENTRY = b"PK\x01\x02"
"""What every entry of a zip archive's directory begins with."""

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""Time of every entry: the same set gives the same archive."""


def write_archive(
    target: Path,
    entries: Sequence[TaughtEntry],
    picture_of: Callable[[int], StoredPicture | None],
    looks: Mapping[int, NDArray[np.int8]],
    *,
    model: str,
    made_wall_s: float,
) -> int:
    """Write an archive of some pictures; only the owner of its folder may read it. Returns the number of pictures in it.

    Args:
        target: the file; one that is there is replaced once the new one is whole.
        entries: the pictures.
        picture_of: returns the picture of a number; None: only its features are known.
        looks: number -> features, of those that have them.
        model: SHA-256 of the model that the features are of.
        made_wall_s: the time, in seconds since 1970 UTC.

    Raises:
        InputMissingError: there is no such folder.
        OSError: it cannot be written; what was there before stays.
    """
    if not target.parent.is_dir():
        raise InputMissingError(f"taught set {target}: there is no folder {target.parent}")
    refuse_device(target)
    part = target.with_name(f".{target.name}.part")
    with rights_of_owner(target.parent):
        with suppress(FileNotFoundError):
            part.unlink()
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "w+b") as file:
                with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                    listed = _fill(archive, entries, picture_of, looks)
                    _add_list(archive, listed, looks if listed else {}, model=model, made_wall_s=made_wall_s)
                file.flush()
                os.fsync(descriptor)
            os.replace(part, target)
            sync_folder(target.parent)
        except BaseException:
            with suppress(OSError):
                part.unlink()
            raise
    return len(listed)


def _fill(
    archive: zipfile.ZipFile,
    entries: Sequence[TaughtEntry],
    picture_of: Callable[[int], StoredPicture | None],
    looks: Mapping[int, NDArray[np.int8]],
) -> list[ArchivedPicture]:
    """Write the pictures and the features; the list of the pictures."""
    listed: list[ArchivedPicture] = []
    features: list[bytes] = []
    for entry in entries:
        picture, own = picture_of(entry.number), looks.get(entry.number)
        if picture is None and own is None:
            continue  # of an event, and another model
        file = None if picture is None else f"{entry.label}/{len(listed):06d}.jpg"
        if picture is not None and file is not None:
            archive.writestr(zipfile.ZipInfo(file, _EPOCH), picture.jpeg)
        features.extend([] if own is None else [own.tobytes()])
        mask = None if picture is None else picture.mask
        listed.append(
            ArchivedPicture(
                label=entry.label,
                file=file,
                sha256=None if picture is None else hashlib.sha256(picture.jpeg).hexdigest(),
                mask=None if mask is None else base64.b64encode(mask).decode(),
                source=Source(entry.source),
                origin=entry.origin,
                wall_s=entry.wall_s,
                cut_off=entry.is_cut_off,
                brightness=entry.brightness,
                views=0 if own is None else len(own),
            )
        )
    _add(archive, FEATURES_NAME, b"".join(features))
    return listed


def _add_list(
    archive: zipfile.ZipFile,
    listed: Sequence[ArchivedPicture],
    looks: Mapping[int, NDArray[np.int8]],
    *,
    model: str,
    made_wall_s: float,
) -> None:
    manifest = ArchiveManifest(
        made_wall_s=made_wall_s,
        program=_program(),
        model=model if looks else "",
        numbers=next((one.shape[1] for one in looks.values()), 0),
        pictures=tuple(listed),
    )
    _add(archive, MANIFEST_NAME, manifest.model_dump_json(indent=1).encode())


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, content)


def read_archive(path: Path, *, most_bytes: int) -> list[TaughtPicture]:
    """The pictures of an archive, each decoded once.

    Args:
        path: the archive.
        most_bytes: what its pictures and features may take together once unpacked.

    Raises:
        InputMissingError: there is no such file.
        TaughtArchiveError: it is no archive of a taught set, damaged, of a newer release, or too large.
    """
    content = TAUGHT_SET.read(path, most_bytes + MOST_MANIFEST_BYTES)
    try:
        if content.count(_ENTRY) > MOST_ENTRIES:
            raise TooLargeError(f"has more than {MOST_ENTRIES} files")
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return list(_read(archive, most_bytes))
    except (TaughtArchiveError, TooLargeError, PictureError, LabelError) as error:
        raise TaughtArchiveError(f"taught set {path}: {error}; nothing was taken") from error
    except (zipfile.BadZipFile, KeyError, EOFError, OSError, RuntimeError, ValueError, zlib.error) as error:
        raise TaughtArchiveError(
            f"taught set {path}: is cut, damaged, or no taught set ({str(error) or type(error).__name__}); "
            f"{TAUGHT_SET.expected}"
        ) from error


def _read(archive: zipfile.ZipFile, most_bytes: int) -> Iterator[TaughtPicture]:
    manifest = _parse(unpack_bounded(archive, MANIFEST_NAME, MOST_MANIFEST_BYTES))
    size = manifest.numbers * sum(one.views for one in manifest.pictures)
    files = [one.file for one in manifest.pictures if one.file is not None]
    total = size + sum(archive.getinfo(name).file_size for name in files)
    if total > most_bytes:
        raise TooLargeError(
            f"unpacks to {total / 1e6:,.1f} MB, and the budget is {most_bytes / 1e6:g} MB (teach.budget_mb)"
        )
    if len(set(files)) < len(files):
        raise TaughtArchiveError("its list names a picture twice")
    features = unpack_bounded(archive, FEATURES_NAME, size) if size else b""
    if len(features) != size or (size and not manifest.model):
        raise TaughtArchiveError(f"{FEATURES_NAME}: has {len(features)} bytes, its list says {size}")
    start = 0
    for one in manifest.pictures:
        end = start + manifest.numbers * one.views
        own = np.frombuffer(features[start:end], np.int8).reshape(one.views, -1) if end > start else None
        start = end
        yield _picture(archive, manifest, one, own)


def _picture(
    archive: zipfile.ZipFile, manifest: ArchiveManifest, one: ArchivedPicture, features: NDArray[np.int8] | None
) -> TaughtPicture:
    stored = None
    if one.file is not None:
        # Its size was counted: it must not unpack to more.
        jpeg = unpack_bounded(archive, one.file, min(MOST_JPEG_BYTES, archive.getinfo(one.file).file_size))
        if hashlib.sha256(jpeg).hexdigest() != one.sha256:
            raise TaughtArchiveError(f"{one.file}: differs from what the list says: damaged or changed")
        stored = StoredPicture(jpeg, one.mask_png)
        stored.decode()
    return TaughtPicture(
        check_label(one.label),
        one.source,
        one.origin,
        one.wall_s,
        stored,
        manifest.model if features is not None else "",
        features,
        one.cut_off,
        one.brightness,
    )


def _parse(text: bytes) -> ArchiveManifest:
    try:
        manifest = ArchiveManifest.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or MANIFEST_NAME
        raise TaughtArchiveError(
            f"its list is invalid: {where}: {first['msg']}, got {shown(first['input'], MOST_SHOWN)}"
        ) from error
    if manifest.version > VERSION:
        raise TaughtArchiveError(
            f"it has version {manifest.version}, this release reads up to {VERSION}: upgrade the sorter first"
        )
    return manifest


def _program() -> str:
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return ""
