"""What is in the way is set aside by name; what is written is written whole."""

import errno
import os
import stat
from pathlib import Path

import numpy as np
import pytest

from edge.errors import EventLogError
from edge.files.state_files import MOST_DISPOSABLE, set_aside, write_whole
from edge.records.event_log import EventLog
from edge.records.image_ring import ImageRing
from edge.sight.background import BackgroundModel
from edge.sight.background_store import BackgroundStore
from tests.builders.pictures import item_picture


def test_what_is_set_aside_gets_the_next_free_name_and_nothing_is_overwritten(tmp_path: Path) -> None:
    for number in range(1, 6):
        (tmp_path / "log").write_text(f"{number}")
        assert set_aside(tmp_path / "log") == tmp_path / f"log.damaged-{number}"
    assert [(tmp_path / f"log.damaged-{number}").read_text() for number in range(1, 6)] == list("12345")
    (tmp_path / "log").write_text("other")
    assert set_aside(tmp_path / "log", "foreign").name == "log.foreign-1"


def test_of_what_is_disposable_the_newest_few_are_kept(tmp_path: Path) -> None:
    for number in range(1, 8):
        (tmp_path / "tray").write_text(f"{number}")
        os.utime(tmp_path / "tray", (number, number))
        set_aside(tmp_path / "tray", most=MOST_DISPOSABLE)
    assert sorted(path.read_text() for path in tmp_path.iterdir()) == ["5", "6", "7"]


def test_a_folder_is_set_aside_whole_and_never_deleted(tmp_path: Path) -> None:
    for number in range(1, MOST_DISPOSABLE + 3):
        (tmp_path / "tray").mkdir()
        (tmp_path / "tray" / "mine").write_text(f"{number}")
        assert (set_aside(tmp_path / "tray", most=MOST_DISPOSABLE) / "mine").read_text() == f"{number}"
    assert len(list(tmp_path.iterdir())) == MOST_DISPOSABLE + 2


def test_a_link_is_set_aside_itself(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("stays")
    (tmp_path / "tray").symlink_to(tmp_path / "other")
    assert set_aside(tmp_path / "tray").is_symlink()
    assert (tmp_path / "other").read_text() == "stays"


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_whole(tmp_path / "file", b"old", durable=True)

    def fail(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("edge.files.state_files.os.fsync", fail)
    with pytest.raises(OSError, match="No space"):
        write_whole(tmp_path / "file", b"new", durable=True)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]


@pytest.mark.parametrize("leftover", ["file", "folder", "link"])
def test_a_leftover_of_a_write_is_no_obstacle(tmp_path: Path, leftover: str) -> None:
    part = tmp_path / ".file.part"
    (tmp_path / "other").write_bytes(b"stays")
    if leftover == "folder":
        (part / "deep").mkdir(parents=True)
    elif leftover == "link":
        part.symlink_to("other")
    else:
        part.write_bytes(b"half")
    write_whole(tmp_path / "file", b"new", durable=False)
    assert (tmp_path / "file").read_bytes() == b"new"
    assert (tmp_path / "other").read_bytes() == b"stays"
    assert not os.path.lexists(part)


@pytest.fixture
def device(tmp_path: Path) -> Path:
    """The same device as /dev/null, which itself must not be put at risk."""
    path = tmp_path / "null"
    try:
        os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("only root may make a device")
    return path


def test_a_device_is_neither_set_aside_nor_replaced(device: Path) -> None:
    for act in (lambda: set_aside(device), lambda: write_whole(device, b"x", durable=False)):
        with pytest.raises(OSError, match="is a device, expected a file"):
            act()
    assert [path.name for path in device.parent.iterdir()] == ["null"]
    assert stat.S_ISCHR(device.lstat().st_mode)


def test_no_state_takes_the_place_of_a_device(device: Path) -> None:
    with pytest.raises(EventLogError, match="is a device"):
        EventLog(device)
    ImageRing(device, budget_bytes=10**6).add("a", item_picture())
    store = BackgroundStore(device)
    assert store.load((90, 120, 3)) is None
    store.save(BackgroundModel(np.zeros((90, 120, 3), np.float32), 1.0))
    assert [path.name for path in device.parent.iterdir()] == ["null"]
