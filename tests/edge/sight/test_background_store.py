"""Saving the background model: atomic, and read only if it fits."""

from pathlib import Path

import numpy as np
import pytest

from edge.sight.background import BackgroundModel
from edge.sight.background_store import SAVE_S, BackgroundStore

SHAPE = (120, 160, 3)


def tray(level: float = 60.0) -> BackgroundModel:
    return BackgroundModel(np.full(SHAPE, level, np.float32), 0.9)


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    BackgroundStore(tmp_path / "new" / "tray.npz").save(tray(61.3))
    found = BackgroundStore(tmp_path / "new" / "tray.npz").load(SHAPE)
    assert found is not None
    # Half precision: far below the noise of any camera.
    assert found.mean == pytest.approx(np.full(SHAPE, 61.3), abs=0.02)
    assert found.noise == pytest.approx(0.9)
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["tray.npz"]


def test_there_is_none_at_first(tmp_path: Path) -> None:
    assert BackgroundStore(tmp_path / "tray.npz").load(SHAPE) is None


@pytest.mark.parametrize(
    "damage", [b"", b"PK\x03\x04 half a zip", b"not a file of ours" * 100], ids=["empty", "half", "other"]
)
def test_a_damaged_file_is_reported_and_left(tmp_path: Path, damage: bytes, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "tray.npz").write_bytes(damage)
    assert BackgroundStore(tmp_path / "tray.npz").load(SHAPE) is None
    assert "learnt again" in caplog.text


@pytest.mark.parametrize(
    "other",
    [
        BackgroundModel(np.zeros((90, 160, 3), np.float32), 1.0),
        BackgroundModel(np.full(SHAPE, np.nan, np.float32), 1.0),
    ],
)
def test_another_cameras_tray_is_reported_and_left(
    tmp_path: Path, other: BackgroundModel, caplog: pytest.LogCaptureFixture
) -> None:
    BackgroundStore(tmp_path / "tray.npz").save(other)
    assert BackgroundStore(tmp_path / "tray.npz").load(SHAPE) is None
    assert "another camera setting" in caplog.text


def test_it_is_written_once_it_is_known_and_then_now_and_then(tmp_path: Path) -> None:
    file = tmp_path / "tray.npz"
    memory = BackgroundStore(file)
    memory.save_if_due(None, 0.0)
    assert not file.exists()
    memory.save_if_due(tray(10), 5.0)
    levels = []
    for time_s in (6.0, 5.0 + SAVE_S - 1, 5.0 + SAVE_S):
        memory.save_if_due(tray(time_s), time_s)
        found = BackgroundStore(file).load(SHAPE)
        assert found is not None
        levels.append(float(found.mean[0, 0, 0]))
    assert levels == [10.0, 10.0, pytest.approx(5.0 + SAVE_S, rel=1e-3)]


def test_a_disk_that_fails_is_reported_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "no").write_text("a file where a folder should be")
    memory = BackgroundStore(tmp_path / "no" / "tray.npz")
    memory.save(tray())
    memory.save(tray())
    assert caplog.text.count("cannot be written") == 1
