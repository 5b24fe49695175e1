"""Saving the background model: atomic, and read only if it fits."""

import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.sight.background import BackgroundModel
from edge.sight.background_store import MAX_FILE_BYTES, SAVE_S, BackgroundStore

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


def npz(**arrays: object) -> bytes:
    data = io.BytesIO()
    np.savez_compressed(data, **arrays)  # type: ignore[arg-type]
    return data.getvalue()


def zip_of(**members: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return data.getvalue()


def npy_header(shape: str) -> bytes:
    text = f"{{'descr': '<f2', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


MEAN = np.zeros(SHAPE, np.float16)

DAMAGED = {
    "empty": b"",
    "half a zip": b"PK\x03\x04 half a zip",
    "other": b"not a file of ours" * 100,
    "large": b"\x00" * (MAX_FILE_BYTES + 1),
    "no mean": npz(noise=1.0),
    "no noise": npz(mean=MEAN),
    "not finite": npz(mean=np.full(SHAPE, np.nan, np.float16), noise=1.0),
    "out of range": npz(mean=np.full(SHAPE, 1000, np.float16), noise=1.0),
    "whole numbers": npz(mean=np.zeros(SHAPE, np.int64), noise=1.0),
    "objects": npz(mean=np.array([{"a": 1}], dtype=object), noise=1.0),
    "texts": npz(mean=np.array(["a"]), noise=1.0),
    "noise not positive": npz(mean=MEAN, noise=-1.0),
    "noise of several": npz(mean=MEAN, noise=np.ones(3)),
    "bomb": zip_of(mean=b"\x00" * (MAX_FILE_BYTES + 1), noise=b""),
    "huge shape": zip_of(mean=npy_header("(1000000, 1000000, 3)"), noise=npy_header("()")),
    "no shape": zip_of(mean=npy_header("(((((("), noise=npy_header("()")),
    "no array": zip_of(mean=b"", noise=b""),
}


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_is_set_aside_told_once_and_learnt_anew(
    tmp_path: Path, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "tray.npz"
    file.write_bytes(damage)
    assert BackgroundStore(file).load(SHAPE) is None
    assert "kept as tray.npz.damaged-1, the empty tray is learnt again" in caplog.text
    assert (tmp_path / "tray.npz.damaged-1").read_bytes() == damage
    caplog.clear()
    assert BackgroundStore(file).load(SHAPE) is None
    BackgroundStore(file).save(tray(50))
    assert BackgroundStore(file).load(SHAPE) is not None
    assert caplog.text == ""


@pytest.fixture(scope="module")
def sound() -> bytes:
    random = np.random.default_rng(1)
    return npz(mean=random.normal(50, 5, SHAPE).astype(np.float16), noise=0.9)


@settings(max_examples=200)
@given(data=st.data())
def test_whatever_happens_to_the_bytes_it_loads_as_it_was_or_is_set_aside(
    tmp_path_factory: pytest.TempPathFactory, sound: bytes, data: st.DataObject
) -> None:
    content = bytearray(sound)
    for position in data.draw(st.lists(st.integers(0, 8 * len(sound) - 1), max_size=64)):
        content[position // 8] ^= 1 << position % 8
    content = content[: data.draw(st.one_of(st.just(len(sound)), st.integers(0, len(sound))))]
    file = tmp_path_factory.mktemp("state") / "tray.npz"
    file.write_bytes(content)
    found = BackgroundStore(file).load(SHAPE)
    if found is None:
        assert not file.exists()
    else:
        file.write_bytes(sound)
        expected = BackgroundStore(file).load(SHAPE)
        assert expected is not None
        assert np.array_equal(found.mean, expected.mean)
        assert found.noise == expected.noise


def test_another_cameras_tray_is_reported_and_stays_until_it_is_learnt(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    BackgroundStore(tmp_path / "tray.npz").save(BackgroundModel(np.zeros((90, 160, 3), np.float32), 1.0))
    assert BackgroundStore(tmp_path / "tray.npz").load(SHAPE) is None
    assert "another camera setting" in caplog.text
    assert [path.name for path in tmp_path.iterdir()] == ["tray.npz"]


def test_what_is_known_to_be_of_another_tray_is_not_used_even_if_it_fits(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "tray.npz"
    BackgroundStore(file, tray="sim of seed 0").save(tray(10))
    assert BackgroundStore(file, tray="sim of seed 5").load(SHAPE) is None
    assert "is of another tray (sim of seed 0), the empty tray is learnt again" in caplog.text
    assert BackgroundStore(file, tray="sim of seed 0").load(SHAPE) is not None
    assert BackgroundStore(file).load(SHAPE) is not None, "who does not know its tray takes any"
    BackgroundStore(file, tray="sim of seed 5").save(tray(20))
    assert BackgroundStore(file, tray="sim of seed 5").load(SHAPE) is not None
    assert BackgroundStore(file, tray="sim of seed 0").load(SHAPE) is None


def test_a_file_of_an_earlier_release_does_not_say_its_tray_and_is_used(tmp_path: Path) -> None:
    (tmp_path / "tray.npz").write_bytes(npz(mean=MEAN, noise=1.0))
    assert BackgroundStore(tmp_path / "tray.npz", tray="opencv").load(SHAPE) is not None


def test_an_earlier_release_reads_a_file_that_says_its_tray(tmp_path: Path) -> None:
    BackgroundStore(tmp_path / "tray.npz", tray="folder " + "ä" * 1000).save(tray(10))
    assert BackgroundStore(tmp_path / "tray.npz", tray="folder " + "ä" * 1000).load(SHAPE) is not None
    with np.load(tmp_path / "tray.npz") as arrays:
        assert arrays["mean"].shape == SHAPE
        assert float(arrays["noise"]) == pytest.approx(0.9)


def test_what_is_no_file_is_set_aside_and_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "tray.npz"
    for number, make in enumerate((file.mkdir, lambda: os.mkfifo(file), lambda: file.symlink_to("nowhere")), start=1):
        make()
        assert BackgroundStore(file).load(SHAPE) is None
        assert os.path.lexists(tmp_path / f"tray.npz.damaged-{number}")
        assert not os.path.lexists(file)


def test_a_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    others = [tmp_path / "elsewhere.npz", tmp_path / "part"]
    for name, other in zip(("tray.npz", ".tray.npz.part"), others, strict=True):
        other.write_bytes(b"of another")
        (tmp_path / "state" / name).symlink_to(other)
    memory = BackgroundStore(tmp_path / "state" / "tray.npz")
    memory.save(tray())
    assert [other.read_bytes() for other in others] == [b"of another"] * 2
    assert memory.load(SHAPE) is not None
    assert not (tmp_path / "state" / "tray.npz").is_symlink()


def test_a_folder_that_comes_while_the_bin_runs_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "tray.npz").mkdir()
    (tmp_path / "tray.npz" / "mine").write_text("kept")
    BackgroundStore(tmp_path / "tray.npz").save(tray())
    assert BackgroundStore(tmp_path / "tray.npz").load(SHAPE) is not None
    assert (tmp_path / "tray.npz.damaged-1" / "mine").read_text() == "kept"


def test_it_is_on_the_disk_before_it_takes_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    for name in ("fsync", "replace"):
        real = getattr(os, name)
        monkeypatch.setattr(os, name, lambda *a, name=name, real=real: (calls.append(name), real(*a)))
    BackgroundStore(tmp_path / "tray.npz").save(tray())
    assert calls == ["fsync", "replace", "fsync"], "the file, its name, the folder"


def test_it_is_written_once_it_is_known_and_then_now_and_then(tmp_path: Path) -> None:
    file = tmp_path / "tray.npz"
    memory = BackgroundStore(file)
    memory.save_if_due(None, 0.0)
    assert not file.exists()
    memory.save_if_due(tray(10), 5.0)
    levels = []
    for time_s in (6.0, 5.0 + SAVE_S - 1, 5.0 + SAVE_S):
        memory.save_if_due(tray(time_s / 100), time_s)
        found = BackgroundStore(file).load(SHAPE)
        assert found is not None
        levels.append(float(found.mean[0, 0, 0]))
    assert levels == [10.0, 10.0, pytest.approx((5.0 + SAVE_S) / 100, rel=1e-3)]


def test_it_is_written_by_whom_it_is_told(tmp_path: Path) -> None:
    asked: list[Callable[[], None]] = []
    memory = BackgroundStore(tmp_path / "tray.npz", run=asked.append)
    for time_s in (0.0, 1.0):
        memory.save_if_due(tray(10), time_s)
    assert not (tmp_path / "tray.npz").exists()
    (write,) = asked
    write()
    assert BackgroundStore(tmp_path / "tray.npz").load(SHAPE) is not None


def test_a_disk_that_fails_is_reported_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "no").write_text("a file where a folder should be")
    memory = BackgroundStore(tmp_path / "no" / "tray.npz")
    memory.save(tray())
    memory.save(tray())
    assert caplog.text.count("cannot be written") == 1
