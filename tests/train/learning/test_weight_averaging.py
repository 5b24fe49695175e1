"""One model of several: weights averaged, statistics anew, and a run that every other command takes."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.paths import ROOT

pytest.importorskip("keras", reason="training needs Keras and a back end; install the train extra")

import keras

from edge.inference.bundle import read_bundle
from edge.inference.classifier import Classifier
from edge.inference.runtime import find_runtime
from tests.builders.data_sets import fit_arguments, sprites_on_grey, write_pictures
from tests.builders.pictures import save
from train.cli import main
from train.errors import SettingsError
from train.learning.probed_head import probe_head
from train.learning.schedule import compile_stage
from train.learning.training_data import load_training_data
from train.learning.weight_averaging import parse_weighted_models
from train.network.dequantize import dequantize_head, unfold_batch_norm
from train.network.model import build_model, predict
from train.runs.run_folder import RunFolder
from train.runs.settings import Settings

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

BUNDLE = ROOT / "edge" / "models" / "trashnet6.tflite"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More than a batch of pictures, so that there are statistics to take."""
    return write_pictures(tmp_path_factory.mktemp("data") / "made-up", each=32)


def compile_eagerly(model: keras.Model, stage: str, settings: Settings, steps: int) -> None:
    """In place of ``compile_stage``: six steps are done sooner than compiled."""
    compile_stage(model, stage, settings, steps)
    model.run_eagerly = True


@pytest.fixture(scope="module")
def runs(data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A run, and another that went on from it: one epoch of all layers each."""
    root = tmp_path_factory.mktemp("runs")
    first, second = root / "first", root / "second"
    short = {"epochs": 1, "head_epochs": 0}
    more = ["--split", str(first / "split.json"), "--weights", str(first / "best.keras"), "--seed", "2"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("train.learning.fit.compile_stage", compile_eagerly)
        patch.setattr("train.learning.fit.save_curve", lambda path, history: None)
        assert main(fit_arguments(data, first, **short)) == 0
        # Its view is not looked at: a mixture has one of its own.
        patch.setattr("train.learning.finalize.finalize_run", lambda folder: None)
        assert main(fit_arguments(data, second, *more, **short)) == 0
    return first, second


@pytest.fixture(scope="module")
def mixed(runs: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """Three quarters of the first run."""
    out = tmp_path_factory.mktemp("mixed") / "mixed"
    assert main(["mix", f"{runs[0]}=3", str(runs[1]), "--out", str(out)]) == 0
    return RunFolder(out)


def arrays(path: Path, *, statistics: bool) -> list[NDArray[np.float32]]:
    """The best model's weights: BatchNorm's statistics, or all others."""
    found = []
    for layer in RunFolder(path).load_best().layers:
        weights = layer.get_weights()
        norm = isinstance(layer, keras.layers.BatchNormalization)
        # gamma, beta, mean, variance
        found += weights[2:] if norm and statistics else weights[:2] if norm else [] if statistics else weights
    return found


def test_what_was_learnt_is_averaged_by_the_shares(runs: tuple[Path, Path], mixed: RunFolder) -> None:
    first, second, model = (arrays(path, statistics=False) for path in (*runs, mixed.path))
    assert any(not np.allclose(one, other) for one, other in zip(first, second, strict=True))
    bias = json.loads(mixed.bias_file.read_text())["bias"]
    model[-1] -= np.array([bias["glass"], bias["paper"]], np.float32)  # balanced anew once it was mixed
    for here, one, other in zip(model, first, second, strict=True):
        np.testing.assert_allclose(here, 0.75 * one + 0.25 * other, rtol=1e-5, atol=1e-4)


def test_statistics_are_those_of_the_mixed_weights(runs: tuple[Path, Path], mixed: RunFolder) -> None:
    first, second, model = (arrays(path, statistics=True) for path in (*runs, mixed.path))
    assert len(model) == len(first) == 16
    means = [0.75 * one + 0.25 * other for one, other in zip(first, second, strict=True)]
    assert any(not np.allclose(here, mean, rtol=1e-3) for here, mean in zip(model, means, strict=True))
    assert all(np.isfinite(here).all() for here in model)


@pytest.mark.slow
@pytest.mark.usefixtures("brief")
def test_the_mixture_is_a_finished_run(
    mixed: RunFolder, runs: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert mixed.load_settings() == RunFolder(runs[0]).load_settings()
    assert mixed.load_labels() == ("glass", "paper")
    assert json.loads((mixed.path / "mixture.json").read_text()) == {str(runs[0]): 0.75, str(runs[1]): 0.25}
    assert json.loads(mixed.split_file.read_text()) == json.loads((runs[0] / "split.json").read_text())
    progress = mixed.load_state()
    assert progress.finished
    assert progress.best[0] == progress.history[0]["val_accuracy"]
    assert main(["compare", str(runs[0]), str(mixed.path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["runs"]["mixed"]
    assert main(["evaluate", str(mixed.path), "--report", str(tmp_path / "page.html")]) == 0
    assert main(["mix", str(mixed.path), str(runs[1]), "--out", str(tmp_path / "again")]) == 0


def test_it_is_not_laid_over_another_run(
    mixed: RunFolder, runs: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    before = mixed.best_file.read_bytes()
    assert main(["mix", str(runs[0]), str(runs[1]), "--out", str(mixed.path)]) == 2
    assert "give another --out" in capsys.readouterr().err
    assert mixed.best_file.read_bytes() == before


@pytest.mark.usefixtures("brief")
def test_a_mixture_that_was_broken_off_is_begun_anew(runs: tuple[Path, Path], tmp_path: Path) -> None:
    out = RunFolder(tmp_path / "mixed")
    out.start_or_resume(RunFolder(runs[0]).load_settings())
    out.split_file.write_text((runs[0] / "split.json").read_text())
    out.best_file.write_bytes(b"half")
    assert main(["mix", str(runs[0]), str(runs[1]), "--out", str(out.path)]) == 0
    out.load_best()


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["a"], "two models or more"),
        (["a", "b=much"], "'much' is not a number"),
        (["a", "b=0"], "parts above 0"),
        (["a", "b=-1"], "parts above 0"),
        (["a", "b=nan"], "parts above 0"),
        (["a", "b=inf"], "parts above 0"),
        (["a.tflite", "b"], "cannot come first"),
    ],
)
def test_ingredients_that_make_no_mixture_are_refused(texts: list[str], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        parse_weighted_models(texts)


def test_shares_sum_to_one() -> None:
    parts = parse_weighted_models(["runs/a=0.4", "c=d=3", "x.tflite=0.6"])
    assert [str(part.path) for part in parts] == ["runs/a", "c=d", "x.tflite"]
    assert [part.share for part in parts] == pytest.approx([0.1, 0.75, 0.15])
    assert parse_weighted_models(["runs/a", "trashnet6=2"])[1].path == BUNDLE


def test_another_network_or_other_labels_are_refused_before_anything_is_written(
    runs: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["mix", str(runs[0]), str(BUNDLE), "--out", str(out)]) == 2
    assert "has labels ['cardboard'" in capsys.readouterr().err
    other = RunFolder(tmp_path / "other")
    other.start_or_resume(RunFolder(runs[0]).load_settings().replaced(size=64))
    other.labels_file.write_text(json.dumps(["glass", "paper"]))
    assert main(["mix", str(runs[0]), str(other.path), "--out", str(out)]) == 2
    assert "has size 64, the first has 32" in capsys.readouterr().err
    assert main(["mix", str(runs[0]), str(tmp_path / "nothing"), "--out", str(out)]) == 2
    assert main(["mix", str(runs[0]), str(tmp_path / "nothing.tflite"), "--out", str(out)]) == 2
    assert not out.exists()


@pytest.mark.slow
def test_a_new_last_layer_is_a_probe_of_the_mixed_features(runs: tuple[Path, Path], tmp_path: Path) -> None:
    assert main(["mix", *map(str, runs), "--probe", "--out", str(tmp_path / "mixed")]) == 0
    mixed = RunFolder(tmp_path / "mixed")
    model, first, second = mixed.load_best(), *(RunFolder(path).load_best() for path in runs)
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D):
            mean = (first.get_layer(layer.name).kernel + second.get_layer(layer.name).kernel) / 2
            np.testing.assert_allclose(layer.kernel, mean, rtol=1e-5, atol=1e-5)
    settings, data = mixed.load_settings(), load_training_data(mixed.load_settings(), mixed)
    kernel = model.get_layer("logits").get_weights()[0]
    probe_head(model, data.train, settings)
    # Balancing the labels moves the bias alone.
    np.testing.assert_allclose(kernel, model.get_layer("logits").get_weights()[0], rtol=1e-3, atol=1e-4)


def triple_first_convolution(model: keras.Model) -> None:
    """Another form of the same function, as a network has it that was trained: the BatchNorm takes the factor out again."""
    convolution, norm = model.get_layer("Conv1"), model.get_layer("bn_Conv1")
    convolution.set_weights([3 * convolution.get_weights()[0]])
    gamma, beta, mean, variance = norm.get_weights()
    norm.set_weights([gamma, beta, 3 * mean, 9 * variance + 8 * norm.epsilon])


@pytest.mark.slow
def test_a_bundle_is_an_ingredient_with_its_last_layer(tmp_path: Path) -> None:
    """A model mixed with the bundle that it was taken from answers as that does."""
    views = sprites_on_grey()
    for key, view in views.items():
        save(tmp_path / "data" / key, view)
    keys, shown = [*views], np.stack([*views.values()])
    parts = {"train": [key for row, key in enumerate(keys) if row % 6 < 5], "val": keys[5::6], "test": []}
    labels = read_bundle(BUNDLE).manifest.labels
    settings = Settings(data=(str(tmp_path / "data"),), labels=labels, weights=str(BUNDLE), toning=0.0)
    folder = RunFolder(tmp_path / "run")
    folder.start_or_resume(settings)
    folder.labels_file.write_text(json.dumps(labels))
    folder.split_file.write_text(json.dumps({"seed": 1, "groups": {}, "parts": parts}))
    thawed = build_model(settings, len(labels))
    unfold_batch_norm(thawed, shown)
    dequantize_head(thawed.get_layer("logits"), BUNDLE)
    triple_first_convolution(thawed)
    thawed.save(folder.best_file)
    assert main(["mix", str(folder.path), str(BUNDLE), "--out", str(tmp_path / "mixed")]) == 0
    answers = predict(RunFolder(tmp_path / "mixed").load_best(), shown)
    classifier = Classifier(read_bundle(BUNDLE), find_runtime())
    asked = np.stack([classifier.logits(view) for view in shown])
    assert np.corrcoef(answers.ravel(), asked.ravel())[0, 1] > 0.99
    assert (answers.argmax(axis=1) == asked.argmax(axis=1)).mean() >= 0.9
