"""The image ring: stores the newest images, within its byte budget."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.records.image_ring import ImageRing
from edge.sight.picture import read_picture
from tests.builders.pictures import Pixels, item_picture


def noise(seed: int, side: int = 24) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8)


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


@settings(max_examples=30)
@given(st.integers(0, 12_000), st.lists(st.integers(1, 60), max_size=20), st.integers(0, 20))
def test_the_budget_is_never_exceeded(
    tmp_path_factory: pytest.TempPathFactory, budget: int, sides: list[int], reopen_at: int
) -> None:
    folder = tmp_path_factory.mktemp("ring")
    ring = ImageRing(folder, budget_bytes=budget)
    for number, side in enumerate(sides):
        if number == reopen_at:
            ring = ImageRing(folder, budget_bytes=budget)
        name = ring.add(f"{number:03d}", noise(number, side))
        assert size_of(folder) <= budget
        assert (name is not None) == (folder / f"{number:03d}.jpg").exists()


def test_the_oldest_go_first_also_after_a_restart(tmp_path: Path) -> None:
    ring = ImageRing(tmp_path, budget_bytes=10**9)
    for number in range(4):
        assert ring.add(f"{number}", noise(number)) == f"{number}.jpg"
        # The clock goes backwards meanwhile; the order of the names is what counts.
        os.utime(tmp_path / f"{number}.jpg", (1000.0 - number, 1000.0 - number))
    one = (tmp_path / "0.jpg").stat().st_size
    ring = ImageRing(tmp_path, budget_bytes=4 * one)
    ring.add("4", noise(4))
    kept = {path.name for path in tmp_path.iterdir()}
    assert "4.jpg" in kept
    assert "0.jpg" not in kept
    assert {"2.jpg", "3.jpg"} <= kept
    assert size_of(tmp_path) <= 4 * one


def test_a_picture_comes_back_in_its_colours(tmp_path: Path) -> None:
    pixels = item_picture()
    name = ImageRing(tmp_path, budget_bytes=10**6).add("x", pixels)
    assert name == "x.jpg"
    assert np.abs(read_picture(tmp_path / name).astype(int) - pixels).mean() < 3


def test_no_budget_keeps_nothing_and_makes_no_folder(tmp_path: Path) -> None:
    assert ImageRing(tmp_path / "ring", budget_bytes=0).add("x", noise(0)) is None
    assert list(tmp_path.iterdir()) == []


def test_a_picture_above_the_whole_budget_is_not_kept_and_removes_nothing(tmp_path: Path) -> None:
    small = ImageRing(tmp_path, budget_bytes=4000)
    assert small.add("small", noise(0, 8)) == "small.jpg"
    assert small.add("big", noise(1, 200)) is None
    assert [path.name for path in tmp_path.iterdir()] == ["small.jpg"]


def test_half_written_pictures_are_swept_away_and_others_files_stay(tmp_path: Path) -> None:
    (tmp_path / ".9.part").write_bytes(b"half")
    (tmp_path / "notes.txt").write_text("mine")
    ImageRing(tmp_path, budget_bytes=100_000)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_picture_removed_by_hand_is_no_error(tmp_path: Path) -> None:
    ring = ImageRing(tmp_path, budget_bytes=4000)
    for number in range(6):
        assert ring.add(str(number), noise(number)) is not None
        for path in tmp_path.iterdir():
            path.unlink()


def test_a_folder_that_cannot_be_made_is_reported_and_costs_only_the_pictures(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    ring = ImageRing(tmp_path / "file", budget_bytes=100_000)
    assert "no images are stored" in caplog.text
    assert ring.add("x", noise(0)) is None


def test_a_picture_that_cannot_be_written_is_reported_and_not_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ring = ImageRing(tmp_path, budget_bytes=100_000)
    (tmp_path / ".x.part").mkdir()
    assert ring.add("x", noise(0)) is None
    assert "x.jpg was not stored" in caplog.text
    assert ring.add("y", noise(1)) == "y.jpg"


def test_a_disk_that_fails_is_reported_once_and_so_is_its_recovery(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = ImageRing(tmp_path, budget_bytes=100_000)

    def fail(path: Path, data: bytes) -> int:
        with path.open("wb") as file:
            file.write(data[:10])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(Path, "write_bytes", fail)
        assert [ring.add(str(number), noise(number)) for number in range(5)] == [None] * 5
    assert [record.message for record in caplog.records] == [
        f"image ring {tmp_path}: 0.jpg was not stored: [Errno 28] No space left on device"
    ]
    assert list(tmp_path.iterdir()) == [], "what was half written takes no room"
    assert ring.add("6", noise(6)) == "6.jpg"
    assert ring.add("7", noise(7)) == "7.jpg"
    assert [record.message for record in caplog.records][1:] == [f"image ring {tmp_path}: images are stored again"]
