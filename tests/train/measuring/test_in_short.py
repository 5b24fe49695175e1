"""The three sentences of an evaluation, and the bins that they speak of."""

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray
from rich.console import Console

pytest.importorskip("keras", reason="training needs Keras and a back end; install the train extra")

from edge.errors import ConfigError
from edge.sight.view import ViewSpec
from hardware.frame import Pixels
from tests.builders.configuration import BINS
from tests.builders.models import make_manifest
from tests.builders.values import LABELS
from tests.paths import ROOT
from train.commands.options import label_bins
from train.measuring.evaluation_report import print_evaluation
from train.measuring.evaluation_result import EvaluationResult
from train.measuring.in_short import in_short
from train.measuring.predictions import PredictionSet
from train.measuring.predictor import Predictor
from train.measuring.samples import EvaluationSample
from train.measuring.share_text import share_cell
from train.measuring.view_choice import InputView


def no_logits(views: NDArray[np.uint8]) -> NDArray[np.float32]:
    raise AssertionError("nothing is predicted here")


def no_pixels() -> Pixels:
    raise AssertionError("no picture is read here")


def predictor(labels: tuple[str, ...] = LABELS) -> Predictor:
    return Predictor("made up", labels, InputView("full", ViewSpec()), no_logits)


def result_of(answers: list[int], bins: Mapping[str, str] = BINS) -> EvaluationResult:
    """Pictures of glass, and the answers to them as indices of labels."""
    glass = LABELS.index("glass")
    logits = np.zeros((len(answers), 4, len(LABELS)), np.float32)
    logits[np.arange(len(answers)), :, answers] = 9
    samples = [EvaluationSample(f"{number}.jpg", "glass", no_pixels) for number in range(len(answers))]
    targets = np.full(len(answers), glass, np.int64)
    return EvaluationResult("set", PredictionSet(predictor(), samples, {}, targets, logits), None, bins)


@pytest.mark.parametrize("count", [1, 2, 12, 200])
def test_three_sentences_hold_for_any_number_of_pictures(count: int) -> None:
    glass, metal = LABELS.index("glass"), LABELS.index("metal")
    right = in_short(result_of([glass] * count))
    assert len(right) == 3
    noun = "picture" if count == 1 else "pictures"
    assert right[0].startswith(f"Of {count} {noun} (set), the bin's vote names {count} rightly: ")
    assert ("100.0 %" in right[0]) == (count == 200), "a single figure only where it is known to ten points"
    assert right[1].startswith(f"In the bin {count} of the {count} that belong in a recycling bin would get there (")
    assert "0 would land in the residual bin instead; 0 would land in a wrong bin: " in right[1]
    assert "No label is mistaken" in right[2]
    wrong = in_short(result_of([metal] * count))
    assert "names 0 rightly" in wrong[0]
    assert f"{count} would land in a wrong bin" in wrong[1]
    assert wrong[2].endswith("the others are taken mostly for metal.")
    assert "Where they would land is not known" in in_short(result_of([glass], {}))[1]


def test_residual_waste_in_the_residual_bin_is_no_merit() -> None:
    glass, trash = LABELS.index("glass"), LABELS.index("trash")
    unsure = in_short(result_of([trash] * 8))[1]
    assert unsure.startswith(
        "In the bin 0 of the 8 that belong in a recycling bin would get there (0 to 37 % of all such), 8"
    )
    assert unsure.endswith("a run has no thresholds, sorter-convert will choose them.")
    waste = in_short(result_of([glass] * 8, {"glass": "residual", "paper": "paper"}))[1]
    assert waste.startswith(
        "In the bin none belongs in a recycling bin; of 8 that belong in the residual bin, 8 would land"
    )


@pytest.mark.parametrize(("count", "cell"), [(0, "–"), (9, "9/9"), (200, "100.0")])
def test_few_pictures_are_counted_in_tables_too(count: int, cell: str) -> None:
    assert share_cell(count, count) == cell


def test_no_table_has_a_single_share_of_few_pictures() -> None:
    glass, metal = LABELS.index("glass"), LABELS.index("metal")
    for answers in ([glass] * 8 + [metal], [glass] * 180 + [metal] * 20):
        result, console = result_of(answers), Console(record=True, width=200, file=io.StringIO())
        print_evaluation(result.predictions.predictor, [result], [], console)
        rows = [line for line in console.export_text().splitlines() if line.startswith("│")]
        assert any("." in line for line in rows) == (len(answers) > 100)
        assert any("8/9" in line for line in rows) == (len(answers) < 100)


def test_bins_are_those_of_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    run = predictor(("Glass", "can"))
    bundle = Predictor("made up", LABELS, run.view, no_logits, make_manifest(bins=BINS))
    assert label_bins([], None, run) == {"Glass": "glass"}
    assert "labels without a bin in the default configuration: can;" in caplog.text
    assert label_bins(["can=packaging"], None, run) == {"Glass": "glass", "can": "packaging"}
    config = yaml.safe_load((ROOT / "config.yaml").read_text())
    config["decision"]["labels"] = {"glass": "rest", "can": "paper"}
    config["decision"]["residual_bin"] = "rest"
    config["bins"]["rest"] = config["bins"].pop("residual")
    own = tmp_path / "own.yaml"
    own.write_text(yaml.safe_dump(config))
    # The bin for uncertain items has one name here, whatever it is called there.
    expected = {"Glass": "residual", "can": "paper"}
    assert label_bins([], own, run) == expected
    assert label_bins([], own, bundle) == {"glass": "residual"}
    assert label_bins([], None, bundle) == BINS
    own.rename("config.yaml")
    assert label_bins([], None, run) == expected
    Path("config.yaml").write_text("camera: 1")
    with pytest.raises(ConfigError, match=r"config\.yaml"):
        label_bins([], None, run)
