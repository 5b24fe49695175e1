"""The page about data sets: what is planted in tiny data sets must be found, and what is not there must not."""

import argparse
import base64
import html
import json
import os
import re
import shutil
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import patch

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("sklearn", reason="scikit-learn groups like pictures; install the train extra")
pytest.importorskip("jinja2", reason="Jinja2 makes the pages; install the train extra")

from markupsafe import Markup
from matplotlib.figure import Figure

from hardware.pictures.damage import finds_jpeg_damage
from tests.builders.pictures import damaged_in_the_middle
from train.commands import explore as command
from train.errors import DataError, SettingsError
from train.exploring import charts
from train.exploring.contact_sheet import contact_sheet, crop_to_fill, mean_picture, random_positions
from train.exploring.duplicates import NearDuplicatePair, exact_duplicates, near_duplicate_pairs, pairs_across
from train.exploring.file_record import BORDER_WIDTH, border_ring, histogram, jpeg_quality
from train.exploring.shortcuts import Probe, probe
from train.page import INK, figure_svg, picture_uri, render


def blotch(random: np.random.Generator, ground: tuple[int, int, int], size: tuple[int, int] = (60, 48)) -> NDArray[Any]:
    """A picture with a random item in its middle on a ground, RGB uint8 (height, width, 3)."""
    width, height = size
    pixels = np.clip(np.asarray(ground) + random.normal(0, 4, (height, width, 3)), 0, 255).astype(np.uint8)
    coarse = random.integers(0, 256, (6, 6, 3)).astype(np.uint8)
    item = cv2.resize(coarse, (width // 2, height // 2), interpolation=cv2.INTER_NEAREST)
    pixels[height // 4 : height // 4 + height // 2, width // 4 : width // 4 + width // 2] = item
    return pixels


def save(path: Path, pixels: NDArray[Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), pixels[..., ::-1])


def data_set(folder: Path, grounds: dict[str, list[tuple[int, int, int]]], count: int = 12, seed: int = 0) -> Path:
    """Pictures of each label on grounds that take turns."""
    random = np.random.default_rng(seed)
    for label, colours in grounds.items():
        for number in range(count):
            save(folder / label / f"{number:02d}.png", blotch(random, colours[number % len(colours)]))
    return folder


RED, BLUE = (200, 60, 50), (40, 60, 200)
BETRAYED = {"glass": [RED], "metal": [BLUE]}
"""The ground tells the label."""
HONEST = {"glass": [RED, BLUE], "metal": [RED, BLUE]}


def explore(*arguments: object) -> int:
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers())
    options = parser.parse_args(["explore", *map(str, arguments)])
    result: int = options.run(options)
    return result


def explored(tmp_path: Path, *arguments: object, drawn: bool = False) -> tuple[str, dict[str, Any]]:
    """The page, its charts by their titles alone unless they are to be drawn (most of the time), and the figures."""
    page, figures = tmp_path / "page.html", tmp_path / "figures.json"
    with nullcontext() if drawn else patch.object(charts, "figure_svg", lambda figure, title: Markup(title)):
        assert explore("--out", page, "--json", figures, *arguments) == 0
    return page.read_text(), json.loads(figures.read_text())


def verdicts(figures: dict[str, Any], clue: str) -> dict[str, str]:
    return {one["scope"]: one["verdict"] for one in figures["probes"] if one["clue"] == clue}


def test_a_ground_that_tells_the_label_is_found_and_one_that_does_not_is_not(tmp_path: Path) -> None:
    betrayed = data_set(tmp_path / "betrayed", BETRAYED, count=20)
    honest = data_set(tmp_path / "honest", HONEST, count=20, seed=1)
    page, figures = explored(tmp_path, "--data", betrayed, honest)
    border = verdicts(figures, "border")
    assert border["betrayed"] == "bad"
    assert border["honest"] == "good"
    assert "The borders alone predict 100 % of the labels in betrayed (majority: 50 %)" in page
    assert figures["counts"] == {label: {"betrayed": 20, "honest": 20} for label in ("glass", "metal")}


def test_busy_and_plain_things_from_one_camera_are_not_told_apart_as_files(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for number in range(12):
        save(tmp_path / "own" / "can" / f"{number}.jpg", blotch(random, RED))
        save(tmp_path / "own" / "cup" / f"{number}.jpg", np.full((48, 60, 3), random.integers(0, 255, 3), np.uint8))
    page, figures = explored(tmp_path, "--data", tmp_path / "own")
    assert verdicts(figures, "file") == {"own": "good"}
    assert "different sources" not in page
    assert "--weights trashnet6 finds more, without a download" in page


def test_labels_that_live_in_different_data_sets_or_sizes_are_found(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for number in range(12):
        save(tmp_path / "one" / "glass" / f"{number}.png", blotch(random, RED, (60, 48)))
        save(tmp_path / "two" / "metal" / f"{number}.png", blotch(random, RED, (80, 80)))
    page, figures = explored(tmp_path, "--data", tmp_path / "one", tmp_path / "two")
    assert verdicts(figures, "data set") == {"all": "bad"}
    assert verdicts(figures, "file")["all"] == "bad"
    assert "In one data set only: glass, metal" in page


def test_copies_label_errors_and_broken_files_are_named(tmp_path: Path) -> None:
    one = data_set(tmp_path / "one", HONEST)
    two = data_set(tmp_path / "two", HONEST, seed=1)
    shutil.copy(one / "glass" / "00.png", one / "glass" / "again.png")
    shutil.copy(one / "glass" / "01.png", one / "metal" / "wrong.png")
    shutil.copy(one / "metal" / "02.png", two / "metal" / "taken.png")
    (one / "glass" / "broken.jpg").write_bytes(b"no picture")
    save(one / "glass" / "dot.png", np.zeros((4, 4, 3), np.uint8))
    (one / "glass" / "film.mp4").write_bytes(b"film")
    page, figures = explored(tmp_path, "--data", one, two)
    assert {frozenset(row) for row in figures["copies"]} == {
        frozenset({"one/glass/00.png", "one/glass/again.png"}),
        frozenset({"one/glass/01.png", "one/metal/wrong.png"}),
        frozenset({"one/metal/02.png", "two/metal/taken.png"}),
    }
    assert [(one["one"], one["other"]) for one in figures["across_labels"]] == [
        ("one/glass/01.png", "one/metal/wrong.png")
    ]
    assert [(one["one"], one["other"]) for one in figures["across_data_sets"]] == [
        ("one/metal/02.png", "two/metal/taken.png")
    ]
    assert set(figures["unreadable"]) == {"one/glass/broken.jpg", "one/glass/dot.png"}
    assert "4x4 pixels" in figures["unreadable"]["one/glass/dot.png"]
    assert str(tmp_path) not in figures["unreadable"]["one/glass/broken.jpg"]
    assert figures["skipped"] == {".mp4": 1}
    assert "one/glass/broken.jpg" in page
    assert "1 near-duplicate pair with two labels" in page


def test_labels_that_give_nothing_are_told(tmp_path: Path) -> None:
    folder = data_set(tmp_path / "set", HONEST)
    for name in (
        "paper/1.xcf",
        "trash/1.heic",
        "Metal/../loose.jpg",
        "glass/.ipynb_checkpoints/00.png",
        "@eaDir/1.jpg",
    ):
        (folder / name.split("/")[0]).mkdir(exist_ok=True)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    save(folder / "glass" / "jars" / "1.tif", blotch(np.random.default_rng(3), RED))
    shutil.copy(folder / "metal" / "00.png", folder / "Metal" / "other.png")
    os.mkfifo(folder / "glass" / "pipe.jpg")
    page, figures = explored(tmp_path, "--data", folder)
    assert figures["counts"]["glass"] == {"set": 13}
    assert figures["empty"] == {"paper": "not a picture (.xcf): paper/1.xcf"}
    for text in (
        "No picture of paper: not a picture (.xcf): paper/1.xcf.",
        "None of 1 picture of trash can be read: the file is empty.",
        "to join them: --map Metal=metal",
        "folder of another program: @eaDir",
        "hidden: glass/.ipynb_checkpoints",
        "not a file but a pipe, a socket or a device: glass/pipe.jpg",
        "picture outside the folders of the labels: loose.jpg",
        "Label glass: pictures in folders further down count as well (1 in jars)",
    ):
        assert text in html.unescape(page), text


@pytest.mark.skipif(not finds_jpeg_damage(), reason="simplejpeg is not installed")
def test_damaged_jpegs_are_named_unless_they_are_to_be_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = data_set(tmp_path / "set", HONEST)
    save(folder / "glass" / "hole.jpg", np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8))
    content = (folder / "glass" / "hole.jpg").read_bytes()
    (folder / "glass" / "hole.jpg").write_bytes(damaged_in_the_middle(content))
    _, figures = explored(tmp_path, "--data", folder)
    assert list(figures["unreadable"]) == ["glass/hole.jpg"]
    assert "the JPEG is damaged" in figures["unreadable"]["glass/hole.jpg"]
    assert "glass/hole.jpg: the JPEG is damaged" in " ".join(capsys.readouterr().out.split())
    assert explored(tmp_path, "--data", folder, "--keep-damaged")[1]["unreadable"] == {}


def test_near_duplicates_across_the_parts_of_a_split_are_leaks(tmp_path: Path) -> None:
    folder = data_set(tmp_path / "set", HONEST)
    twin = cv2.imread(str(folder / "glass" / "00.png"))
    assert cv2.imwrite(str(folder / "glass" / "twin.jpg"), twin, [cv2.IMWRITE_JPEG_QUALITY, 92])
    keys = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))
    test = ["glass/twin.jpg", "metal/00.png"]
    parts = {"train": [key for key in keys if key not in test], "val": [], "test": test}
    split = tmp_path / "split.json"
    split.write_text(json.dumps({"seed": 1, "parts": parts, "groups": {}}))
    page, figures = explored(tmp_path, "--data", folder, "--split", split)
    assert [(one["one"], one["other"]) for one in figures["across_parts"]] == [("glass/00.png", "glass/twin.jpg")]
    assert figures["groups_across_parts"] == [["glass/00.png", "glass/twin.jpg"]]
    assert figures["copies"] == []
    assert "1 near-duplicate pair across training and test" in page
    assert "1 group of similar pictures in more than one part" in page
    split.write_text(json.dumps({"seed": 1, "parts": {"train": ["other/1.png"], "val": [], "test": []}, "groups": {}}))
    with pytest.raises(DataError, match=r"split: none of its pictures is in the data, such as 'other/1.png'"):
        explored(tmp_path, "--data", folder, "--split", split)


def test_data_sets_that_come_split_are_told(tmp_path: Path) -> None:
    data_set(tmp_path / "set" / "train", HONEST)
    data_set(tmp_path / "set" / "test", HONEST, count=5, seed=1)
    page, figures = explored(tmp_path, "--data", tmp_path / "set")
    assert figures["parts"] == {"train": 24, "test": 10}
    assert "Parts of the split" in page


def test_the_page_is_whole_escaped_and_the_same_for_a_seed(tmp_path: Path) -> None:
    folder = data_set(tmp_path / "set", {"<b>glass": HONEST["glass"], "metal": HONEST["metal"]})
    first, _ = explored(tmp_path, "--data", folder, "--seed", 3, drawn=True)
    second, _ = explored(tmp_path, "--data", folder, "--seed", 3, drawn=True)
    assert first == second
    assert "<b>glass" not in first
    assert "&lt;b&gt;glass" in first
    assert "<script" not in first
    assert not re.findall(r"(?:src|href)=\"(?!data:|#)[^\"]*", first.replace("xlink:href", ""))
    assert first.rstrip().endswith("</html>")
    assert not list(tmp_path.glob("*.tmp")) + list(tmp_path.glob(".*.tmp"))


def test_map_and_labels_are_passed_on(tmp_path: Path) -> None:
    folder = data_set(tmp_path / "set", {**HONEST, "tin": [RED]})
    _, figures = explored(tmp_path, "--data", folder, "--map", "tin=metal", "--labels", "metal")
    assert figures["counts"] == {"metal": {"set": 24}}
    assert figures["probes"] == []  # one label: nothing to tell apart


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (["--out", "page.txt"], SettingsError, r"--out page.txt: expected a file ending in .html"),
        (["--out", "page.html", "--map", "tin"], SettingsError, r"--map takes OLD=NEW, got 'tin'"),
        (["--out", "page.html", "--labels", "stone"], DataError, r"no pictures for labels \['stone'\]"),
    ],
)
def test_what_cannot_be_done_is_said(
    tmp_path: Path, arguments: list[str], error: type[Exception], message: str
) -> None:
    folder = data_set(tmp_path / "set", HONEST, count=2)
    with pytest.raises(error, match=message):
        explore("--data", folder, *arguments)


def test_nothing_readable_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "set" / "glass").mkdir(parents=True)
    (tmp_path / "set" / "glass" / "a.jpg").write_bytes(b"")
    with pytest.raises(DataError, match=r"none of 1 pictures can be read, such as glass/a.jpg: the file is empty"):
        explored(tmp_path, "--data", tmp_path / "set")
    assert not (tmp_path / "page.html").exists()


@pytest.mark.parametrize("quality", [20, 50, 75, 95])
def test_jpeg_quality_is_read_from_the_file(quality: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3)).astype(np.uint8)
    content = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
    assert jpeg_quality(content) == pytest.approx(quality, abs=1)
    assert jpeg_quality(content[:20]) is None
    assert jpeg_quality(cv2.imencode(".png", pixels)[1].tobytes()) is None


def test_the_border_is_a_ring_and_its_colours_are_its_own() -> None:
    ring = border_ring(48, 96)
    thick = round(BORDER_WIDTH * 48)
    assert ring[0].all()
    assert ring[:, -1].all()
    assert not ring[thick:-thick, thick:-thick].any()
    pixels = np.zeros((48, 96, 3), np.uint8)
    changed = pixels.copy()
    changed[thick:-thick, thick:-thick] = 255
    np.testing.assert_array_equal(histogram(pixels, ring), histogram(changed, ring))
    assert not np.array_equal(histogram(pixels, None), histogram(changed, None))


def test_like_pictures_are_never_on_both_sides_of_a_fold() -> None:
    # Rows say nothing but which group they are of: with groups kept together that cannot help.
    random = np.random.default_rng(0)
    groups = np.repeat(np.arange(40), 5).astype(np.int64)
    labels = np.asarray(["glass", "metal"])[random.permutation(np.arange(40) % 2)][groups]
    rows = random.normal(size=(40, 8))[groups].astype(np.float32)
    together = probe("border", "set", rows, labels, groups, 1)
    apart = probe("border", "set", rows, labels, np.arange(200, dtype=np.int64), 1)
    assert together is not None
    assert apart is not None
    assert apart.nearest == 1.0
    assert together.best < 0.75


def test_gain_is_measured_from_guessing() -> None:
    assert Probe("border", "set", 10, 0.5, 0.75, 0.6, 0.1).gain == pytest.approx(0.5)
    assert Probe("border", "set", 10, 0.5, 0.3, 0.2, 0.1).gain == 0.0


def test_close_pairs_are_those_of_a_plain_comparison() -> None:
    rows = np.random.default_rng(0).normal(size=(60, 5)).astype(np.float32)
    distances = np.linalg.norm(rows[:, None] - rows[None], axis=2)
    wanted = {(one, other) for one, other in zip(*np.nonzero(distances < 1.5), strict=True) if one < other}
    found = near_duplicate_pairs(rows, 1.5, chunk=16)
    assert wanted
    assert {(pair.one, pair.other) for pair in found} == wanted
    assert [pair.distance for pair in found] == sorted(pair.distance for pair in found)


def test_crossing_and_copies() -> None:
    pairs = [NearDuplicatePair(0.1, 0, 1), NearDuplicatePair(0.2, 1, 2), NearDuplicatePair(0.3, 2, 3)]
    assert pairs_across(pairs, ["train", "train", "test", ""]) == [pairs[1]]
    assert exact_duplicates(["a", "b", "a", "c", "b", "a"]) == [[0, 2, 5], [1, 4]]


def test_sheets_hold_every_picture_and_means_are_means() -> None:
    dark, light = np.zeros((40, 40, 3), np.uint8), np.full((20, 20, 3), 200, np.uint8)
    sheet = contact_sheet([dark, light, light], columns=2, height=30)
    assert sheet.shape == (64, 64, 3)
    assert (sheet[:30, :30] == 0).all()
    assert (sheet[:30, 34:] == 200).all()
    assert (sheet[34:, :30] == 200).all()
    assert (mean_picture([dark, light], 8) == 100).all()
    assert crop_to_fill(np.zeros((10, 90, 3), np.uint8), 30, 20).shape == (20, 30, 3)
    drawn = random_positions(100, 10, np.random.default_rng(1))
    assert len(set(drawn.tolist())) == 10
    assert len(random_positions(3, 10, np.random.default_rng(1))) == 3


def test_figures_follow_the_pages_colours_and_keep_their_own() -> None:
    figure = Figure(figsize=(4, 2), layout="constrained")
    axes = figure.subplots()
    axes.bar(["<a>"], [1], color="#3b82c4", label="bars")
    axes.text(0, 0.5, "inside", color="#fefefe")
    axes.legend()
    svg = figure_svg(figure, 'a "title"')
    assert svg.startswith("<svg ")
    assert INK not in svg
    assert "currentColor" in svg
    assert "#fefefe" in svg
    assert "#3b82c4" in svg
    assert "&lt;a&gt;" in svg
    assert 'aria-label="a &#34;title&#34;"' in svg
    assert svg == figure_svg(figure, 'a "title"')


def test_pictures_go_into_the_page_in_their_colours() -> None:
    uri = picture_uri(np.full((16, 16, 3), (200, 40, 30), np.uint8), quality=95)
    content = np.frombuffer(base64.b64decode(uri.removeprefix("data:image/jpeg;base64,")), np.uint8)
    red, green, blue = cv2.imdecode(content, cv2.IMREAD_COLOR)[8, 8, ::-1].tolist()
    assert red > 180
    assert green < 60
    assert blue < 60


def test_a_value_that_a_page_needs_must_be_given() -> None:
    with pytest.raises(Exception, match="findings"):
        render("explore.html.j2")
