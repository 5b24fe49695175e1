"""Grouping and splitting: twins stay together, labels keep their shares, equal seeds draw equally."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given as for_all
from hypothesis import settings as limits
from hypothesis import strategies as st

pytest.importorskip("sklearn", reason="scikit-learn groups like pictures; install the train extra")

from train.cli import main
from train.data.grouping import descriptors, file_hashes, group_similar, thumbnail_descriptor
from train.data.pictures import Picture, find_pictures
from train.data.split import PART_NAMES, Split
from train.data.split_drawing import extend_split
from train.data.stratified_split import draw_stratified_split, predefined_split
from train.errors import DataError
from train.runs.settings import Settings


def made_up(sizes: dict[str, list[int]]) -> tuple[list[Picture], list[int]]:
    """Pictures of labels in groups of the given sizes, and their group numbers."""
    pictures, groups, number = [], [], 0
    for label, label_sizes in sizes.items():
        for size in label_sizes:
            for _ in range(size):
                pictures.append(Picture(f"{label}/{len(pictures):05d}.jpg", label, Path("nowhere")))
                groups.append(number)
            number += 1
    return pictures, groups


def own_groups(pictures: list[Picture]) -> dict[str, int]:
    """Each picture in a group by itself."""
    return {picture.key: number for number, picture in enumerate(pictures)}


label_groups = st.dictionaries(
    st.sampled_from(["glass", "metal", "paper"]), st.lists(st.integers(1, 5), min_size=40, max_size=70), min_size=2
)


@limits(max_examples=40, deadline=None)
@for_all(sizes=label_groups, seed=st.integers(0, 1000))
def test_groups_are_whole_every_picture_is_placed_once_and_shares_hold(sizes: dict[str, list[int]], seed: int) -> None:
    pictures, groups = made_up(sizes)
    split = draw_stratified_split(pictures, groups, val_share=0.15, test_share=0.15, seed=seed)
    placed = {key: part for part in PART_NAMES for key in split.parts[part]}
    assert sorted(placed) == sorted(picture.key for picture in pictures)
    assert sum(len(keys) for keys in split.parts.values()) == len(pictures)
    parts_of_group: dict[int, set[str]] = {}
    for picture, number in zip(pictures, groups, strict=True):
        parts_of_group.setdefault(number, set()).add(placed[picture.key])
    assert all(len(parts) == 1 for parts in parts_of_group.values())
    for label, label_sizes in sizes.items():
        total = sum(label_sizes)
        for part, share in (("train", 0.70), ("val", 0.15), ("test", 0.15)):
            count = sum(placed[picture.key] == part for picture in pictures if picture.label == label)
            assert abs(count - share * total) <= 6, (label, part, count, total)


def test_same_seed_same_split_and_another_seed_another() -> None:
    pictures, groups = made_up({"glass": [1] * 60, "paper": [2] * 30})
    one, two, other = (
        draw_stratified_split(pictures, groups, val_share=0.15, test_share=0.15, seed=seed) for seed in (3, 3, 4)
    )
    assert one == two
    assert one.parts["test"] != other.parts["test"]


def test_a_label_in_one_group_is_refused() -> None:
    pictures, groups = made_up({"glass": [1] * 20, "paper": [9]})
    with pytest.raises(DataError, match="'paper' has 9 pictures in too few groups"):
        draw_stratified_split(pictures, groups, val_share=0.15, test_share=0.15, seed=1)


def test_saved_split_reads_back_and_lists_stand_beside_it(tmp_path: Path) -> None:
    pictures, groups = made_up({"glass": [1] * 30, "paper": [2] * 20})
    split = draw_stratified_split(pictures, groups, val_share=0.15, test_share=0.15, seed=1)
    split.save(tmp_path / "split.json")
    split.save_lists(tmp_path)
    assert Split.load(tmp_path / "split.json") == split
    assert (tmp_path / "val.txt").read_text().splitlines() == split.parts["val"]
    assert [picture.key for picture in split.select("val", pictures)] == split.parts["val"]
    with pytest.raises(DataError, match="not in the data"):
        split.select("train", pictures[:3])


@pytest.mark.parametrize(
    "text", ["", "{}", '{"seed": 1, "parts": {"train": ["a"], "val": ["a"], "test": []}, "groups": {}}']
)
def test_damaged_split_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "split.json").write_text(text)
    with pytest.raises(DataError, match=r"split\.json"):
        Split.load(tmp_path / "split.json")


def test_a_split_that_came_with_the_data_is_respected() -> None:
    pictures = [
        Picture(f"{part}/{label}/{n}.jpg", label, Path("nowhere"), part)
        for part in ("train", "test")
        for label in ("glass", "paper")
        for n in range(20)
    ]
    split = predefined_split(pictures, own_groups(pictures), val_share=0.15, seed=1)
    assert all(key.startswith("test/") for key in split.parts["test"])
    assert len(split.parts["test"]) == 40
    assert len(split.parts["val"]) > 0
    assert all(key.startswith("train/") for key in split.parts["val"])
    mixed = [*pictures, Picture("glass/x.jpg", "glass", Path("nowhere"))]
    with pytest.raises(DataError, match="some have none"):
        predefined_split(mixed, own_groups(mixed), val_share=0.15, seed=1)


def test_like_pictures_are_grouped_and_equal_bytes_whatever_their_labels(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    scenes = [np.kron(random.integers(0, 255, (8, 8, 3)), np.ones((8, 8, 1))).astype(np.uint8) for _ in range(6)]
    noisy = np.clip(scenes[0].astype(int) + random.integers(-6, 7, scenes[0].shape), 0, 255).astype(np.uint8)
    rows = descriptors(np.stack([*scenes, noisy]), None)
    labels = ["glass"] * 3 + ["paper"] * 3 + ["glass"]
    numbers = group_similar(rows, labels, [str(n) for n in range(7)], 0.3)
    assert numbers[6] == numbers[0]
    assert len(set(numbers.tolist())) == 6
    # Equal bytes tie pictures 1 (glass) and 5 (paper) together.
    tied = group_similar(rows, labels, ["0", "x", "2", "3", "4", "x", "6"], 0.3)
    assert tied[1] == tied[5]
    assert len(set(tied.tolist())) == 5
    assert thumbnail_descriptor(noisy).shape == (256,)
    files = [tmp_path / name for name in ("a.bin", "b.bin", "c.bin")]
    for file, content in zip(files, (b"1", b"1", b"2"), strict=True):
        file.write_bytes(content)
    prints = file_hashes([Picture(file.name, "glass", file) for file in files])
    assert prints[0] == prints[1] != prints[2]


def test_a_split_is_extended_and_cut_down_without_moving_anybody() -> None:
    first = Split({"train": ["a/1", "a/2"], "val": ["a/3"], "test": []}, {"a/1": 0, "a/2": 0, "a/3": 1}, 1)
    second = Split({"train": ["two/b/1"], "val": [], "test": ["two/b/2"]}, {"two/b/1": 0, "two/b/2": 1}, 7)
    both = first.with_prefix("one").merged_with(second)
    assert both.parts == {"train": ["one/a/1", "one/a/2", "two/b/1"], "val": ["one/a/3"], "test": ["two/b/2"]}
    assert both.groups["one/a/1"] == both.groups["one/a/2"]
    assert len({both.groups[key] for key in ("one/a/1", "one/a/3", "two/b/1", "two/b/2")}) == 4
    assert both.without({"two/b/1", "two/b/2"}).parts == first.with_prefix("one").parts


def write(path: Path, seed: int) -> None:
    """A picture of its own: coarse coloured noise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    coarse = np.random.default_rng(seed).integers(0, 255, (4, 4, 3)).astype(np.uint8)
    cv2.imwrite(str(path), cv2.resize(coarse, (64, 64), interpolation=cv2.INTER_NEAREST))


def test_split_shows_labels_with_brackets_and_tells_what_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for label in ("[metal]", "glass"):
        for seed in range(8):
            write(tmp_path / "set" / label / f"{seed}.png", seed + 8 * (label == "glass"))
    (tmp_path / "set" / "paper").mkdir()
    out = tmp_path / "split.json"
    assert main(["split", "--data", str(tmp_path / "set"), "--out", str(out), "--weights", "none"]) == 0
    told = capsys.readouterr()
    assert "[metal]" in told.out
    assert "data: no picture of paper: the folder is empty" in told.err
    assert len(Split.load(out).keys) == 16


def test_new_pictures_follow_their_twins_in_the_split_that_is_kept(tmp_path: Path) -> None:
    for number in range(8):
        write(tmp_path / "old" / "glass" / f"{number}.png", number)
        write(tmp_path / "new" / "glass" / f"{number}.png", number + (0 if number == 3 else 100))
    roots = [tmp_path / "old", tmp_path / "new"]
    pictures = find_pictures(roots)
    keys = [f"glass/{number}.png" for number in range(8)]
    kept = Split({"train": keys[:2], "val": keys[4:], "test": keys[2:4]}, {key: n for n, key in enumerate(keys)}, 1)
    settings = Settings(size=32, weights="none", val_share=0.2, test_share=0.2)
    split = extend_split(kept.with_prefix("old"), pictures, settings)
    assert [key for key in split.parts["test"] if key.startswith("old/")] == ["old/glass/2.png", "old/glass/3.png"]
    assert "new/glass/3.png" in split.parts["test"]
    assert len(split.keys) == 16


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_split_that_was_written_on_windows_is_read(tmp_path: Path, encoding: str) -> None:
    parts = {"train": ["glass\\1 grün.png"], "val": ["glass\\2.png"], "test": []}
    text = json.dumps({"seed": 1, "groups": {}, "parts": parts}, indent=1, ensure_ascii=False)
    (tmp_path / "split.json").write_bytes(text.replace("\n", "\r\n").encode(encoding))
    pictures = [Picture(f"glass/{name}.png", "glass", tmp_path) for name in ("1 grün", "2")]
    split = Split.load(tmp_path / "split.json")
    assert split.select("train", pictures) == pictures[:1]
    assert split.select("val", pictures) == pictures[1:]


def test_a_split_in_an_older_encoding_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "split.json").write_bytes('{"parts":\n["glass/grün.png"]}'.encode("latin-1"))
    with pytest.raises(DataError, match=r"split .*split.json: line 2 is not UTF-8: byte 0xfc.*; expected a split.json"):
        Split.load(tmp_path / "split.json")
