"""Evaluation with models whose answers are known beforehand: they go by colour alone."""

import argparse
import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

pytest.importorskip("keras", reason="training needs Keras and a back end; install the train extra")

import keras
from markupsafe import Markup

from edge.decision.vote import DEFAULT_VIEWS
from edge.errors import PictureError
from edge.inference.manifest import InputSpec, Manifest, OutputSpec
from edge.inference.quantization import Quantization
from edge.sight.mask import find_mask
from edge.sight.view import ViewSpec
from tests.builders.configuration import BINS
from tests.builders.pictures import save
from tests.builders.values import LABELS
from tests.paths import MODEL
from train.commands import evaluate as command
from train.errors import DataError, RunError, SettingsError, TrainError
from train.measuring import evaluation_report
from train.measuring.bin_confusion import BinConfusion, apply_policy
from train.measuring.evaluation_metrics import EvaluationMetrics, mistakes, ood_aurocs
from train.measuring.evaluation_result import EvaluationResult, QuantizationComparison
from train.measuring.predictions import predict_samples
from train.measuring.predictor import Predictor
from train.measuring.saliency import occlusion, overlay
from train.measuring.samples import EvaluationSample
from train.measuring.view_choice import InputView
from train.runs.run_folder import RunFolder
from train.runs.settings import Settings

# Keras 3.15 hands its variables to numpy in a way that numpy 2 deprecates; nothing of ours to mend.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

RED, GREEN, BLUE = (200, 40, 40), (40, 200, 40), (40, 40, 200)
VIEW = InputView("full", ViewSpec(size=32, toning=0.0))
COLOURS = ("red", "green", "blue")


def plain(colour: tuple[int, int, int]) -> NDArray[np.uint8]:
    return np.full((40, 40, 3), colour, np.uint8)


def by_colour(views: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The logit of a colour is its mean, 0..25.5."""
    return (views.mean(axis=(1, 2)) / 10).astype(np.float32)


def subject(**more: Any) -> Predictor:
    return Predictor("by colour", COLOURS, VIEW, by_colour, **more)


def shot(label: str, colour: tuple[int, int, int] | None) -> EvaluationSample:
    def read() -> NDArray[np.uint8]:
        if colour is None:
            raise PictureError("the file is empty")
        return plain(colour)

    return EvaluationSample(f"{label}.png", label, read)


def manifest(**more: Any) -> Manifest:
    quantization = Quantization(scale=0.01, zero_point=0)
    return Manifest(
        name="by-colour",
        created="2026-01-01T00:00:00+00:00",
        labels=COLOURS,
        input=InputSpec(quantization=quantization),
        output=OutputSpec(quantization=quantization),
        view=VIEW.spec,
        sha256="0" * 64,
        **more,
    )


def test_answers_are_scored_by_label_and_strangers_apart() -> None:
    shots = [shot("red", RED), shot("green", GREEN), shot("green", BLUE), shot("wood", GREEN), shot("red", None)]
    answers = predict_samples(subject(), shots)
    assert answers.logits.shape == (4, DEFAULT_VIEWS, 3)
    assert answers.targets.tolist() == [0, 1, 1, -1]
    assert [one.name for one in answers.unreadable] == ["red.png"]
    for way in ("plain", "vote"):
        figures = EvaluationMetrics.of(answers, way)
        assert figures.score.confusion.tolist() == [[1, 0, 0], [0, 1, 1], [0, 0, 0]]
        assert figures.risk.risk_at(1.0) == pytest.approx(1 / 3)
    assert list(mistakes(answers)) == [2]
    result = EvaluationResult("made-up", answers, None, {})
    assert result.unknown_labels == ["wood"]
    assert result.exclusion_note == (
        "left out: 1 pictures of labels that the model does not know: wood; 1 could not be read, such as red.png: the file "
        "is empty"
    )
    assert result.bin_confusion("vote") is None
    told = result.as_dict()
    assert (told["pictures"], told["accuracy"], told["vote"]["accuracy"]) == (3, 0.6667, 0.6667)
    assert told["unknown"]["labels"] == ["wood"]
    assert told["mistakes"] == [{"picture": "green.png", "label": "green", "answer": "blue", "confidence": 1.0}]
    with pytest.raises(DataError, match="no readable picture"):
        predict_samples(subject(), [shot("wood", RED)])


def test_the_first_look_is_the_plain_view() -> None:
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (64, 64, 3), np.uint8)
    seen = VIEW.looks(pixels, find_mask(pixels))
    assert seen.shape == (DEFAULT_VIEWS, 32, 32, 3)
    assert np.array_equal(seen[0], VIEW.looks(pixels, find_mask(pixels), 1)[0])
    assert not np.array_equal(seen[0], seen[1])


def test_dull_pictures_are_told_from_clear_ones() -> None:
    clear, dull = [shot("red", RED), shot("green", GREEN)], [shot("wood", (90, 90, 90))]
    assert set(ood_aurocs(predict_samples(subject(), clear + dull)).values()) == {1.0}
    assert ood_aurocs(predict_samples(subject(), clear)) == {}


def test_temperature_and_thresholds_of_the_manifest_count() -> None:
    bins = {"red": "one", "green": "two", "blue": "two"}
    shots = [shot("red", RED), shot("green", BLUE), shot("blue", (90, 60, 100)), shot("red", (90, 60, 100))]
    answers = predict_samples(subject(manifest=manifest(bins=bins, temperature=1.0)), shots)
    sorting = apply_policy(answers, "vote", bins)
    assert sorting.bins == ("one", "two", "residual")
    assert sorting.counts.tolist() == [[1, 1, 0], [0, 2, 0], [0, 0, 0]]  # green and blue share a bin
    dull = predict_samples(subject(manifest=manifest(bins=bins, temperature=9.0)), shots)
    assert apply_policy(dull, "vote", bins).counts.tolist() == [
        [1, 0, 1],
        [0, 1, 1],
        [0, 0, 0],
    ]  # two thirds are not reached
    assert EvaluationMetrics.of(dull, "vote").raw.error != EvaluationMetrics.of(dull, "vote").calibrated.error
    unsure = predict_samples(subject(manifest=manifest(bins=bins, min_confidence=1.0)), shots)
    assert apply_policy(unsure, "vote", bins).lost > 0
    strict = manifest(bins=bins, unknown={"score": "max_logit", "least": 15.0})
    assert apply_policy(predict_samples(subject(manifest=strict), shots), "vote", bins).counts[:, 2].tolist() == [
        1,
        1,
        0,
    ]
    strangers = apply_policy(
        predict_samples(subject(manifest=manifest(bins=bins)), [*shots, shot("wood", RED)]), "vote", bins, known=False
    )
    assert strangers.counts.tolist() == [[0, 0], [1, 0]]  # it belongs in the residual bin and went into "one"


@given(st.lists(st.tuples(st.sampled_from("abr"), st.sampled_from("abr")), min_size=1, max_size=40))
def test_every_item_is_right_lost_or_wrong(items: list[tuple[str, str]]) -> None:
    belongs, went = zip(*items, strict=True)
    sorting = BinConfusion.of(belongs, went, "r")
    assert sorting.counts.sum() == len(items)
    assert sorting.bins[-1] == "r"
    assert sorting.right == pytest.approx(np.mean([here == there for here, there in items]))
    assert sorting.lost == pytest.approx(np.mean([here != "r" and there == "r" for here, there in items]))
    assert sorting.wrong == pytest.approx(np.mean([there not in ("r", here) for here, there in items]))
    for row, name in enumerate(sorting.bins):
        inside = [here for here, there in items if there == name]
        assert sorting.contamination[row] == pytest.approx(np.mean([here != name for here in inside]) if inside else 0)


def test_flips_are_named_and_agreement_counts_them() -> None:
    shots = [shot("red", RED), shot("green", GREEN), shot("blue", BLUE), shot("wood", RED)]
    one = predict_samples(subject(), shots)
    other = predict_samples(
        Predictor("swapped", COLOURS, VIEW, lambda views: by_colour(views)[:, [1, 0, 2]]), one.samples
    )
    comparison = QuantizationComparison.of(one, other, "vote")
    assert comparison.flips == [0, 1]  # the stranger has no say
    assert (comparison.float32.accuracy, comparison.int8.accuracy) == (1.0, pytest.approx(1 / 3))
    assert comparison.agreement == pytest.approx(1 / 3)
    flips = EvaluationResult("made-up", one, (one, other), {}).as_dict()["vote"]["float32_int8"]["flips"]
    assert [(flip["label"], flip["answer"], flip["int8"]) for flip in flips] == [
        ("red", "red", "green"),
        ("green", "green", "red"),
    ]
    stranger = predict_samples(Predictor("other labels", ("a", "green", "blue"), VIEW, by_colour), one.samples)
    with pytest.raises(DataError, match="same labels"):
        QuantizationComparison.of(one, stranger, "vote")


def test_saliency_finds_what_the_answer_rests_on() -> None:
    view = np.full((32, 32, 3), 128, np.uint8)
    view[4:8, 20:28] = RED
    drops = occlusion(by_colour, view, 0)
    assert drops.shape == (8, 8)
    assert np.unravel_index(drops.argmax(), drops.shape) in {(1, 5), (1, 6)}
    assert drops[4:].max() == pytest.approx(0, abs=1e-5)
    # Hiding red speaks for green: nothing is warm then, and nothing is divided by zero.
    shown = overlay(np.full((32, 32, 3), 90, np.uint8), occlusion(by_colour, view, 1))
    assert shown.shape == view.shape
    assert shown.dtype == np.uint8
    assert (shown[..., 0] == shown[..., 2]).all()


# --- the command ------------------------------------------------------------------------------------------------------


def told(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    """What ``evaluate --json`` prints."""
    assert run_command(*arguments, "--json") == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def run_command(*arguments: object) -> int:
    top = argparse.ArgumentParser()
    command.add_parser(top.add_subparsers(required=True))
    options = top.parse_args(["evaluate", *map(str, arguments)])
    code: int = options.run(options)
    return code


SHADES = {label: (40 + 30 * row, 220 - 30 * row, 30 + 20 * (row % 3)) for row, label in enumerate(LABELS)}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two pictures of each of the shipped model's labels, each label a colour; one more that shows another's colour."""
    root = tmp_path_factory.mktemp("data") / "shades"
    for label, shade in SHADES.items():
        for number in range(2):
            save(root / label / f"{number}.png", plain(shade))
    save(root / "glass" / "like-paper.png", plain(SHADES["paper"]))
    return root


@pytest.fixture
def folder(data: Path, tmp_path: Path) -> RunFolder:
    """A run with the shipped model's labels whose network goes by mean colour: the nearest shade wins."""
    inputs = keras.Input((128, 128, 3))
    layer = keras.layers.Dense(len(LABELS), name="logits")
    model = keras.Model(inputs, layer(keras.layers.GlobalAveragePooling2D()(inputs)))
    shades = np.array([SHADES[label] for label in LABELS]) / 127.5 - 1
    layer.set_weights(
        [40 * shades.T, -20 * (shades**2).sum(axis=1)]
    )  # -20 times the squared distance, but for a constant
    run = RunFolder(tmp_path / "run")
    settings = Settings(data=(str(data),), view="full", toning=0.0, weights="none", arch="tiny")
    progress = run.start_or_resume(settings)
    run.labels_file.write_text(json.dumps(LABELS))
    keys = sorted(path.relative_to(data).as_posix() for path in data.rglob("*.png"))
    run.split_file.write_text(json.dumps({"seed": 1, "groups": {}, "parts": {"train": [], "val": [], "test": keys}}))
    model.save(run.best_file)
    figures = {"loss": 1.0, "accuracy": 0.5, "val_loss": 0.8, "val_accuracy": 0.6, "val_macro_f1": 0.5}
    progress.history = [{"epoch": epoch, "stage": "all", **figures} for epoch in (1, 2)]
    run.save_state(progress)
    return run


def test_a_run_is_measured_and_told_as_page_and_json(
    folder: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(tmp_path / "other" / "paper" / "<b>.png", plain(SHADES["paper"]))
    save(tmp_path / "other" / "organic" / "1.png", plain((10, 10, 10)))
    for number, shade in enumerate([(10, 10, 10), (250, 250, 250)]):
        save(tmp_path / "alien" / "bag" / f"{number}.png", plain(shade))
    sets = ["--also", f"other={tmp_path / 'other'}", "--also", f"alien={tmp_path / 'alien'}"]
    found = told(capsys, folder.path, *sets, "--bin", "glass=glass")
    test, other = found["sets"]["test"], found["sets"]["other"]
    assert (test["pictures"], test["accuracy"]) == (13, round(12 / 13, 4))
    assert [Path(one["picture"]).name for one in test["mistakes"]] == ["like-paper.png"]
    assert test["vote"]["sorting"]["bins"]["glass"]["capture"] == round(2 / 3, 4)
    assert (other["pictures"], other["accuracy"]) == (1, 1.0)
    assert other["unknown"]["labels"] == ["organic"]
    assert "organic" in found["notes"]["other"]
    # Unknown labels alone have no accuracy; they are compared with the known pictures of the run.
    alien = found["sets"]["alien"]["unknown"]
    assert (alien["labels"], alien["pictures"], alien["beside"]) == (["bag"], 2, "test")
    assert set(alien["auroc"]) == set(other["unknown"]["auroc"])
    assert sum(map(sum, alien["sorting"]["counts"])) == 2
    first, second = found["in_short"]["alien"]
    assert first.startswith(
        "2 pictures of labels that the model does not know (alien: bag): one scores lower than one of the 13"
    )
    assert second.endswith("of all such contaminate.")
    assert (found["temperature"], len(found["history"])) == (1.0, 2)
    assert json.loads((folder.path / "report.json").read_text()) == found
    page = (folder.path / "report.html").read_text()
    for text in (
        "like-paper.png",
        "Learning curves",
        "63 to 100 %",
        "Most confident errors",
        "Unknown labels",
        first[:60],
    ):
        assert text in page
    # Thirteen pictures get no figure in large letters, but a range.
    short = found["in_short"]["test"]
    assert short[0] == "Of 13 pictures (test), the bin's vote names 12 rightly: 63 to 100 % of all such pictures."
    assert short[2].startswith("It is weakest at glass: 2 of 3 are recognised (9 to 100 % of all such)")
    assert page.index("In short") < page.index(short[0].replace("'", "&#39;")) < page.index("Overview")
    assert 'class="tile"><b>92.3' not in page
    assert "Temperature is 1: a run has none" in page
    assert "http" not in page.replace("http://www.w3.org/", "")  # nothing is fetched
    assert page.count("data:image/jpeg") == 2  # the mistake and its saliency
    assert (folder.path / "confusion-test-float32.png").stat().st_size > 1000


def test_run_and_model_file_are_compared(
    folder: RunFolder, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.html"
    # Charts and what a mistake is seen in are looked at above; here they would take most of the time.
    with (
        patch.object(evaluation_report, "figure_svg", lambda figure, title: Markup(title)),
        patch.object(evaluation_report, "occlusion", lambda logits, view, label: np.zeros((8, 8), np.float32)),
        patch("train.measuring.plots.save_confusion"),
    ):
        found = told(capsys, folder.path, "--int8", MODEL, "--report", report)
    assert found["temperature"] != 1  # the file's
    pair = found["sets"]["test"]["float32_int8"]
    assert pair["float32"] == found["sets"]["test"]["accuracy"] == round(12 / 13, 4)
    assert len(pair["flips"]) == round((1 - pair["agreement"]) * 13) > 0
    assert all(flip["answer"] != flip["int8"] for flip in pair["flips"])
    assert "float32 and int8" in report.read_text()
    assert set(found["sets"]["test"]["sorting"]["bins"]) == set(BINS.values())
    # The other way round the same figures come out.
    again = told(capsys, MODEL, "--run", folder.path)["sets"]["test"]
    assert {**again["float32_int8"], "flips": None} == {**pair, "flips": None}
    assert again["accuracy"] == pair["int8"]
    assert not (folder.path / "report.html").exists()


def test_tables_are_printed(folder: RunFolder, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(MODEL, "--data", data, "--view", "full") == 0
    out = capsys.readouterr().out
    assert "F1: macro" in out
    assert "vote" in out


def test_what_cannot_be_measured_is_told(folder: RunFolder, data: Path, tmp_path: Path) -> None:
    save(tmp_path / "alien" / "bag" / "1.png", plain((10, 10, 10)))
    wrong: list[tuple[list[object], type[TrainError], str]] = [
        ([MODEL], DataError, "no pictures; give --data"),
        ([tmp_path / "none.tflite", "--data", data], RunError, "no such file"),
        ([tmp_path, "--data", data], RunError, "run"),
        ([folder.path, "--view", "sideways"], SettingsError, "--view takes"),
        ([folder.path, "--view", "object:9"], SettingsError, "toning is a number from 0 to 1"),
        ([folder.path, "--also", "nowhere"], SettingsError, "--also takes NAME=DIR"),
        (
            [MODEL, "--also", f"alien={tmp_path / 'alien'}"],
            DataError,
            "alien has no picture of a label that the model knows",
        ),
        ([folder.path, "--bin", "glass"], SettingsError, "--bin takes LABEL=BIN"),
        ([folder.path, "--report", "report.json"], SettingsError, "--report takes FILE.html"),
        ([folder.path, "--run", folder.path], SettingsError, "give --int8"),
        ([MODEL, "--int8", MODEL, "--data", data], SettingsError, "give --run"),
    ]
    for arguments, error, text in wrong:
        with pytest.raises(error, match=text):
            run_command(*arguments)
