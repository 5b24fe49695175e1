"""One small data set and one finished run for all tests of learning: a run takes seconds."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.builders.data_sets import fit_arguments, write_pictures

if TYPE_CHECKING:
    import keras

    from train.runs.run_folder import RunFolder
    from train.runs.settings import Settings


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The made-up pictures and a file that is no picture."""
    root = write_pictures(tmp_path_factory.mktemp("data") / "made-up")
    (root / "glass" / "broken.jpg").write_bytes(b"no picture")
    return root


@pytest.fixture(scope="session")
def run_and_snapshot(data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A finished run, and what its folder held in the middle of the third epoch: what a kill leaves there."""
    from train.cli import main
    from train.learning.progress import ProgressReporter

    root = tmp_path_factory.mktemp("runs")
    whole, killed = root / "whole", root / "killed"
    report_batch = ProgressReporter.report_batch

    def keep_folder(self: ProgressReporter, epoch: int, done: int, total: int) -> None:
        report_batch(self, epoch, done, total)
        if (epoch, done) == (2, 2):
            shutil.copytree(whole, killed)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ProgressReporter, "report_batch", keep_folder)
        assert main(fit_arguments(data, whole)) == 0
    return whole, killed


@pytest.fixture(scope="session")
def run(run_and_snapshot: tuple[Path, Path]) -> "RunFolder":
    """A finished run of four epochs; tests must not change it."""
    from train.runs.run_folder import RunFolder

    return RunFolder(run_and_snapshot[0])


@pytest.fixture
def killed_run(run_and_snapshot: tuple[Path, Path], tmp_path: Path) -> "RunFolder":
    """A run as a kill in the middle of its third epoch leaves it."""
    from train.runs.run_folder import RunFolder

    return RunFolder(shutil.copytree(run_and_snapshot[1], tmp_path / "killed"))


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """For runs of a few steps, which are done sooner than compiled; no learning curve is drawn."""
    from train.learning import schedule

    compile_stage = schedule.compile_stage

    def compile_eagerly(model: "keras.Model", stage: str, settings: "Settings", steps: int) -> None:
        compile_stage(model, stage, settings, steps)
        model.run_eagerly = True

    monkeypatch.setattr("train.learning.fit.compile_stage", compile_eagerly)
    monkeypatch.setattr("train.learning.fit.save_curve", lambda path, history: None)


@pytest.fixture
def brief(eager: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, without what follows the last epoch: the choice of a view, and a bias for each label."""
    monkeypatch.setattr("train.learning.finalize.finalize_run", lambda folder: None)
