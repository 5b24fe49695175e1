"""What a run can be asked for beyond the plain fine-tune: averaging, teachers, early stop, traces, devices."""

import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.paths import ROOT

keras = pytest.importorskip("keras", reason="training needs Keras and a back end; install the train extra")

from edge.inference.bundle import read_bundle  # noqa: E402
from edge.inference.classifier import Classifier  # noqa: E402
from edge.inference.runtime import find_runtime  # noqa: E402
from tests.builders.data_sets import SHORTEST, fit_arguments  # noqa: E402
from tests.paths import MODEL  # noqa: E402
from train.cli import main  # noqa: E402
from train.learning.schedule import compile_stage, ema_weights  # noqa: E402
from train.learning.teacher import Teacher  # noqa: E402
from train.network.batch_norm import recalibrated_batch_norm  # noqa: E402
from train.network.model import build_model, set_stage  # noqa: E402
from train.runs.run_folder import RunFolder  # noqa: E402
from train.runs.settings import Settings  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(scope="module")
def run(data: Path, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run with averaged weights, balanced sampling, focal loss and a trace."""
    out = tmp_path_factory.mktemp("runs") / "first"
    assert (
        main(fit_arguments(data, out, "--tensorboard", ema=0.9, sampling="balanced", loss="focal", head_epochs=0)) == 0
    )
    return RunFolder(out)


def test_averaged_weights_stand_in_the_model_only_while_it_is_measured() -> None:
    settings = Settings(arch="tiny", size=32, weights="none", ema=0.5, rate=0.1, warmup_epochs=0.0, head_epochs=0)
    model = build_model(settings, 2)
    compile_stage(model, "all", settings, 10)
    model.run_eagerly = True  # three steps are done sooner than compiled
    inputs = np.random.default_rng(0).normal(0, 1, (8, 32, 32, 3)).astype(np.float32)
    targets = np.eye(2, dtype=np.float32)[[0, 1] * 4]

    def kernel() -> np.ndarray:
        return np.array(model.get_layer("logits").get_weights()[0])

    seen = []
    for _ in range(3):
        model.train_on_batch(inputs, targets)
        seen.append(kernel())
    expected = 0.5 * (0.5 * seen[0] + 0.5 * seen[1]) + 0.5 * seen[2]
    with ema_weights(model, "all", settings):
        np.testing.assert_allclose(kernel(), expected, rtol=1e-4, atol=1e-6)
    # Keras swaps by adding and taking away: the last bit may be lost.
    np.testing.assert_allclose(kernel(), seen[2], rtol=1e-5, atol=1e-6)
    with ema_weights(model, "head", settings):
        np.testing.assert_allclose(kernel(), seen[2], rtol=1e-5, atol=1e-6)


def test_averaged_weights_get_statistics_of_their_own_while_they_are_measured() -> None:
    settings = Settings(arch="tiny", size=32, weights="none", head_epochs=0)
    model = build_model(settings, 2)
    set_stage(model, "all", settings)
    views = np.random.default_rng(0).integers(0, 256, (70, 32, 32, 3)).astype(np.uint8)
    norm = next(layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization))
    before, momentum = [np.array(part) for part in norm.get_weights()], norm.momentum
    first = keras.Model(model.input, norm.input).predict(views[:64].astype(np.float32) / 127.5 - 1, verbose=0)
    with recalibrated_batch_norm(model, views):
        _, _, mean, variance = norm.get_weights()
        np.testing.assert_allclose(mean, first.mean(axis=(0, 1, 2)), rtol=1e-3, atol=1e-4)
        of_batches = [first[at : at + 32].var(axis=(0, 1, 2)) for at in (0, 32)]
        np.testing.assert_allclose(variance, np.mean(of_batches, axis=0), rtol=1e-3)
    assert norm.momentum == momentum
    for part, was in zip(norm.get_weights(), before, strict=True):
        np.testing.assert_array_equal(part, was)
    with recalibrated_batch_norm(model, views[:5]):  # too few to tell
        np.testing.assert_array_equal(norm.get_weights()[2], before[2])


def test_frozen_statistics_stay() -> None:
    settings = Settings(arch="tiny", size=32, weights="none", head_epochs=0, bn_momentum=1.0)
    model = build_model(settings, 2)
    set_stage(model, "all", settings)
    before = model.get_weights()
    with recalibrated_batch_norm(model, np.zeros((64, 32, 32, 3), np.uint8)):
        for part, was in zip(model.get_weights(), before, strict=True):
            np.testing.assert_array_equal(part, was)


def test_a_run_goes_on_from_its_newest_weights_not_from_the_averaged(run: RunFolder) -> None:
    model = keras.saving.load_model(run.path / run.load_state().checkpoint)
    newest = model.get_layer("logits").get_weights()[0]
    with ema_weights(model, "all", run.load_settings()):
        assert np.abs(model.get_layer("logits").get_weights()[0] - newest).max() > 1e-4


@pytest.mark.skipif(keras.backend.backend() != "torch", reason="Keras spreads work over devices on this back end")
def test_devices_are_refused_where_keras_cannot_spread(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(fit_arguments(data, tmp_path / "run", devices=2)) == 2
    assert "KERAS_BACKEND=jax or tensorflow" in capsys.readouterr().err


def test_a_trace_holds_every_epoch(run: RunFolder) -> None:
    files = list((run.path / "tensorboard").glob("events.*"))
    assert len(files) == 1
    assert files[0].read_bytes().count(b"val_accuracy") == 4


@pytest.mark.usefixtures("brief")
def test_a_run_learns_from_an_earlier_one_in_mixed_precision(run: RunFolder, data: Path, tmp_path: Path) -> None:
    out = tmp_path / "second"
    settings = {"size": 48, "teachers": run.path, "precision": "mixed_bfloat16"}
    assert main(fit_arguments(data, out, epochs=1, head_epochs=0, **settings)) == 0
    model = RunFolder(out).load_best()
    assert model.input_shape == (None, 48, 48, 3)
    assert {weight.dtype for weight in model.weights} <= {"float32"}
    assert {layer.dtype_policy.name for layer in model.layers} == {"float32"}
    assert keras.config.dtype_policy().name == "float32"


def test_a_teacher_that_does_not_know_a_label_is_refused(
    run: RunFolder, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mapped = fit_arguments(data, tmp_path / "run", "--map", "paper=card", teachers=run.path)
    assert main(mapped) == 2
    assert "lacks labels ['card']" in capsys.readouterr().err


def test_a_bundle_teaches_as_the_bin_answers(run: RunFolder) -> None:
    views = np.random.default_rng(0).integers(0, 256, (3, 160, 160, 3)).astype(np.uint8)
    classifier = Classifier(read_bundle(MODEL), find_runtime())
    wanted = []
    for view in views:
        logits = classifier.logits(np.asarray(cv2.resize(view, (128, 128), interpolation=cv2.INTER_AREA), np.uint8))
        known = logits[[classifier.manifest.labels.index(label) for label in ("glass", "paper")]]
        wanted.append(np.exp(known) / np.exp(known).sum())
    teacher = Teacher([MODEL], ("glass", "paper"))
    assert teacher.size == 128
    np.testing.assert_allclose(teacher.probabilities(views), wanted, rtol=1e-4, atol=1e-6)
    both = Teacher([MODEL, run.path], run.load_labels()).probabilities(views)
    alone = [Teacher([path], run.load_labels()).probabilities(views) for path in (MODEL, run.path)]
    np.testing.assert_allclose(both, np.mean(alone, axis=0), rtol=1e-4, atol=1e-6)


@pytest.mark.usefixtures("brief")
def test_a_run_stops_early_when_nothing_gets_better(data: Path, tmp_path: Path) -> None:
    # Nothing is learnt at a rate of nothing: the first epoch stays the best.
    settings = {"patience": 2, "head_rate": 0, "head_epochs": 4, "bn_momentum": 1.0}
    assert main(fit_arguments(data, tmp_path / "run", **settings)) == 0
    progress = RunFolder(tmp_path / "run").load_state()
    assert (progress.finished, progress.best_epoch, progress.epoch) == (True, 1, 3)


@pytest.mark.usefixtures("brief")
def test_a_label_without_pictures_is_refused_or_left_out_as_the_recipe_says(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = fit_arguments(data, tmp_path / "run", "--labels", "glass,paper,sanitary", **SHORTEST)
    assert main(asked) == 2
    assert "no pictures for labels ['sanitary']" in capsys.readouterr().err
    assert main([*asked, "--set", "missing_labels=leave-out"]) == 0
    assert RunFolder(tmp_path / "run").load_labels() == ("glass", "paper")
    assert "sanitary" in (tmp_path / "run" / "log.txt").read_text()


spreads = pytest.mark.skipif(keras.backend.backend() == "torch", reason="Keras spreads no work over devices on PyTorch")


TWO_DEVICES = """
import sys
import numpy as np
from train.cli import main
from train.learning.devices import compute_scope
from train.network.model import build_model, predict
from train.runs.settings import Settings
settings = Settings(arch="tiny", size=32, weights="none", devices=2)
# More pictures than one batch: spread over two devices, against one after the other.
views = np.random.default_rng(0).integers(0, 255, (40, 32, 32, 3)).astype(np.uint8)
with compute_scope(settings):
    model = build_model(settings, 3)
    difference = np.abs(predict(model, views, batch=16) - predict(model, views, batch=40)).max()
code = main(sys.argv[1:])
print(difference)
sys.exit(code)
"""


@pytest.fixture(scope="module")
def on_two_devices(data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[RunFolder, str, float]:
    """A run on two devices, its standard error, and how far two devices' answers are from one's.

    In a process of its own: devices are made once, when the back end starts.
    """
    out = tmp_path_factory.mktemp("devices") / "run"
    done = subprocess.run(
        [sys.executable, "-c", TWO_DEVICES, *fit_arguments(data, out, epochs=2, devices=2)],
        cwd=ROOT,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return RunFolder(out), done.stderr, float(done.stdout.splitlines()[-1])


@pytest.mark.slow
@spreads
def test_two_devices_share_each_batch(on_two_devices: tuple[RunFolder, str, float]) -> None:
    folder, err, _ = on_two_devices
    (told,) = (line for line in err.splitlines() if line.startswith("data-parallel on"))
    assert told.count(",") == 1
    history = folder.load_state().history
    assert [row["epoch"] for row in history] == [1, 2]
    assert all(np.isfinite(row["val_loss"]) for row in history)


@pytest.mark.slow
@spreads
def test_devices_do_not_mix_answers_up(on_two_devices: tuple[RunFolder, str, float]) -> None:
    assert on_two_devices[2] < 1e-4


@pytest.mark.usefixtures("brief")
def test_a_mistyped_teacher_may_be_mended(run: RunFolder, data: Path, tmp_path: Path) -> None:
    assert main(fit_arguments(data, tmp_path / "run", teachers=tmp_path / "nobody")) == 2
    assert main(fit_arguments(data, tmp_path / "run", teachers=run.path, **SHORTEST)) == 0


def test_a_share_of_a_set_that_is_not_there_is_refused(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(fit_arguments(data, tmp_path / "run", set_shares="made-upp=0.5")) == 2
    assert "set_shares names ['made-upp']" in capsys.readouterr().err


@pytest.mark.slow
@spreads
def test_more_devices_than_there_are_is_refused(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keras.ops.ones((1,))  # the back end runs, so that no device can be added
    assert main(fit_arguments(data, tmp_path / "run", devices=64)) == 2
    assert "lower devices" in capsys.readouterr().err
