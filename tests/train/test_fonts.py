"""Plots show labels of other scripts where the machine has a font for them, and say so where it has none."""

import logging
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("matplotlib", reason="matplotlib draws the plots; install the train extra")

from matplotlib import font_manager
from matplotlib.figure import Figure

from train.fonts import drawable, fonts_for
from train.measuring.metrics import ClassificationScore
from train.measuring.plots import save_confusion
from train.page import figure_svg

UNSHOWN = "\U000e0101"
"""A letter that no font has."""


def score(*labels: str) -> ClassificationScore:
    targets = np.arange(len(labels))
    return ClassificationScore.of(targets, targets, labels)


@pytest.mark.parametrize("label", ["[metal]", "a$b$c", "$", "пластик", "γυαλί", "_hidden", UNSHOWN, "紙"])
def test_a_confusion_matrix_is_drawn_with_any_label(tmp_path: Path, label: str) -> None:
    save_confusion(tmp_path / "x.png", score("glass", label), f"model, {label}")
    assert cv2.imread(str(tmp_path / "x.png")) is not None


def test_a_label_that_no_font_shows_is_a_number_and_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="train"):
        assert drawable(["glass", UNSHOWN, "пластик"], "x.png") == ["glass", "#2", "пластик"]
    assert caplog.messages == [f"x.png: no font of this machine shows {UNSHOWN}, #2 stands in its place"]


def test_a_font_of_the_machine_is_used_where_it_has_the_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    import matplotlib as mpl

    from train import fonts

    mine = font_manager.FontEntry(fname="/fonts/han.ttf", name="Han Sans")
    monkeypatch.setattr(font_manager.fontManager, "ttflist", [mine])
    has = fonts._letters
    monkeypatch.setattr(fonts, "_letters", lambda file: {ord("紙")} if file == mine.fname else has(file))
    fonts._families.cache_clear()
    try:
        assert drawable(["紙"], "x.png") == ["紙"]
        with fonts_for(["紙"]):
            assert mpl.rcParams["font.family"] == [fonts.DEFAULT, "Han Sans"]
    finally:
        fonts._families.cache_clear()


def test_a_page_keeps_every_letter_for_the_browser() -> None:
    figure = Figure(figsize=(4, 2), layout="constrained")
    figure.subplots().barh(["紙", "a$b$c"], [1, 2])
    svg = figure_svg(figure, "紙")
    assert "紙</text>" in svg
    assert "a$b$c</text>" in svg
