"""The image ring: stores the newest images, within its byte budget."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.records.event_row import image_name
from edge.records.image_ring import GIVE_UP_BYTES, ImageRing
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
    ring = ImageRing(tmp_path / "file" / "ring", budget_bytes=100_000)
    assert "no images are stored" in caplog.text
    assert ring.add("x", noise(0)) is None
    assert not ring.give_up()


@pytest.mark.parametrize("kind", ["file", "link", "pipe"])
def test_what_is_no_folder_is_set_aside(tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str) -> None:
    folder = tmp_path / "images"
    make = {"file": lambda: folder.write_text("mine"), "link": lambda: folder.symlink_to("nowhere")}
    make.get(kind, lambda: os.mkfifo(folder))()
    assert ImageRing(folder, budget_bytes=100_000).add("x", noise(0)) == "x.jpg"
    assert os.path.lexists(tmp_path / "images.damaged-1")
    assert "is no folder, kept as" in caplog.text


def test_a_picture_that_cannot_be_written_is_reported_and_not_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ring = ImageRing(tmp_path, budget_bytes=100_000)
    (tmp_path / "x.jpg").mkdir()
    assert ring.add("x", noise(0)) is None
    assert "x.jpg was not stored" in caplog.text
    assert ring.add("z" * 300, noise(0)) is None
    assert ring.add("y", noise(1)) == "y.jpg"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.jpg", "y.jpg"]


def test_a_disk_that_fails_is_reported_once_and_so_is_its_recovery(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = ImageRing(tmp_path, budget_bytes=100_000)

    def fail(part: Path, path: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr("edge.files.state_files.os.replace", fail)
        assert [ring.add(str(number), noise(number)) for number in range(5)] == [None] * 5
    assert [record.message for record in caplog.records] == [
        f"image ring {tmp_path}: 0.jpg was not stored: [Errno 28] No space left on device"
    ]
    assert list(tmp_path.iterdir()) == [], "what was half written takes no room"
    assert ring.add("6", noise(6)) == "6.jpg"
    assert ring.add("7", noise(7)) == "7.jpg"
    assert [record.message for record in caplog.records][1:] == [f"image ring {tmp_path}: images are stored again"]


# --- counting ---------------------------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 40)), max_size=20), st.integers(2_000, 12_000))
def test_what_is_counted_is_what_lies_there_however_often_a_name_comes(
    tmp_path_factory: pytest.TempPathFactory, pictures: list[tuple[str, int]], budget: int
) -> None:
    folder = tmp_path_factory.mktemp("ring")
    ring = ImageRing(folder, budget_bytes=budget)
    for number, (name, side) in enumerate(pictures):
        stored = ring.add(name, noise(number, side))
        assert ring._bytes == sum(ring._sizes.values()) == size_of(folder) <= budget
        assert set(ring._sizes) == {path.name for path in folder.iterdir()}
        assert stored is None or (folder / stored).is_file()


def test_a_name_that_comes_again_costs_no_other_picture(tmp_path: Path) -> None:
    one = len(read_file(ImageRing(tmp_path / "one", budget_bytes=10**6), tmp_path / "one"))
    ring = ImageRing(tmp_path / "ring", budget_bytes=3 * one + one // 2)
    for name in ("a", "b", "c", "c", "c", "c"):
        ring.add(name, noise(0))
    assert sorted(path.name for path in (tmp_path / "ring").iterdir()) == ["a.jpg", "b.jpg", "c.jpg"]


def read_file(ring: ImageRing, folder: Path) -> bytes:
    name = ring.add("x", noise(0))
    assert name is not None
    return (folder / name).read_bytes()


@pytest.mark.parametrize("name", ["", ".", "..", ".hidden", "a/b", "/etc/x", "../x", "a\0b"])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    ring = ImageRing(tmp_path / "ring", budget_bytes=10**6)
    with pytest.raises(ValueError, match="expected the name of a file"):
        ring.add(name, noise(0))
    assert [path.name for path in tmp_path.rglob("*")] == ["ring"]


@pytest.mark.parametrize("name", ["ä ö", "a\nb", "*", "a.b", "[x]", "-rf", "%s"])
def test_a_name_with_odd_characters_is_a_name(tmp_path: Path, name: str) -> None:
    ring = ImageRing(tmp_path, budget_bytes=10**6)
    assert ring.add(name, noise(0)) == f"{name}.jpg"
    assert ImageRing(tmp_path, budget_bytes=10**6)._sizes == ring._sizes == {f"{name}.jpg": size_of(tmp_path)}


def test_links_folders_and_hidden_files_are_neither_counted_nor_deleted(tmp_path: Path) -> None:
    folder, other = tmp_path / "ring", tmp_path / "other.jpg"
    folder.mkdir()
    other.write_bytes(bytes(50_000))
    (folder / "0.jpg").symlink_to(other)
    (folder / "1.jpg").mkdir()
    (folder / "1.jpg" / "mine").write_text("stays")
    (folder / ".2.jpg").write_bytes(bytes(50_000))
    (folder / ".3.part").mkdir()
    os.mkfifo(folder / "4.jpg")
    before = sorted(path.name for path in folder.iterdir())
    ring = ImageRing(folder, budget_bytes=6_000)
    assert ring._bytes == 0
    for number in range(10, 20):
        assert ring.add(f"{number}", noise(number)) is not None
    assert before == sorted(path.name for path in folder.iterdir() if path.name not in ring._sizes)
    assert other.stat().st_size == 50_000


def test_a_picture_is_not_written_through_a_link(tmp_path: Path) -> None:
    folder, other = tmp_path / "ring", tmp_path / "other"
    ring = ImageRing(folder, budget_bytes=10**6)
    other.write_bytes(b"stays")
    for name in ("x.jpg", ".x.jpg.part"):
        (folder / name).symlink_to(other)
    assert ring.add("x", noise(0)) == "x.jpg"
    assert other.read_bytes() == b"stays"
    assert not (folder / "x.jpg").is_symlink()


def test_others_pictures_count_and_go_when_they_are_the_first(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(bytes(5_000))
    ring = ImageRing(tmp_path, budget_bytes=6_000)
    assert ring._bytes == 5_000
    ring.add("s00000001-000001", noise(0))
    assert [path.name for path in tmp_path.iterdir()] == ["s00000001-000001.jpg"]


def test_a_folder_that_is_removed_while_running_is_made_again(tmp_path: Path) -> None:
    ring = ImageRing(tmp_path / "ring", budget_bytes=6_000)
    for number in range(5):
        assert ring.add(f"{number}", noise(number)) is not None
        shutil.rmtree(tmp_path / "ring")


def test_a_picture_that_cannot_be_deleted_does_not_hinder_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = ImageRing(tmp_path, budget_bytes=6_000)
    ring.add("0", noise(0))
    unlink = Path.unlink

    def fail(path: Path, missing_ok: bool = False) -> None:
        if path.name == "0.jpg":
            raise PermissionError(1, "Operation not permitted")
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", fail)
    stored = [ring.add(f"{number}", noise(number)) for number in range(1, 12)]
    assert stored.count(None) < 5
    assert (tmp_path / "0.jpg").exists()
    assert ring._bytes == size_of(tmp_path)


def test_the_last_session_is_known_from_the_names(tmp_path: Path) -> None:
    ring = ImageRing(tmp_path, budget_bytes=10**6)
    assert ring.last_session == 0
    for name in (image_name(7, 1), image_name(12, 3), "x", "s123-000001"):
        ring.add(name, noise(0))
    assert ImageRing(tmp_path, budget_bytes=10**6).last_session == 12


# --- a full disk ------------------------------------------------------------------------------------------------------


class SmallDisk:
    """A disk whose free space is what is left of ``size`` bytes beside the folder's files, and others'."""

    def __init__(self, folder: Path, size: int) -> None:
        self._folder = folder
        self.size = size
        self.others = 0

    def free(self, folder: Path) -> int:
        assert folder == self._folder
        return max(0, self.size - self.others - size_of(folder))


def test_pictures_leave_the_reserve_free(tmp_path: Path) -> None:
    disk = SmallDisk(tmp_path, 30_000)
    ring = ImageRing(tmp_path, budget_bytes=10**9, reserve_bytes=10_000, measure_free=disk.free)
    for number in range(30):
        assert ring.add(f"{number:02d}", noise(number)) is not None
        assert disk.free(tmp_path) >= 10_000
    assert size_of(tmp_path) > 15_000, "and use the rest"
    kept = sorted(path.name for path in tmp_path.iterdir())
    assert kept == [f"{number:02d}.jpg" for number in range(30 - len(kept), 30)], "the oldest went first"


def test_pictures_give_way_to_what_others_write(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    disk = SmallDisk(tmp_path, 30_000)
    ring = ImageRing(tmp_path, budget_bytes=10**9, reserve_bytes=10_000, measure_free=disk.free)
    for number in range(10):
        ring.add(f"{number:02d}", noise(number))
    disk.others = 15_000
    assert ring.add("10", noise(10)) == "10.jpg"
    assert disk.free(tmp_path) >= 10_000
    disk.others = 25_000
    assert ring.add("11", noise(11)) is None
    assert ring.add("12", noise(12)) is None
    assert size_of(tmp_path) == 0
    assert caplog.text.count("less than 0.01 MB are free (event_log.reserve_mb)") == 1
    disk.others = 0
    assert ring.add("13", noise(13)) == "13.jpg"


def test_the_reserve_is_restored_at_the_start(tmp_path: Path) -> None:
    full = ImageRing(tmp_path, budget_bytes=10**9)
    for number in range(10):
        full.add(f"{number:02d}", noise(number))
    disk = SmallDisk(tmp_path, size_of(tmp_path) + 100)
    ImageRing(tmp_path, budget_bytes=10**9, reserve_bytes=6_000, measure_free=disk.free)
    assert disk.free(tmp_path) >= 6_000
    assert "09.jpg" in {path.name for path in tmp_path.iterdir()}


def test_the_oldest_pictures_are_given_up_until_there_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.records.image_ring.GIVE_UP_BYTES", 3_000)
    ring = ImageRing(tmp_path, budget_bytes=10**9)
    for number in range(5):
        ring.add(f"{number}", noise(number))
    given_up = 0
    while ring.give_up():
        given_up += 1
        assert "0.jpg" not in {path.name for path in tmp_path.iterdir()}
    assert 2 <= given_up <= 5
    assert list(tmp_path.iterdir()) == []
    assert ring._bytes == 0


def test_the_disk_is_full_when_giving_pictures_up_would_not_make_more_room(tmp_path: Path) -> None:
    free = {"bytes": GIVE_UP_BYTES}

    def measure(folder: Path) -> int:
        if folder != tmp_path / "images":
            raise AssertionError(folder)
        if free["bytes"] < 0:
            raise OSError("no such device")
        return free["bytes"]

    ring = ImageRing(tmp_path / "images", budget_bytes=10**6, measure_free=measure)
    said = []
    for number in (GIVE_UP_BYTES, GIVE_UP_BYTES - 1, -1):
        free["bytes"] = number
        said.append(ring.is_disk_full())
    assert said == [False, True, False], "what cannot be measured is not known to be full"


def test_its_folder_is_made_with_those_above_it_at_the_start_and_later(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "bin" / "images"
    ring = ImageRing(folder, budget_bytes=10**6)
    assert folder.is_dir()
    shutil.rmtree(tmp_path / "state")
    assert ring.add("1", noise(1)) == "1.jpg"
    assert (folder / "1.jpg").is_file()


def test_pictures_that_cannot_be_deleted_are_passed_over_for_an_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = ImageRing(tmp_path, budget_bytes=10**9)
    for number in range(5):
        ring.add(f"{number}", noise(number))
    unlink = Path.unlink

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path.name in refused:
            raise PermissionError(path)
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    refused = {"0.jpg", "1.jpg"}
    assert ring.give_up()
    assert {path.name for path in tmp_path.iterdir()} == refused
    assert not ring.give_up(), "none of the rest can be"


# --- with their events ------------------------------------------------------------------------------------------------


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_images_go_with_their_events_and_so_do_older_ones_without_an_event(tmp_path: Path) -> None:
    ring = ImageRing(tmp_path, budget_bytes=1_000_000)
    for number in range(1, 7):
        ring.add(f"s1-{number}", np.zeros((8, 8, 3), np.uint8))
    ring.remove(["s1-5.jpg", "../s1-6.jpg", "unknown.jpg"], before=None)
    assert names(tmp_path) == ["s1-1.jpg", "s1-2.jpg", "s1-3.jpg", "s1-4.jpg", "s1-6.jpg"]
    ring.remove([], before="s1-3")
    assert names(tmp_path) == ["s1-3.jpg", "s1-4.jpg", "s1-6.jpg"]
    ring.remove(["s1-6.jpg"], before="s1-4")
    assert names(tmp_path) == ["s1-4.jpg"]


def test_many_old_images_go_a_few_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.records.image_ring.MOST_REMOVED", 2)
    ring = ImageRing(tmp_path, budget_bytes=1_000_000)
    for number in range(1, 6):
        ring.add(f"s1-{number}", np.zeros((8, 8, 3), np.uint8))
    ring.remove([], before="s2")
    assert names(tmp_path) == ["s1-3.jpg", "s1-4.jpg", "s1-5.jpg"]


def test_an_image_that_cannot_be_deleted_is_told_and_kept_in_the_books(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ring = ImageRing(tmp_path, budget_bytes=1_000_000)
    for number in (1, 2):
        ring.add(f"s1-{number}", np.zeros((8, 8, 3), np.uint8))
    (tmp_path / "s1-1.jpg").unlink()
    (tmp_path / "s1-1.jpg").mkdir()
    ring.remove(["s1-1.jpg", "s1-2.jpg"], before=None)
    assert names(tmp_path) == ["s1-1.jpg"]
    ring.remove(["s1-1.jpg"], before=None)
    assert caplog.text.count("s1-1.jpg was not deleted with its event") == 1
    assert ring.add("s1-3", np.zeros((8, 8, 3), np.uint8))
    assert "stored again" not in caplog.text
