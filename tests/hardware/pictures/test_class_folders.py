"""Data sets as people have them: split folders in any spelling, a wrapper too many, folders within the labels' folders."""

import os
from pathlib import Path

import pytest

from hardware.pictures.class_folders import (
    BESIDE_PARTS,
    OUTSIDE,
    ClassFolders,
    LabelledPicture,
    part_of,
    read_class_folders,
)
from hardware.pictures.folder import OTHER_KIND


def made(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"")
    return root


def found(folders: ClassFolders) -> set[tuple[str, str]]:
    """Label and part of each picture."""
    return {(one.label, one.part) for one in folders.pictures}


@pytest.mark.parametrize(
    ("train", "val", "test"),
    [
        ("train", "val", "test"),
        ("TRAIN", "VALID", "TEST"),
        ("Train", "Validation", "Test"),
        ("training", "dev", "testing"),
        ("train_set", "val-images", "Test Set"),
        ("train2017", "val2017", "test2017"),
        ("01_Traindata", "02_ValidationSet", "03_Testset"),
    ],
)
@pytest.mark.parametrize("beside", [(), ("__MACOSX/train/glass/._1.jpg",), ("docs/plan/1.jpg", "docs/2.jpg")])
def test_split_folders_are_known_in_any_spelling_whatever_lies_beside_them(
    tmp_path: Path, train: str, val: str, test: str, beside: tuple[str, ...]
) -> None:
    names = [f"{part}/{label}/1.jpg" for part in (train, val, test) for label in ("glass", "metal")]
    folders = read_class_folders(made(tmp_path / "set", *names, *beside))
    assert found(folders) == {(label, part) for label in ("glass", "metal") for part in ("train", "val", "test")}
    told = {str(one.path): one.reason for one in folders.left_out}
    assert set(told) == ({beside[0].split("/")[0]} if beside else set())
    if "docs" in told:
        assert told["docs"] == BESIDE_PARTS


def test_a_label_called_like_a_part_is_a_label_beside_other_labels(tmp_path: Path) -> None:
    folders = read_class_folders(made(tmp_path / "set", "glass/1.jpg", "metal/1.jpg", "test/1.jpg"))
    assert folders.labels == ("glass", "metal", "test")


@pytest.mark.parametrize("name", ["tests", "trainer", "testset lamps", "training shoes", "values", "set", "2017", ""])
def test_a_name_that_only_begins_like_that_of_a_part_is_none(name: str) -> None:
    assert part_of(name) == ""


def test_labels_that_look_like_parts_under_an_unknown_name_are_told(tmp_path: Path) -> None:
    names = [f"{part}/{label}/1.jpg" for part in ("tr", "te") for label in ("glass", "metal")]
    told = read_class_folders(made(tmp_path / "set", *names)).notes
    assert "labels te, tr: each holds folders glass, metal; if they are the parts of a split" in told[-1]


def test_parts_within_the_labels_are_told(tmp_path: Path) -> None:
    names = [f"{label}/{part}/1.jpg" for part in ("train", "test") for label in ("glass", "metal")]
    folders = read_class_folders(made(tmp_path / "set", *names))
    assert found(folders) == {("glass", ""), ("metal", "")}
    assert folders.notes[-1].startswith("labels glass, metal: each holds folders test, train, which count as one")


def test_only_a_test_folder_is_a_part(tmp_path: Path) -> None:
    folders = read_class_folders(made(tmp_path / "set", "Test/glass/1.jpg", "Test/metal/1.jpg"))
    assert found(folders) == {("glass", "test"), ("metal", "test")}


@pytest.mark.parametrize("wrapper", ["data", "data/images"])
@pytest.mark.parametrize("inside", ["{}/1.jpg", "Train/{}/1.jpg"])
def test_a_wrapper_is_entered_and_told(tmp_path: Path, wrapper: str, inside: str) -> None:
    names = [f"{wrapper}/{inside.format(label)}" for label in ("glass", "metal")]
    folders = read_class_folders(made(tmp_path / "set", *names, "readme.txt", "__MACOSX/x.jpg"))
    assert folders.labels == ("glass", "metal")
    assert folders.root == tmp_path / "set" / wrapper
    assert folders.pictures[0].path == Path(inside.format("glass"))
    assert {str(one.path) for one in folders.left_out} == {
        os.path.relpath(tmp_path / "set" / name, folders.root) for name in ("readme.txt", "__MACOSX")
    }
    assert folders.notes == (f"entered {wrapper}, the only folder in {tmp_path / 'set'}",)


def test_a_wrapper_within_a_part_is_entered_and_told(tmp_path: Path) -> None:
    names = [f"{part}/{label}/1.jpg" for part in ("train/images", "test") for label in ("glass", "metal")]
    folders = read_class_folders(made(tmp_path / "set", *names))
    assert found(folders) == {(label, part) for label in ("glass", "metal") for part in ("train", "test")}
    assert folders.notes == ("entered train/images, the only folder in train",)


def test_the_folder_of_a_known_label_is_not_a_wrapper(tmp_path: Path) -> None:
    root = made(tmp_path / "set", "metal/cans/1.jpg", "metal/foil/1.jpg")
    assert read_class_folders(root, labels=["metal"]).labels == ("metal",)


def test_pictures_further_down_are_read_and_told(tmp_path: Path) -> None:
    folders = read_class_folders(made(tmp_path / "set", "glass/1.jpg", "metal/cans/1.tif", "metal/foil/new/1.jpg"))
    assert folders.pictures == (
        LabelledPicture(Path("glass/1.jpg"), "glass", ""),
        LabelledPicture(Path("metal/cans/1.tif"), "metal", ""),
        LabelledPicture(Path("metal/foil/new/1.jpg"), "metal", ""),
    )
    assert folders.notes == ("label metal: pictures in folders further down count as well (1 in cans, 1 in foil)",)


def test_a_label_without_pictures_has_a_reason(tmp_path: Path) -> None:
    root = made(tmp_path / "set", "glass/1.jpg", "paper/1.xcf", "paper/2.xcf", "metal/.hidden/1.jpg")
    (root / "trash").mkdir()
    folders = read_class_folders(root)
    assert folders.labels == ("glass",)
    assert folders.empty == {
        Path("metal"): "hidden: metal/.hidden",
        Path("paper"): f"{OTHER_KIND} (.xcf): paper/1.xcf and 1 more",
        Path("trash"): "the folder is empty",
    }


@pytest.mark.parametrize("where", ["", "train/"])
def test_pictures_outside_the_labels_folders_are_told(tmp_path: Path, where: str) -> None:
    names = [f"{where}{name}" for name in ("glass/1.jpg", "metal/1.jpg", "loose.jpg")]
    folders = read_class_folders(made(tmp_path / "set", *names))
    assert folders.labels == ("glass", "metal")
    assert [(str(one.path), one.reason) for one in folders.left_out] == [(f"{where}loose.jpg", OUTSIDE)]
