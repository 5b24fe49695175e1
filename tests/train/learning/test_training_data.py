"""A run's pictures: what is not read is logged before anything is learnt, as ``explore`` tells it."""

import logging
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("keras", reason="training needs Keras and a back end; install the train extra")

from hardware.pictures.damage import finds_jpeg_damage
from tests.builders.data_sets import TINY, write_pictures
from tests.builders.pictures import damaged_in_the_middle, save
from train.errors import DataError
from train.learning.training_data import TrainingData, load_training_data
from train.runs.run_folder import RunFolder
from train.runs.settings import Settings

HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"


def loaded(root: Path, out: Path, **settings: object) -> TrainingData:
    out.mkdir(exist_ok=True)
    chosen = Settings().replaced(**{**TINY, "epochs": 1, "weights": "none", "data": (str(root),), **settings})
    return load_training_data(chosen, RunFolder(out))


def test_what_is_not_read_is_logged_with_the_reason(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    root = write_pictures(tmp_path / "set")
    (root / "glass" / "deep").mkdir()
    for path in (root / "glass").glob("0*.png"):
        path.rename(root / "glass" / "deep" / path.name)
    (root / "glass" / "broken.jpg").write_bytes(b"no picture")
    (root / "glass" / "phone.heic").write_bytes(HEIC)
    (root / "metal").mkdir()
    (root / "metal" / "1.xcf").write_bytes(b"layers")
    with caplog.at_level(logging.WARNING, logger="train"):
        data = loaded(root, tmp_path / "run")
    assert data.labels == ("glass", "paper")
    assert "data: no picture of metal: not a picture (.xcf): metal/1.xcf" in caplog.text
    assert "data: label glass: pictures in folders further down count as well (10 in deep)" in caplog.text
    assert "cannot be read" in caplog.text
    assert f"{root / 'glass' / 'broken.jpg'}: not an image that can be decoded" in caplog.text
    assert f"{root / 'glass' / 'phone.heic'}: " in caplog.text


def test_a_label_of_which_nothing_can_be_read_ends_the_run_with_the_reason(tmp_path: Path) -> None:
    root = write_pictures(tmp_path / "set", each=8)
    (root / "metal").mkdir()
    for number in range(8):
        (root / "metal" / f"{number}.heic").write_bytes(HEIC)
    with pytest.raises(DataError, match=r"no readable picture of \['metal'\]; .*metal/0\.heic: .*HEIC"):
        loaded(root, tmp_path / "run")
    assert list((tmp_path / "run").iterdir()) == []


@pytest.mark.parametrize("label", ["[metal]", "紙"])
def test_labels_with_brackets_and_of_other_scripts_are_learnt(tmp_path: Path, label: str) -> None:
    root = write_pictures(tmp_path / "set", each=8)
    (root / "paper").rename(root / label)
    for _ in range(2):  # the second time the run's own split is read
        assert set(loaded(root, tmp_path / "run").labels) == {"glass", label}


def test_pictures_that_the_runs_split_does_not_name_are_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    root = write_pictures(tmp_path / "set", each=8)
    loaded(root, tmp_path / "run")
    assert "in no part" not in caplog.text
    (root / "glass" / "new.png").write_bytes((root / "glass" / "00.png").read_bytes())
    loaded(root, tmp_path / "run")
    assert "1 pictures are in no part of the split and are not used, such as glass/new.png" in caplog.text


def test_sprites_go_by_the_photographs_labels_and_the_rest_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    root = write_pictures(tmp_path / "set", each=8)
    rgba = np.zeros((64, 64, 4), np.uint8)
    rgba[10:50, 10:50] = (200, 30, 30, 255)
    for number in range(2):
        save(tmp_path / "sprites" / "GLASS" / f"{number}.png", rgba)
    (tmp_path / "sprites" / "paper").mkdir()
    data = loaded(root, tmp_path / "run", sprites=str(tmp_path / "sprites"))
    assert "sprites: no picture of paper: the folder is empty" in caplog.text
    assert [data.labels[sprite.target] for sprite in data.sprites] == ["glass", "glass"]


@pytest.mark.skipif(not finds_jpeg_damage(), reason="simplejpeg is not installed")
def test_damaged_jpegs_are_left_out_unless_they_are_kept(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    root = write_pictures(tmp_path / "set", each=8)
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    damaged = save(root / "glass" / "hole.jpg", noise)
    damaged.write_bytes(damaged_in_the_middle(damaged.read_bytes()))
    loaded(root, tmp_path / "left out")
    assert f"{damaged}: the JPEG is damaged" in caplog.text
    caplog.clear()
    loaded(root, tmp_path / "kept", damaged="keep")
    assert "hole.jpg" not in caplog.text


def test_a_folder_of_masks_that_is_not_there_is_told_before_anything_is_read(tmp_path: Path) -> None:
    root = write_pictures(tmp_path / "set", each=8)
    with pytest.raises(DataError, match=r"masks .*nowhere: no such folder; expected one made by sorter-train masks"):
        loaded(root, tmp_path / "run", masks=str(tmp_path / "nowhere"))
    assert list((tmp_path / "run").iterdir()) == []


def test_stored_pictures_serve_the_next_run_from_a_folder_of_their_own(tmp_path: Path) -> None:
    root, cache = write_pictures(tmp_path / "set", each=8), tmp_path / "cache"
    first = loaded(root, tmp_path / "first", cache=str(cache))
    stamps = {path: path.stat().st_mtime_ns for path in cache.rglob("*.picture")}
    assert len(stamps) == len(first.train)
    loaded(root, tmp_path / "second", cache=str(cache))
    assert {path: path.stat().st_mtime_ns for path in cache.rglob("*.picture")} == stamps
    assert not RunFolder(tmp_path / "first").pictures_folder.exists()


def test_of_many_pictures_to_validate_on_some_are_drawn_the_same_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write_pictures(tmp_path / "set", each=16)
    monkeypatch.setattr("train.data.selection.MOST_VALIDATED", 3)
    first, again = (loaded(root, tmp_path / name) for name in ("first", "again"))
    assert len(first.val_views) == 3
    np.testing.assert_array_equal(first.val_views, again.val_views)


def test_sets_that_validate_must_be_among_the_data(tmp_path: Path) -> None:
    root = write_pictures(tmp_path / "set", each=8)
    with pytest.raises(DataError, match=r"validate_on names \['other'\], which is not among the data sets"):
        loaded(root, tmp_path / "run", validate_on=("other",))
