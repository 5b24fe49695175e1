"""Pictures on disk: the same as in memory, found again, made again where they are damaged."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.errors import PictureError
from train.data.cache import load_pictures
from train.data.picture_store import PictureStore
from train.data.pictures import Picture, find_pictures
from train.data.salient_masks import SalientMasks

LABELS = ("glass", "paper")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    random = np.random.default_rng(3)
    for number, label in enumerate(LABELS * 2):
        pixels = np.full((80, 120, 3), 190, np.uint8)
        pixels[25:55, 30:80] = random.integers(0, 120, (30, 50, 3), np.uint8)
        (tmp_path / "data" / label).mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(tmp_path / "data" / label / f"{number}.png"), pixels)
    return tmp_path / "data"


@pytest.fixture
def pictures(data: Path) -> list[Picture]:
    return find_pictures([data])


def files(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_a_stored_picture_is_what_memory_would_hold(pictures: list[Picture], tmp_path: Path) -> None:
    stored, readable, _ = PictureStore(tmp_path / "store", 64).store(pictures, LABELS)
    in_memory, _, _ = load_pictures(pictures, LABELS, 64)
    assert readable == pictures
    for one, other in zip(stored, in_memory, strict=True):
        loaded = one.loaded()
        np.testing.assert_array_equal(loaded.pixels, other.pixels)
        np.testing.assert_array_equal(loaded.cover, other.cover)
        assert (one.target, one.mask_is_reliable, one.data_set) == (other.target, other.mask_is_reliable, "data")
        assert max(loaded.pixels.shape) == 64


def test_what_is_there_is_not_made_again_and_another_side_is(pictures: list[Picture], tmp_path: Path) -> None:
    PictureStore(tmp_path, 64).store(pictures[:2], LABELS)
    first = files(tmp_path)
    PictureStore(tmp_path, 64).store(pictures, LABELS)
    assert files(tmp_path).items() > first.items()
    assert len(files(tmp_path)) - len(first) == 2
    PictureStore(tmp_path, 48).store(pictures[:1], LABELS)
    assert len(files(tmp_path)) == len(first) + 3


@pytest.mark.parametrize("left", [0, 5, 200])
def test_a_cut_file_is_told_when_read_and_made_again_by_the_next_run(
    pictures: list[Picture], tmp_path: Path, left: int
) -> None:
    store = PictureStore(tmp_path, 64)
    (one, *_), _, _ = store.store(pictures[:1], LABELS)
    whole = one.loaded().pixels
    os.truncate(one.file, left)
    with pytest.raises(PictureError, match="start the run again"):
        one.loaded()
    (again, *_), _, _ = store.store(pictures[:1], LABELS)
    np.testing.assert_array_equal(again.loaded().pixels, whole)
    os.unlink(one.file)
    with pytest.raises(PictureError, match="No such file"):
        one.loaded()


def test_unreadable_pictures_are_left_out_with_their_reason(data: Path, tmp_path: Path) -> None:
    (data / "glass" / "broken.jpg").write_bytes(b"no picture")
    stored, readable, unreadable = PictureStore(tmp_path / "store", 64).store(find_pictures([data]), LABELS)
    assert len(stored) == len(readable) == 4
    assert [picture.path.name for picture in unreadable] == ["broken.jpg"]


def test_a_salient_mask_replaces_the_bins_own_and_is_stored_beside_it(pictures: list[Picture], tmp_path: Path) -> None:
    masks = SalientMasks(tmp_path / "masks")
    content = pictures[0].path.read_bytes()
    wanted = np.zeros((320, 320), np.float32)
    wanted[40:120, 60:160] = 1.0
    masks.save(content, wanted)
    (salient, *_), _, _ = PictureStore(tmp_path / "store", 64, masks).store(pictures[:1], LABELS)
    (own, *_), _, _ = PictureStore(tmp_path / "store", 64).store(pictures[:1], LABELS)
    cover = salient.loaded().cover
    assert cover is not None
    assert cover.shape == salient.loaded().pixels.shape[:2]
    assert float((cover > 127).mean()) == pytest.approx(80 * 100 / 320**2, abs=0.02)
    assert salient.mask_is_reliable
    assert salient.file != own.file
    np.testing.assert_array_equal(own.loaded().cover, load_pictures(pictures[:1], LABELS, 64)[0][0].cover)
