"""What lies in a folder is read or left out with the reason."""

import os
from pathlib import Path

import pytest

from hardware.pictures import folder as listing
from hardware.pictures.folder import describe_left_out, search_folder
from hardware.pictures.kinds import SUFFIXES
from hardware.pictures.names import escaped_name, is_storable


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")
    return path


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_every_kind_is_found_in_either_case_and_any_depth(tmp_path: Path, suffix: str) -> None:
    touch(tmp_path / f"a{suffix}")
    touch(tmp_path / "deep" / "er" / f"b{suffix.upper()}")
    found = search_folder(tmp_path)
    assert found.pictures == (Path(f"a{suffix}"), Path(f"deep/er/b{suffix.upper()}"))
    assert found.left_out == ()


@pytest.mark.parametrize(
    ("name", "left_out", "reason"),
    [
        (".ipynb_checkpoints/x.jpg", ".ipynb_checkpoints", listing.HIDDEN),
        (".x.jpg", ".x.jpg", listing.HIDDEN),
        ("._x.jpg", "._x.jpg", listing.HIDDEN),
        ("@eaDir/x.jpg/thumb.jpg", "@eaDir", listing.PROGRAM),
        ("__MACOSX/x.jpg", "__MACOSX", listing.PROGRAM),
        ("$RECYCLE.BIN/x.jpg", "$RECYCLE.BIN", listing.PROGRAM),
        ("notes.txt", "notes.txt", listing.OTHER_KIND),
        ("README", "README", listing.OTHER_KIND),
        ("two\nlines.jpg", "two\nlines.jpg", listing.ODD_NAME),
        ("escape\x1b[31m.jpg", "escape\x1b[31m.jpg", listing.ODD_NAME),
        (os.fsdecode(b"caf\xe9.jpg"), os.fsdecode(b"caf\xe9.jpg"), listing.ODD_NAME),
    ],
)
def test_what_is_not_used_is_named_with_the_reason(tmp_path: Path, name: str, left_out: str, reason: str) -> None:
    touch(tmp_path / name)
    touch(tmp_path / "good.jpg")
    found = search_folder(tmp_path)
    assert found.pictures == (Path("good.jpg"),)
    assert [(str(one.path), one.reason) for one in found.left_out] == [(left_out, reason)]
    (line,) = describe_left_out(found.left_out)
    assert escaped_name(left_out) in line
    assert is_storable(line)


def test_names_that_cannot_be_stored_are_taken_where_that_does_not_matter(tmp_path: Path) -> None:
    names = ("escape\x1b[31m.jpg", os.fsdecode(b"caf\xe9.jpg"))
    for name in names:
        touch(tmp_path / name)
    assert {str(one) for one in search_folder(tmp_path, any_name=True).pictures} == set(names)


def test_pipes_and_broken_links_are_left_out(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "link.jpg").symlink_to(tmp_path / "nowhere.jpg")
    assert [(str(one.path), one.reason) for one in search_folder(tmp_path).left_out] == [
        ("link.jpg", listing.BROKEN_LINK),
        ("pipe.jpg", listing.NOT_A_FILE),
    ]


def test_linked_folders_are_followed_and_circles_are_not(tmp_path: Path) -> None:
    touch(tmp_path / "elsewhere" / "x.jpg")
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "glass").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "back").symlink_to(tmp_path / "set")
    assert search_folder(tmp_path / "set").pictures == (Path("glass/x.jpg"),)


def test_names_of_every_script_are_as_they_are() -> None:
    for name in ("紙", "пластик", "papier-mâché", "🥫", "Bild 10.00\u202fAM.png", "[metal]", "a=b,c"):
        assert is_storable(name)
        assert escaped_name(name) == name


def test_many_are_one_line() -> None:
    left_out = [listing.LeftOut(Path(f"{number}.txt"), listing.OTHER_KIND) for number in range(5)]
    left_out.append(listing.LeftOut(Path(".x"), listing.HIDDEN))
    assert describe_left_out(left_out) == ["hidden: .x", "not a picture (.txt): 0.txt and 4 more"]
