"""Looks as a running bin hands them over."""

from pathlib import Path

import numpy as np
import pytest

from edge.errors import PictureError
from edge.teaching.pictures.item_look import ItemLook
from tests.builders.pictures import write_look


def written(path: Path, cover: np.ndarray, **changes: object) -> Path:
    picture = np.zeros((100, 200, 3), np.uint8)
    picture[:, 100:] = (250, 0, 0)  # red, to the right
    return write_look(path, picture, cover, **{"region": [0.5, 0.0, 1.0, 1.0], **changes})


@pytest.fixture
def cover() -> np.ndarray:
    found = np.zeros((40, 40), np.uint8)
    found[10:30, 0:20] = 255
    return found


def test_a_look_is_the_tray_and_the_items_mask(tmp_path: Path, cover: np.ndarray) -> None:
    look = ItemLook.read(written(tmp_path / "look", cover))
    assert look.pixels.shape == (100, 100, 3)
    assert look.pixels[50, 50, 0] > 200
    assert look.mask.box == (0.0, 0.25, 0.5, 0.75)
    assert look.mask.area == 0.25
    assert look.mask.edges == 1


@pytest.mark.parametrize(
    "changes", [{"mask": "?"}, {"mask": ""}, {"region": None}, {"region": ["a", 0, 1, 1]}, {"mask": 7}]
)
def test_what_is_no_look_is_refused(tmp_path: Path, cover: np.ndarray, changes: dict[str, object]) -> None:
    with pytest.raises(PictureError, match="look"):
        ItemLook.read(written(tmp_path / "look", cover, **changes))


def test_an_empty_mask_a_missing_file_and_cut_bytes_are_refused(tmp_path: Path, cover: np.ndarray) -> None:
    whole = written(tmp_path / "whole", cover).read_bytes()
    (tmp_path / "cut").write_bytes(whole[:100])
    for path in (written(tmp_path / "empty", np.zeros_like(cover)), tmp_path / "none", tmp_path / "cut"):
        with pytest.raises(PictureError):
            ItemLook.read(path)
