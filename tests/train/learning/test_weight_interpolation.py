"""A head that starts from a probe, and weights between a run's first and its best."""

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("keras", reason="training needs Keras and a back end; install the train extra")

from tests.builders.data_sets import fit_arguments, write_pictures
from train.cli import main
from train.data.selection import pictures_in_part
from train.errors import SettingsError
from train.learning import weight_interpolation
from train.learning.probed_head import probe_head
from train.learning.training_data import load_training_data
from train.network.model import build_model, head_features, predict
from train.runs.run_folder import RunFolder
from train.runs.settings import Settings

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(scope="module")
def probed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of one epoch that starts from a probe, on two data sets, one of which validates."""
    root = tmp_path_factory.mktemp("runs")
    write_pictures(root / "mine", each=24)
    write_pictures(root / "other", each=8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("train.learning.fit.save_curve", lambda path, history: None)
        patch.setattr("train.learning.finalize.finalize_run", lambda folder: None)
        arguments = fit_arguments(
            root / "mine", root / "run", epochs=1, head_epochs=0, head_start="probe", validate_on="other"
        )
        arguments[2:3] = [str(root / "mine"), str(root / "other")]
        assert main(arguments) == 0
    return root / "run"


def test_whole_sets_validate_and_are_not_trained_on(probed: Path) -> None:
    assert set(json.loads((probed / "data.json").read_text())) == {"mine"}
    settings = RunFolder(probed).load_settings()
    assert settings.validate_on == ("other",)
    # All sixteen of them, and no picture of the split's validation part.
    assert {picture.data_set for picture in pictures_in_part(RunFolder(probed), "val")} == {"other"}
    assert len(pictures_in_part(RunFolder(probed), "val")) == 16
    assert {picture.data_set for picture in pictures_in_part(RunFolder(probed), "train")} == {"mine"}


def test_stored_pictures_go_with_the_end_of_the_run(probed: Path) -> None:
    assert not RunFolder(probed).pictures_folder.exists()


def test_weights_between_start_and_end_are_tried_and_the_best_become_a_run(
    probed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("train.learning.finalize.finalize_run", lambda folder: None)
    monkeypatch.setattr(weight_interpolation, "SHARES", (0.0, 0.5, 1.0))
    assert main(["interpolate", str(probed), "--out", str(tmp_path / "between")]) == 0
    told = capsys.readouterr().out
    assert told.count("share of the fine-tuned weights") == 3
    run = RunFolder(tmp_path / "between")
    shares = json.loads((run.path / "mixture.json").read_text())
    chosen = shares[str(probed)]
    assert chosen in (0.0, 0.5, 1.0)
    assert sum(shares.values()) == pytest.approx(1.0)
    models = RunFolder(probed).load_start(), run.load_best(), RunFolder(probed).load_best()
    kernels = [one.get_layer("logits").get_weights()[0] for one in models]
    np.testing.assert_allclose(kernels[1], (1 - chosen) * kernels[0] + chosen * kernels[2], atol=1e-5)
    assert run.load_state().finished
    # Another run takes the mean of what others have chosen.
    other = tmp_path / "other"
    other.mkdir()
    (other / "share.json").write_text('{"share": 0.25}')
    arguments = ["interpolate", str(probed), "--out", str(tmp_path / "as"), "--as", str(run.path), str(other)]
    assert main(arguments) == 0
    mean = (chosen + 0.25) / 2
    assert json.loads((tmp_path / "as" / "mixture.json").read_text())[str(probed)] == pytest.approx(mean)
    (other / "share.json").write_text('{"share": "much"}')
    assert main([*arguments[:3], str(tmp_path / "not"), "--as", str(other)]) == 2


def test_a_run_without_a_probe_has_nothing_to_go_back_to(probed: Path, tmp_path: Path) -> None:
    RunFolder(probed).start_file.rename(tmp_path / "start.keras")
    try:
        assert main(["interpolate", str(probed), "--out", str(tmp_path / "out")]) == 2
        assert not (tmp_path / "out").exists()
    finally:
        (tmp_path / "start.keras").rename(RunFolder(probed).start_file)


def test_without_epochs_a_run_is_a_probe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("train.learning.finalize.finalize_run", lambda folder: None)
    write_pictures(tmp_path / "mine", each=24)
    arguments = fit_arguments(tmp_path / "mine", tmp_path / "run", epochs=0, head_epochs=0, head_start="probe")
    assert main(arguments) == 0
    run = RunFolder(tmp_path / "run")
    state, start, best = run.load_state(), run.load_start(), run.load_best()
    assert state.finished
    assert [row["stage"] for row in state.history] == ["probe"]
    for one, other in zip(start.get_weights(), best.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    # Its head is that of the features of plain views: made again it is the same.
    settings = run.load_settings()
    probe_head(best, load_training_data(settings, run).train, settings)
    np.testing.assert_allclose(best.get_layer("logits").kernel, start.get_layer("logits").kernel, atol=1e-5)
    # A part of the head that was there may stay.
    best.get_layer("logits").set_weights([np.ones((32, 2)), np.zeros(2)])
    kept = settings.replaced(head_keep=0.25, weights="other.tflite")
    probe_head(best, load_training_data(settings, run).train, kept)
    mean = 0.25 + 0.75 * start.get_layer("logits").get_weights()[0]
    np.testing.assert_allclose(best.get_layer("logits").kernel, mean, atol=1e-5)
    assert main(arguments) == 0


def test_a_head_is_kept_of_a_model_of_the_same_labels_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_pictures(tmp_path / "mine")
    arguments = ["fit", "--recipe", "anybin6-head", "--labels", "glass,paper", "--data", str(tmp_path / "mine")]
    assert main([*arguments, "--weights", "trashnet6", "--out", str(tmp_path / "run")]) == 2
    assert "has labels ['cardboard', 'glass'" in capsys.readouterr().err
    assert main([*arguments, "--weights", "none", "--out", str(tmp_path / "other")]) == 2
    assert "weights none: head_keep needs a model's .tflite" in capsys.readouterr().err
    assert main([*arguments, "--weights", "trashnet6", "--set", "head_start=random", "--out", str(tmp_path / "o")]) == 2
    assert "epochs = 0 and head_keep are for head_start = probe" in capsys.readouterr().err


def test_the_head_sees_the_layers_that_are_named() -> None:
    settings = Settings(arch="tiny", size=32, weights="none")
    both = build_model(settings.replaced(head_layers=("project2",)), 3)
    assert both.get_layer("logits").get_weights()[0].shape == (24 + 32, 3)
    views = np.random.default_rng(0).integers(0, 255, (4, 32, 32, 3), np.uint8)
    last = predict(head_features(build_model(settings, 3)), views)
    np.testing.assert_allclose(predict(head_features(both), views)[:, :32], last, atol=1e-5)


def test_a_layer_that_is_not_there_is_refused_with_those_that_are() -> None:
    settings = Settings(alpha=0.35, size=32, weights="none", head_layers=("block_99",))
    with pytest.raises(
        SettingsError, match=r"names 'block_99', which is no map of .*; expected a layer such as block_1"
    ):
        build_model(settings, 3)
