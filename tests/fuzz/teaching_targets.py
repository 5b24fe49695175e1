"""The readers of what an owner taught, each with a small corpus made by code: the set, exported ones, and their lists."""

import io
import json
import shutil
import zipfile
from pathlib import Path
from unittest.mock import patch

from edge.errors import LabelError, PictureError, TaughtArchiveError, TaughtSetError
from edge.teaching.taught_set.taught_archive import MANIFEST_NAME, read_archive, write_archive
from edge.teaching.taught_set.taught_database import FILE_NAME
from edge.teaching.taught_set.taught_set import TaughtSet
from tests.builders.teaching import MODEL_SHA, open_set, taught_picture, teach
from tests.fuzz.harness import FuzzTarget

MOST_BYTES = 1_000_000


def _exported(folder: Path) -> bytes:
    path = folder / "corpus.zip"
    shutil.rmtree(folder / "corpus", ignore_errors=True)
    with open_set(folder / "corpus") as taught:
        teach(taught, *(taught_picture(("glass", "paper cup")[number % 2], number) for number in range(4)))
        looks = taught.looks(MODEL_SHA)
        write_archive(path, taught.entries(), taught.picture, looks, model=MODEL_SHA, made_wall_s=1.0)
    return path.read_bytes()


def _archives(folder: Path) -> list[bytes]:
    return [_exported(folder)]


def _read_archive(content: bytes, folder: Path) -> None:
    (folder / "in.zip").write_bytes(content)
    for picture in read_archive(folder / "in.zip", most_bytes=MOST_BYTES):
        assert picture.picture is None or picture.picture.decode()


def _lists(folder: Path) -> list[bytes]:
    with zipfile.ZipFile(io.BytesIO(_exported(folder))) as archive:
        return [archive.read(MANIFEST_NAME), json.dumps({"format": "sorter-taught-set", "pictures": []}).encode()]


def _read_list(content: bytes, folder: Path) -> None:
    """In an archive whose pictures are sound: a changed byte would otherwise only ever meet a checksum."""
    whole = folder / "whole.zip"
    if not whole.exists():
        whole.write_bytes(_exported(folder))
    made = io.BytesIO()
    with zipfile.ZipFile(whole) as sound, zipfile.ZipFile(made, "w") as archive:
        for info in sound.infolist():
            archive.writestr(info, content if info.filename == MANIFEST_NAME else sound.read(info))
    _read_archive(made.getvalue(), folder)


def _sets(folder: Path) -> list[bytes]:
    _exported(folder)
    with open_set(folder / "corpus") as taught:
        taught.drop([1], "drop", wall_s=1.0)
        taught.undo()
    return [(folder / "corpus" / FILE_NAME).read_bytes()]


def _use(taught: TaughtSet) -> None:
    for entry in taught.entries():
        stored = taught.picture(entry.number)
        if stored is not None:
            stored.decode()
    taught.near_duplicates()
    taught.examples(MODEL_SHA)


@patch(
    "edge.teaching.taught_set.taught_database.SYNCHRONOUS", "OFF"
)  # a disk takes a tenth of a second for each change
def _read_set(content: bytes, folder: Path) -> None:
    place = folder / "set"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    (place / FILE_NAME).write_bytes(content)
    try:
        with open_set(place, read_only=True) as taught:
            _use(taught)
    finally:
        # Whoever writes goes on whatever lies there, but for a newer release's: it is set aside, and a new one begun.
        with open_set(place) as taught:
            teach(taught, taught_picture("glass", 9))
            _use(taught)


TEACHING_TARGETS = (
    FuzzTarget("taught archive", _archives, _read_archive, (TaughtArchiveError,)),
    FuzzTarget("list of a taught archive", _lists, _read_list, (TaughtArchiveError,)),
    FuzzTarget("taught set", _sets, _read_set, (TaughtSetError, PictureError, LabelError)),
)
"""The readers of what was taught."""
