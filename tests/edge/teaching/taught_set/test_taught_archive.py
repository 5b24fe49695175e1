"""Exported sets: they come back as they were, and nobody's archive does harm."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.errors import InputMissingError, TaughtArchiveError
from edge.teaching.taught_set.taught_archive import FEATURES_NAME, MANIFEST_NAME, read_archive, write_archive
from edge.teaching.taught_set.taught_picture import Source, TaughtPicture
from hardware.pictures.class_folders import read_class_folders
from tests.builders.teaching import MODEL_SHA, open_set, taught_picture, teach

BUDGET = 1_000_000

PICTURES = [
    taught_picture("glass", 1),
    taught_picture("paper cup", 2, is_cut_off=True, brightness=12.5),
    taught_picture("glass", 3, source=Source.EVENT, origin="1-23", picture=None),
    taught_picture("metal", 4, model="0" * 64),
]


def export(folder: Path, pictures: list[TaughtPicture] = PICTURES) -> Path:
    path = folder / "taught.zip"
    with open_set(folder / "set") as taught:
        teach(taught, *pictures)
        write_archive(
            path, taught.entries(), taught.picture, taught.looks(MODEL_SHA), model=MODEL_SHA, made_wall_s=1.8e9
        )
    return path


def same(found: TaughtPicture, put: TaughtPicture) -> bool:
    names = ("label", "source", "origin", "wall_s", "picture", "is_cut_off", "brightness")
    return all(getattr(found, name) == getattr(put, name) for name in names)


def test_what_was_exported_comes_back_as_it_was(tmp_path: Path) -> None:
    found = read_archive(export(tmp_path), most_bytes=BUDGET)
    assert [same(*pair) for pair in zip(found, PICTURES, strict=True)] == [True] * 4
    for one, put in zip(found[:3], PICTURES[:3], strict=True):
        assert one.model == MODEL_SHA
        assert one.features is not None
        assert put.features is not None
        assert np.array_equal(one.features, put.features)
    assert (found[3].model, found[3].features) == ("", None), "of another model: made anew where it is imported"


def test_the_same_set_gives_the_same_archive_that_only_its_owner_reads(tmp_path: Path) -> None:
    first = export(tmp_path)
    content = first.read_bytes()
    assert export(tmp_path / "again" if (tmp_path / "again").mkdir() is None else tmp_path).read_bytes() == content
    assert first.stat().st_mode & 0o777 == 0o600


def test_unpacked_it_is_a_data_set_for_training(tmp_path: Path) -> None:
    with zipfile.ZipFile(export(tmp_path)) as archive:
        archive.extractall(tmp_path / "photos")
    folders = read_class_folders(tmp_path / "photos")
    assert [(one.label, one.path.suffix) for one in folders.pictures] == [
        ("glass", ".jpg"),
        ("metal", ".jpg"),
        ("paper cup", ".jpg"),
    ]
    assert folders.notes == ()
    assert folders.empty == {}


def test_a_link_in_place_of_the_archive_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "victim").write_bytes(b"mine")
    (tmp_path / "taught.zip").symlink_to(tmp_path / "victim")
    (tmp_path / ".taught.zip.part").symlink_to(tmp_path / "victim")
    assert not export(tmp_path).is_symlink()
    assert (tmp_path / "victim").read_bytes() == b"mine"
    assert not (tmp_path / ".taught.zip.part").exists()


def test_what_is_no_archive_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputMissingError, match="no such file"):
        read_archive(tmp_path / "none.zip", most_bytes=BUDGET)
    with pytest.raises(InputMissingError, match="is a folder"):
        read_archive(tmp_path, most_bytes=BUDGET)
    (tmp_path / "text.zip").write_text("no archive")
    with pytest.raises(TaughtArchiveError, match="is cut, damaged, or no taught set"):
        read_archive(tmp_path / "text.zip", most_bytes=BUDGET)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return export(tmp_path_factory.mktemp("exported")).read_bytes()


@pytest.fixture
def archive(exported: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "taught.zip"
    path.write_bytes(exported)
    return path


def rewritten(path: Path, change: Any, *, names: dict[str, bytes] | None = None) -> Path:
    """The archive with its list changed, and files put in place of others or beside them."""
    with zipfile.ZipFile(path) as archive:
        content = {info.filename: archive.read(info) for info in archive.infolist()}
    listed = json.loads(content[MANIFEST_NAME])
    change(listed)
    content |= names or {}
    content[MANIFEST_NAME] = json.dumps(listed).encode()
    out = path.with_name("changed.zip")
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return out


def set_first(**values: Any) -> Any:
    return lambda listed: listed["pictures"][0].update(values)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (set_first(file="../../etc/passwd"), "pictures.0.file"),
        (set_first(file="/etc/passwd/000000.jpg"), "pictures.0.file"),
        (set_first(label="../up"), "no slash or colon"),
        (set_first(label=".hidden"), "no dot at its beginning"),
        (set_first(label="a\nb"), "expected a word"),
        (set_first(label="test"), "counts as a part of a data set"),
        (set_first(sha256="0" * 64), "differs from what the list says"),
        (set_first(mask="no base64!"), "is cut, damaged"),
        (set_first(mask="AAAA"), "its mask is damaged"),
        (set_first(file="glass/000009.jpg"), "is cut, damaged"),
        (set_first(file="paper cup/000001.jpg"), "names a picture twice"),
        (set_first(views=7), "bytes, its list says"),
        (set_first(source="elsewhere"), "pictures.0.source"),
        (set_first(wall_s=float("inf")), "pictures.0.wall_s"),
        (set_first(wall_s=1e300), "pictures.0.wall_s"),
        (set_first(brightness=1e9), "pictures.0.brightness"),
        (set_first(file=None, sha256=None, views=0), "expected a file with its SHA-256, or features"),
        (lambda listed: listed.update(version=99), "upgrade the sorter first"),
        (lambda listed: listed.update(format="photos"), "its list is invalid: format"),
        (lambda listed: listed.update(model=""), "its list says"),
        (lambda listed: listed.update(numbers=1_000_000), "and the budget is"),
    ],
)
def test_a_list_that_is_wrong_or_hostile_is_refused(change: Any, text: str, archive: Path) -> None:
    path = rewritten(archive, change)
    with pytest.raises(TaughtArchiveError, match=text) as caught:
        read_archive(path, most_bytes=BUDGET)
    assert str(caught.value).endswith("nothing was taken")


def test_keys_of_a_later_release_are_passed_over(archive: Path) -> None:
    path = rewritten(archive, lambda listed: (listed.update(more=1), set_first(also=2)(listed)))
    assert len(read_archive(path, most_bytes=BUDGET)) == 4


def test_a_small_archive_that_unpacks_to_much_is_refused_before_it_is_unpacked(archive: Path) -> None:
    path = rewritten(archive, lambda listed: None, names={"glass/000000.jpg": bytes(50_000_000)})
    assert path.stat().st_size < 100_000
    with pytest.raises(TaughtArchiveError, match="unpacks to 50"):
        read_archive(path, most_bytes=BUDGET)
    with pytest.raises(TaughtArchiveError, match="expected at most 2000000"):
        read_archive(path, most_bytes=100_000_000)


def test_a_list_that_unpacks_to_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr(MANIFEST_NAME, b" " * 60_000_000)
    assert path.stat().st_size < 100_000
    with pytest.raises(TaughtArchiveError, match=r"manifest\.json: unpacks to 60000000 bytes"):
        read_archive(path, most_bytes=BUDGET)


def test_an_entry_that_lies_about_its_size_gives_no_more(archive: Path) -> None:
    path = rewritten(archive, lambda listed: None, names={FEATURES_NAME: bytes(5_000_000)})
    content = path.read_bytes()
    lie = (3 * 4 * 48).to_bytes(4, "little")
    path.write_bytes(content.replace((5_000_000).to_bytes(4, "little"), lie))
    with pytest.raises(TaughtArchiveError):
        read_archive(path, most_bytes=BUDGET)


def test_an_archive_of_too_many_files_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    path.write_bytes(b"PK\x01\x02" * 30_000)
    with pytest.raises(TaughtArchiveError, match="more than 21000 files"):
        read_archive(path, most_bytes=BUDGET)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_cut_or_changed_archive_is_read_whole_or_refused(
    exported: bytes, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = bytearray(exported)
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content) - 1)) :]
    else:
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] ^= data.draw(st.integers(1, 255))
    path = tmp_path_factory.getbasetemp() / "fuzzed.zip"
    path.write_bytes(io.BytesIO(content).getvalue())
    try:
        found = read_archive(path, most_bytes=BUDGET)
    except TaughtArchiveError:
        return
    assert [one.picture for one in found] == [one.picture for one in PICTURES], "pictures have hashes"
