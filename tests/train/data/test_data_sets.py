"""Nothing in a data set vanishes without a word: what is found, and what is told about the rest."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from train.data.pictures import DataSets, find_data, spelt_as
from train.errors import DataError


def made(root: Path, *names: str) -> Path:
    """Pictures, and under other suffixes files that are none."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"")
    return root


def counts(data: DataSets) -> dict[str, int]:
    labels = [picture.label for picture in data.pictures]
    return {label: labels.count(label) for label in sorted(set(labels))}


def test_deep_folders_and_every_kind_count_and_empty_labels_are_named(tmp_path: Path) -> None:
    root = made(
        tmp_path / "set", "glass/1.tif", "metal/cans/1.heic", "metal/foil/1.jfif", "paper/1.xcf", "notes.txt", "x.jpg"
    )
    data = find_data([root])
    assert counts(data) == {"glass": 1, "metal": 2}
    assert data.empty == {"paper": "not a picture (.xcf): paper/1.xcf"}
    assert data.skipped == {".txt": 1, ".xcf": 1}
    assert "label metal: pictures in folders further down count as well (1 in cans, 1 in foil)" in data.notes
    assert "left out of set: picture outside the folders of the labels: x.jpg" in data.notes
    assert "no picture of paper: not a picture (.xcf): paper/1.xcf" in data.describe()


def test_keys_say_which_data_set_and_lie_in_the_entered_folder(tmp_path: Path) -> None:
    one = made(tmp_path / "one", "wrapper/glass/1.jpg", "wrapper/metal/1.jpg")
    two = made(tmp_path / "two", "Train/glass/1.jpg", "Test/glass/1.jpg", "docs/1.pdf")
    data = find_data([one, two])
    assert [(picture.key, picture.part, picture.data_set) for picture in data.pictures] == [
        ("one/glass/1.jpg", "", "one"),
        ("one/metal/1.jpg", "", "one"),
        ("two/Test/glass/1.jpg", "test", "two"),
        ("two/Train/glass/1.jpg", "train", "two"),
    ]
    assert all(picture.path.is_file() for picture in data.pictures)
    assert "left out of two: folder beside those of the split: docs" in data.notes


@pytest.mark.parametrize("together", [True, False])
def test_one_label_in_two_spellings_is_told_with_the_options_that_join_them(tmp_path: Path, together: bool) -> None:
    one = made(tmp_path / "one", "glass/1.jpg", "glass/2.jpg", "metal/1.jpg")
    made(one if together else tmp_path / "two", "Glass/1.jpg", "E Waste/1.jpg")
    roots = [one] if together else [one, tmp_path / "two"]
    (note,) = [note for note in find_data(roots).notes if "spelling" in note]
    assert note == (
        "labels 'Glass' and 'glass' differ in spelling alone and count as 2; to join them: --map Glass=glass"
    )
    joined = find_data(roots, label_renames={"Glass": "glass"})
    assert counts(joined)["glass"] == 3
    assert not [note for note in joined.notes if "spelling" in note]


def test_options_are_quoted_for_the_shell(tmp_path: Path) -> None:
    root = made(tmp_path / "set", "e-waste/1.jpg", "e-waste/2.jpg", "E Waste/1.jpg", "glass/1.jpg")
    assert "to join them: --map 'E Waste=e-waste'" in find_data([root]).notes[0]


def test_labels_go_by_a_models_in_any_case(tmp_path: Path) -> None:
    data = find_data([made(tmp_path / "set", "Glass/1.jpg", "METAL/1.jpg", "Papier/1.jpg")])
    assert {picture.label for picture in spelt_as(data.pictures, ("glass", "metal", "paper"))} == {
        "glass",
        "metal",
        "Papier",
    }


@pytest.mark.parametrize("name", ["me\ntal", os.fsdecode(b"gl\xe4s"), "red\x1b[31m"])
def test_a_labels_folder_whose_name_cannot_be_stored_is_named(tmp_path: Path, name: str) -> None:
    root = made(tmp_path / "set", "glass/1.jpg", f"{name}/1.jpg")
    with pytest.raises(DataError, match="rename it") as caught:
        find_data([root])
    assert str(caught.value).isprintable()


def test_a_picture_whose_name_cannot_be_stored_is_left_out_and_named(tmp_path: Path) -> None:
    root = made(tmp_path / "set", "glass/1.jpg", "metal/1.jpg", "glass/" + os.fsdecode(b"caf\xe9.jpg"))
    data = find_data([root])
    assert counts(data) == {"glass": 1, "metal": 1}
    (note,) = [note for note in data.notes if "rename" in note]
    assert r"glass/caf\xe9.jpg" in note


@pytest.mark.parametrize("label", ["[metal]", "紙", "пластик", "a$b$c", "🥫"])
def test_labels_of_every_script_and_with_brackets_are_labels(tmp_path: Path, label: str) -> None:
    assert counts(find_data([made(tmp_path / "set", f"{label}/1.jpg", "glass/1.jpg")]))[label] == 1


def test_labels_that_are_not_wanted_are_not_told(tmp_path: Path) -> None:
    root = made(tmp_path / "set", "glass/1.jpg", "metal/1.jpg", "paper/1.xcf")
    assert find_data([root], labels=["glass", "metal"]).empty == {}


def test_wanted_labels_are_found_in_another_spelling_and_that_is_told(tmp_path: Path) -> None:
    root = made(tmp_path / "set", "Glass/1.jpg", "glass/2.jpg", "METAL/1.jpg", "paper/1.jpg")
    data = find_data([root], labels=["glass", "metal"])
    assert counts(data) == {"glass": 2, "metal": 1}
    assert data.notes == ("label 'Glass' counts as 'glass'", "label 'METAL' counts as 'metal'")


def test_a_wanted_label_that_is_missing_is_named_with_what_there_is_and_why(tmp_path: Path) -> None:
    root = made(tmp_path / "set", "glass/1.jpg", "stone/1.jpg", "metal/1.xcf")
    said = r"no pictures for labels \['metal'\]; found \['glass', 'stone'\] \(metal: not a picture \(\.xcf\)"
    for labels in (["metal"], ["glass", "metal"]):
        with pytest.raises(DataError, match=said):
            find_data([root], labels=labels)


def test_nothing_found_says_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no pictures found \(glass: not a picture \(\.xcf\): glass/1\.xcf\)"):
        find_data([made(tmp_path / "set", "glass/1.xcf")])


def test_a_damaged_jpeg_is_read_where_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "set" / "glass").mkdir(parents=True)
    cv2.imwrite(str(tmp_path / "set" / "glass" / "1.jpg"), np.zeros((20, 30, 3), np.uint8))
    for keep in (True, False):
        (picture,) = find_data([tmp_path / "set"], keep_damaged=keep).pictures
        assert picture.keep_damaged == keep
