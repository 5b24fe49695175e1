"""The child that measures the light for the page, from looks at a white sheet or at the empty tray."""

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.calibrate import light_child
from tests.builders.pictures import tray_picture, write_look

LOOKS = 8

Sheet = Callable[[int], np.ndarray]
"""Number of a picture -> what the camera sees, RGB."""


def even(_: int) -> np.ndarray:
    return tray_picture(320, 240, grey=170)


def dim_on_one_side(_: int) -> np.ndarray:
    dimmed: np.ndarray = (tray_picture(320, 240, grey=170) * np.linspace(1, 0.4, 320)[None, :, None]).astype(np.uint8)
    return dimmed


def flickering(number: int) -> np.ndarray:
    return tray_picture(320, 240, grey=170 + 15 * (number % 2))


@pytest.mark.parametrize(("sheet", "complaint"), [(even, None), (dim_on_one_side, "uneven"), (flickering, "flicker")])
def test_the_child_measures_what_a_sheet_shows(
    sheet: Sheet, complaint: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cover = np.full((8, 8), 255, np.uint8)
    looks = [write_look(tmp_path / f"look-{number}", sheet(number), cover) for number in range(LOOKS)]
    assert light_child.main([str(one) for one in looks]) == 0
    complaints = json.loads(capsys.readouterr().out)["complaints"]
    assert [one.partition(":")[0] for one in complaints] == ([] if complaint is None else [complaint])


def test_the_child_refuses_what_is_no_look(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "look"
    path.write_bytes(cv2.imencode(".jpg", even(0))[1].tobytes())
    assert light_child.main([str(path)]) == 65
    assert "expected a look" in capsys.readouterr().err
