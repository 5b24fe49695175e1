"""Pictures of one item are known by a pattern, folders, names and times; what cannot be known is told."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("sklearn", reason="scikit-learn groups like pictures; install the train extra")

from PIL import ExifTags, Image

from train.cli import main
from train.data.item_clues import LEAST_ITEMS, NAMED_LABELS, find_items, joined
from train.data.pictures import Picture, find_pictures
from train.data.split import PART_NAMES, Split
from train.data.split_drawing import extend_split
from train.data.stratified_split import draw_stratified_split, predefined_split
from train.errors import SettingsError
from train.runs.settings import Settings


def named(*names: str, label: str = "cup", part: str = "") -> list[Picture]:
    """Pictures of which only the names are known."""
    return [Picture(f"{label}/{name}", label, Path("nowhere") / name, part) for name in names]


def grouped(pictures: Sequence[Picture], pattern: str = "") -> set[frozenset[str]]:
    """Names of the pictures that are kept together."""
    found: dict[int, set[str]] = {}
    for picture, group in zip(pictures, find_items(pictures, pattern).groups.tolist(), strict=True):
        found.setdefault(group, set()).add(picture.path.name)
    return {frozenset(names) for names in found.values() if len(names) > 1}


OTHERS = tuple(f"other{number}.jpg" for number in range(LEAST_ITEMS))
"""Enough other items for a split."""


@pytest.mark.parametrize(
    "names",
    [
        ("cup_03_1.jpg", "cup_03_2.jpg"),
        ("cup03-a.jpg", "cup03-b.jpg"),
        ("IMG_0012.jpg", "IMG_0012 (1).jpg", "IMG_0012 copy.jpg"),
        ("cup 3 (2).png", "cup 3 (3).png"),
        ("cup_jpg.rf.0123456789abcdef01.jpg", "cup_jpg.rf.fedcba9876543210fe.jpg"),
        ("IMG_20261130_101502.jpg", "IMG_20261130_101505.jpg"),
        ("2026-11-30 10.15.58.jpg", "2026-11-30 10.16.01.jpg"),
    ],
)
def test_names_and_times_in_them_tell_the_pictures_of_one_item(names: tuple[str, ...]) -> None:
    assert grouped(named(*names, *OTHERS)) == {frozenset(names)}


@pytest.mark.parametrize(
    "names",
    [
        ("cup1.jpg", "cup2.jpg"),
        ("cup_1.jpg", "cup_2.jpg"),
        ("cup (1).jpg", "cup (2).jpg"),
        ("IMG-20200328-WA0032.jpg", "IMG-20200328-WA0033.jpg"),
        ("20261130_0001.jpg", "20261130_0002.jpg"),
        ("IMG_20261130_101502.jpg", "IMG_20261130_101512.jpg"),
        ("IMG_20261399_101502.jpg", "IMG_20261399_101503.jpg"),
    ],
)
def test_numbers_of_pictures_days_and_later_moments_tell_no_item(names: tuple[str, ...]) -> None:
    pictures = named(*names, *OTHERS)
    assert grouped(pictures) == set()
    (note,) = find_items(pictures).notes
    assert note.startswith("cup: nothing but likeness says which pictures show one item.")


def test_names_of_another_label_or_folder_are_another_item() -> None:
    pictures = [*named("1_1.jpg", *OTHERS), *named("1_2.jpg", *OTHERS, label="can")]
    assert grouped(pictures) == set()


def test_too_few_items_and_one_that_is_most_of_a_label_are_told_and_not_kept_together() -> None:
    few = named(*(f"cup_{item}_{look}.jpg" for item in range(LEAST_ITEMS - 1) for look in range(4)))
    clues = find_items(few)
    assert len(set(clues.groups.tolist())) == len(few)
    assert clues.notes[0].startswith(f"cup: by names there are {LEAST_ITEMS - 1} items: too few")
    most = named(*(f"cup_1_{look}.jpg" for look in range(20)), *OTHERS)
    assert find_items(most).notes[0].startswith("cup: by names 20 of 25 pictures show one item, cup_1: too few")


def test_a_pattern_goes_over_names_and_tells_what_it_misses() -> None:
    pictures = named("a_1_x.jpg", "b_1_x.jpg", "a_2_x.jpg", *OTHERS)
    assert grouped(pictures, r"/(\w)_") == {frozenset({"a_1_x.jpg", "a_2_x.jpg"})}
    assert grouped(pictures, r"_\d_") == {frozenset({"a_1_x.jpg", "b_1_x.jpg"})}
    assert (
        f"{LEAST_ITEMS} of {LEAST_ITEMS + 3} pictures have nothing that --group finds"
        in find_items(pictures, r"_\d_").notes
    )


def test_a_few_known_items_do_not_silence_the_doubt_about_the_others() -> None:
    six = named(*(f"cell{item}_{look}.jpg" for item in range(2) for look in range(3)), label="battery")
    rest = named(*(f"IMG-{number}x.jpg" for number in range(50)), label="battery")
    for pattern in (r"cell\d", ""):
        notes = find_items([*six, *rest], pattern).notes
        assert notes[-1].startswith("battery (50 of 56 pictures): nothing but likeness"), notes
        assert not any("likeness" in note for note in find_items([*six, *rest[:5]], pattern).notes)


def test_every_label_in_doubt_is_named_up_to_some() -> None:
    labels = [f"kind{number}" for number in range(NAMED_LABELS + 2)]
    for count, expected in ((4, "kind3: nothing"), (len(labels), f"kind{NAMED_LABELS - 1} and 2 more: nothing")):
        (note,) = find_items([one for label in labels[:count] for one in named(*OTHERS, label=label)]).notes
        assert expected in note


def test_a_pattern_that_is_none_is_refused() -> None:
    with pytest.raises(SettingsError, match="group must be a regular expression"):
        Settings(group="(cup")


def test_groups_are_joined_through_each_other() -> None:
    one, other = np.array([0, 0, 2, 3, 4]), np.array([7, 1, 1, 5, 6])
    assert joined(one, other).tolist() == [0, 0, 0, 1, 2]


def put(path: Path, seed: int, taken: str = "") -> None:
    """A picture of coarse noise, with the time it was taken."""
    path.parent.mkdir(parents=True, exist_ok=True)
    coarse = np.random.default_rng(seed).integers(0, 255, (4, 4, 3)).astype(np.uint8)
    picture = Image.fromarray(cv2.resize(coarse, (48, 48), interpolation=cv2.INTER_NEAREST))
    exif = Image.Exif()
    if taken:
        exif[ExifTags.IFD.Exif] = {ExifTags.Base.DateTimeOriginal: taken}
    picture.save(path, exif=exif)


def test_a_split_keeps_items_together_by_folder_and_by_the_time_of_the_photograph(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "photos"
    for item in range(6):
        for look in range(3):
            seed = 3 * item + look
            put(data / "cup" / f"cup{item}" / f"{look}.jpg", seed)
            put(data / "can" / f"{seed}.jpg", 100 + seed, taken=f"2026:11:30 10:{item:02d}:{3 * look:02d}")
    split, shares = tmp_path / "split.json", ["--val", "0.2", "--test", "0.2", "--weights", "none"]
    assert main(["split", "--data", str(data), "--out", str(split), *shares]) == 0
    part_of = {key: part for part, keys in Split.load(split).parts.items() for key in keys}
    for item in range(6):
        assert len({part_of[f"cup/cup{item}/{look}.jpg"] for look in range(3)}) == 1
        assert len({part_of[f"can/{3 * item + look}.jpg"] for look in range(3)}) == 1
    assert "pictures of one item kept together: 18 by folders, 18 by times" in capsys.readouterr().err
    for number in range(6):
        put(data / "cup" / f"new{number}.jpg", 500 + number)
    put(data / "cup" / "cup2" / "later.jpg", 600)
    longer = extend_split(Split.load(split), find_pictures([data]), Settings(size=32, weights="none", twin_distance=0))
    assert "cup/cup2/later.jpg" in longer.parts[part_of["cup/cup2/0.jpg"]]


def test_a_validation_part_drawn_from_a_training_folder_keeps_items_together() -> None:
    pictures = named(*(f"cup_{item}_{look}.jpg" for item in range(8) for look in range(3)), part="train")
    groups = dict(zip((one.key for one in pictures), find_items(pictures).groups.tolist(), strict=True))
    split = predefined_split(pictures, groups, val_share=0.2, seed=1)
    assert split.parts["val"]
    assert not {key.rpartition("_")[0] for key in split.parts["val"]} & {
        key.rpartition("_")[0] for key in split.parts["train"]
    }


@pytest.mark.parametrize("items", [3, 4, 5])
def test_as_many_large_items_as_parts_leave_no_part_without_the_label(items: int) -> None:
    pictures = named(*(f"{number}.jpg" for number in range(12 * items)))
    groups = [number // 12 for number in range(12 * items)]
    split = draw_stratified_split(pictures, groups, val_share=0.15, test_share=0.15, seed=2)
    assert all(split.parts[part] for part in PART_NAMES)
