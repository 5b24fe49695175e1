"""Looks as a running bin hands them over."""

import base64
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.errors import PictureError
from edge.teaching.pictures.tray_look import TrayLook


def written(path: Path, cover: np.ndarray, **changes: object) -> Path:
    picture = np.zeros((100, 200, 3), np.uint8)
    picture[:, 100:] = (0, 0, 250)  # red, to the right
    header = {
        "region": [0.5, 0.0, 1.0, 1.0],
        "mask": base64.b64encode(cv2.imencode(".png", cover)[1].tobytes()).decode(),
    }
    jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 100])[1].tobytes()
    path.write_bytes(json.dumps({**header, **changes}).encode() + b"\n" + jpeg)
    return path


@pytest.fixture
def cover() -> np.ndarray:
    found = np.zeros((40, 40), np.uint8)
    found[10:30, 0:20] = 255
    return found


def test_a_look_is_the_tray_and_the_items_mask(tmp_path: Path, cover: np.ndarray) -> None:
    look = TrayLook.read(written(tmp_path / "look", cover))
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
        TrayLook.read(written(tmp_path / "look", cover, **changes))


def test_an_empty_mask_a_missing_file_and_cut_bytes_are_refused(tmp_path: Path, cover: np.ndarray) -> None:
    whole = written(tmp_path / "whole", cover).read_bytes()
    (tmp_path / "cut").write_bytes(whole[:100])
    for path in (written(tmp_path / "empty", np.zeros_like(cover)), tmp_path / "none", tmp_path / "cut"):
        with pytest.raises(PictureError):
            TrayLook.read(path)
