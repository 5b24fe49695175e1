"""Films: a file that browsers play, whole or not at all, with what happened drawn in."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edge.cli import main
from edge.commands import simulate
from edge.config.schema import Config
from edge.errors import PictureError
from edge.simulation.drawing import BACK, GOOD, draw_box, without_noise
from edge.simulation.film_file import CODECS, FilmFile
from edge.simulation.result import ScenarioResult
from edge.simulation.scenario import Scenario
from hardware.frame import Pixels
from tests.builders.configuration import write_config

SIZE = (64, 48)


def picture(level: int) -> Pixels:
    return np.full((SIZE[1], SIZE[0], 3), (level, 255 - level, 60), np.uint8)


def written(path: Path, *levels: int) -> FilmFile:
    film = FilmFile(path, fps=15, size=SIZE)
    for level in levels:
        film.write(picture(level))
    return film


def frames_of(path: Path) -> Iterator[Pixels]:
    read = cv2.VideoCapture(str(path))
    while (frame := read.read()[1]) is not None:
        yield cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)


def test_a_webm_holds_vp8_and_the_colours_that_were_written(tmp_path: Path) -> None:
    path = tmp_path / "a film.webm"
    written(path, 200, 20, 120).finish()
    assert path.read_bytes()[:4] == b"\x1a\x45\xdf\xa3", "EBML"
    assert b"V_VP8" in path.read_bytes()[:1000]
    levels = [frame.mean(axis=(0, 1)) for frame in frames_of(path)]
    assert np.abs(levels - np.array([[200, 55, 60], [20, 235, 60], [120, 135, 60]])).max() < 12


def test_an_mp4_is_h264_or_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    said = ""
    try:
        written(path, 200).finish()
    except PictureError as error:
        said = str(error)
    if path.exists():
        assert b"avc1" in path.read_bytes()
    else:
        assert "finds no encoder for avc1 here; name it film.webm" in said
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("end", ["discard", "finish"])
def test_the_film_before_stays_until_the_new_one_is_whole(tmp_path: Path, end: str) -> None:
    path = tmp_path / "film.webm"
    path.write_bytes(b"the one before")
    film = written(path, 10, 20)
    assert path.read_bytes() == b"the one before"
    getattr(film, end)()
    assert (path.read_bytes() == b"the one before") == (end == "discard")
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("film.avi", "ends with .webm or .mp4"),
        ("film", "ends with .webm or .mp4"),
        ("no/film.webm", "cannot be written: No such file or directory"),
        ("folder.webm", "is a folder"),
    ],
)
def test_a_film_that_cannot_be_is_refused_before_anything_is_filmed(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "folder.webm").mkdir()
    with pytest.raises(PictureError, match=message):
        FilmFile(tmp_path / name, fps=15, size=SIZE)
    assert list(tmp_path.iterdir()) == [tmp_path / "folder.webm"]


def test_every_ending_is_documented() -> None:
    from edge.cli import build_parser

    text = " ".join(build_parser().parse_args(["simulate", "short"]).parser.format_help().split())
    assert all(ending in text for ending in CODECS)


def test_a_run_that_is_ended_early_leaves_no_film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = tmp_path / "one.yaml"
    scenario.write_text("shows: One item.\nitems: [{label: glass, gap_s: 3}]\n")
    config = write_config(tmp_path / "config.yaml")

    def interrupted(scenario: Scenario, config: Config, *, stop: threading.Event, **others: Any) -> ScenarioResult:
        stop.set()
        return run(scenario, config, stop=stop, **others)

    discarded: list[Path] = []
    discard = FilmFile.discard
    monkeypatch.setattr(FilmFile, "discard", lambda film: (discarded.append(film._part), discard(film)))
    run = simulate.run_scenario
    monkeypatch.setattr(simulate, "run_scenario", interrupted)
    film = tmp_path / "film.webm"
    assert main(["simulate", "--config", str(config), str(scenario), "--video", str(film)]) == 130
    assert discarded == [tmp_path / ".film.part.webm"]
    assert not [path for path in tmp_path.iterdir() if "film" in path.name]


# --- what is drawn ----------------------------------------------------------------------------------------------------


def test_noise_is_held_and_an_item_is_not() -> None:
    rng = np.random.default_rng(1)
    tray = np.full((60, 80, 3), 120.0)
    first, second = (np.clip(tray + rng.normal(0, 2, tray.shape), 0, 255).astype(np.uint8) for _ in range(2))
    assert (without_noise(second, first) == first).mean() > 0.99
    second[20:40, 20:40] = 135
    held = without_noise(second, first)
    assert (held[20:40, 20:40] == 135).all()
    assert (without_noise(second, None) == second).all()
    assert without_noise(second, first[:30]) is second


def test_the_words_of_a_box_stay_inside_the_picture() -> None:
    for box in ((0, 0, 40, 40), (280, 200, 320, 240), (100, 100, 160, 140)):
        frame = np.full((240, 320, 3), 90, np.uint8)
        draw_box(frame, box, ["glass 0.98 -> glass", "truth: glass"], GOOD, boxed=True)
        ground = (frame == BACK).all(axis=2)
        assert ground.sum() > 3000, "less where it is cut off"
        assert (frame[box[1] : box[3], box[0]] == GOOD).all() or box[1] == 0
