"""Whole runs on a handful of made-up pictures: fit, kill, resume, refuse, evaluate."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("keras", reason="training needs Keras and a back end; install the train extra")

from tests.builders.data_sets import fit_arguments, write_pictures
from train.cli import main
from train.data.cache import cache_photograph
from train.errors import SettingsError
from train.learning.progress import ProgressReporter
from train.measuring.view_choice import CANDIDATES
from train.runs.run_folder import RunFolder
from train.runs.settings import Settings
from train.views.batches import Batches, label_weights

# Keras 3.15 hands its variables to numpy in a way that numpy 2 deprecates; nothing of ours to mend.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def fit(data: Path, out: Path, *more: str, epochs: int = 4) -> int:
    """A run of the tiny network: four epochs of three batches."""
    return main(fit_arguments(data, out, *more, epochs=epochs))


def test_a_run_leaves_its_files(run: RunFolder) -> None:
    names = {path.name for path in run.path.iterdir()}
    assert names >= {
        "settings.json",
        "split.json",
        "train.txt",
        "val.txt",
        "test.txt",
        "history.csv",
        "learning-curve.png",
        "best.keras",
        "augmented.png",
        "log.txt",
        "labels.json",
        "data.json",
        "view.json",
        "bias.json",
    }
    assert not [name for name in names if ".tmp" in name]
    progress = run.load_state()
    assert progress.finished
    assert progress.epoch == 4
    assert len(progress.history) == 4
    assert [row["stage"] for row in progress.history] == ["head", "all", "all", "all"]
    assert run.load_labels() == ("glass", "paper")
    assert "broken.jpg" in (run.path / "log.txt").read_text()
    model = run.load_best()
    assert model.input_shape == (None, 32, 32, 3)
    assert model.output_shape == (None, 2)
    assert len(json.loads(run.view_file.read_text())["candidates"]) == len(CANDIDATES)


def test_a_killed_run_goes_on_as_if_nothing_had_happened(run: RunFolder, killed_run: RunFolder) -> None:
    out = killed_run.path
    assert killed_run.load_state().epoch == 2
    assert not killed_run.load_state().finished
    assert main(["fit", "--out", str(out), "--resume"]) == 0
    resumed, whole = killed_run.load_state(), run.load_state()
    assert resumed.finished
    assert resumed.epoch == 4
    for here, there in zip(resumed.history, whole.history, strict=True):
        for name in ("loss", "val_loss", "rate"):
            assert here[name] == pytest.approx(there[name], rel=2e-3), (here, there)
    # A finished run is left alone.
    before = (out / "best.keras").stat().st_mtime_ns
    assert main(["fit", "--out", str(out), "--resume"]) == 0
    assert (out / "best.keras").stat().st_mtime_ns == before


@pytest.mark.slow
@pytest.mark.usefixtures("eager")
def test_a_run_on_relative_paths_goes_on_from_another_folder(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(self: ProgressReporter, row: dict[str, Any], best: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.chdir(data.parent)
    with monkeypatch.context() as patch:
        patch.setattr(ProgressReporter, "report_epoch", interrupt)
        assert fit(Path(data.name), tmp_path / "run", epochs=2) == 130
    monkeypatch.chdir(tmp_path)
    assert main(["fit", "--out", "run", "--resume"]) == 0
    assert main(["evaluate", "run"]) == 0
    monkeypatch.chdir(data.parent)
    assert fit(Path(data.name), tmp_path / "run", epochs=2) == 0
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.usefixtures("brief")
def test_ctrl_c_leaves_with_130(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(self: ProgressReporter, row: dict[str, Any], best: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ProgressReporter, "report_epoch", interrupt)
    assert fit(data, tmp_path / "run") == 130
    assert RunFolder(tmp_path / "run").load_state().epoch == 1


def test_other_settings_are_refused_with_the_difference(
    run: RunFolder, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fit(data, run.path, "--seed", "9") == 2
    assert "seed: 1 -> 9" in capsys.readouterr().err
    assert main(["fit", "--out", str(run.path), "--resume", "--set", "batch=4"]) == 2
    assert "batch: 8 -> 4" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--data", "/nowhere"], "/nowhere: no such folder"),
        (["--labels", "glass"], "at least two labels"),
        (["--set", "ratte=1"], "unknown 'ratte'"),
        (["--weights", "/nowhere.h5", "--set", "arch=mobilenet_v2"], "no such file"),
        (["--split", "/nowhere.json"], "split /nowhere.json"),
    ],
)
def test_what_cannot_be_trained_leaves_with_2(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], told: str
) -> None:
    assert fit(data, tmp_path / "run", *more) == 2
    err = capsys.readouterr().err
    assert told in err
    assert "Traceback" not in err


def test_settings_may_be_mended_until_the_pictures_are_split(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    assert fit(Path("/nowhere"), out) == 2
    folder = RunFolder(out)
    folder.start_or_resume(Settings(data=(str(data),)))
    assert folder.load_settings().data == (str(data),)
    folder.split_file.write_text("{}")
    with pytest.raises(SettingsError, match="batch: 32 -> 8"):
        folder.start_or_resume(Settings(data=(str(data),), batch=8))


def test_no_data_and_no_run_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", "--out", str(tmp_path / "run")]) == 2
    assert "give --data" in capsys.readouterr().err
    assert main(["fit", "--out", str(tmp_path / "run"), "--resume"]) == 2
    assert "no settings.json" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_evaluate_measures_the_test_part_and_other_sets(
    run: RunFolder, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other"
    for label in ("glass", "strange"):
        (other / label).mkdir(parents=True)
        (other / label / "1.png").write_bytes((data / "glass" / "01.png").read_bytes())
    assert main(["evaluate", str(run.path), "--also", f"other={other}", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["sets"]["test"]["pictures"] == len((run.path / "test.txt").read_text().split())
    assert told["sets"]["other"]["pictures"] == 1
    assert "strange" in told["notes"]["other"]
    assert (run.path / "confusion-test-float32.png").stat().st_size > 1000
    assert main(["evaluate", str(run.path), "--part", "val", "--view", "full"]) == 0
    assert "of 6 pictures (val)" in capsys.readouterr().out.lower()
    assert main(["evaluate", str(run.path), "--view", "upside-down"]) == 2
    assert main(["evaluate", str(tmp_path / "none.tflite"), "--data", str(data)]) == 2


def test_an_epoch_is_decided_by_seed_and_epoch_alone() -> None:
    random = np.random.default_rng(0)
    kept = [
        cache_photograph(random.integers(0, 255, (50, 60, 3), np.uint8).astype(np.uint8), n % 2, 64) for n in range(10)
    ]
    settings = Settings(size=32, batch=4)
    weights = label_weights([one.target for one in kept], 2, "sqrt")
    first, again, later = (Batches(kept, [], weights, settings, epoch) for epoch in (3, 3, 4))
    assert len(first) == 2
    inputs, targets, per_picture = first[1]
    assert inputs.shape == (4, 32, 32, 3)
    assert inputs.dtype == np.float32
    assert inputs.min() >= -1
    assert inputs.max() <= 1
    assert targets.shape == (4, 2)
    assert per_picture.shape == (4,)
    assert np.array_equal(inputs, again[1][0])
    assert not np.array_equal(inputs, later[1][0])


def test_rare_labels_weigh_more_and_the_mean_stays_one() -> None:
    targets = [0] * 90 + [1] * 10
    for kind, ratio in (("none", 1.0), ("sqrt", 3.0), ("balanced", 9.0)):
        weights = label_weights(targets, 2, kind)
        assert weights[1] / weights[0] == pytest.approx(ratio, rel=1e-5)
        assert weights[targets].mean() == pytest.approx(1.0, rel=1e-5)


@pytest.mark.parametrize("name", ["two\nlines", os.fsdecode(b"gl\xe4s"), ""])
def test_data_that_cannot_be_used_leave_no_run_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    root = write_pictures(tmp_path / "set", each=2)
    if name:
        (root / "glass").rename(root / name)
    else:
        shutil.rmtree(root / "glass")
    for _ in range(2):
        assert main(fit_arguments(root, tmp_path / "run")) == 2
        line = capsys.readouterr().err.splitlines()[-1]
        assert line.startswith("sorter-train: data")
        assert line.isprintable()
    assert not (tmp_path / "run").exists()
