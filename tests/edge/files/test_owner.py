"""What root writes in a folder of another user goes nowhere that this user may not write."""

import os
import threading
from pathlib import Path

import numpy as np
import pytest

from edge.calibrate.config_writer import ConfigWriter, write_atomic
from edge.calibrate.proposal import Proposal
from edge.errors import EventLogError, TaughtSetError
from edge.files.owner import find_owner, make_folder, rights_of_owner
from edge.files.state_files import set_aside, write_whole
from edge.records.event_log import EventLog
from edge.records.image_ring import ImageRing
from tests.builders.configuration import write_config
from tests.builders.teaching import open_set, taught_picture, teach

OTHER = 12345
"""Number of a user who is not root; it need not have a name."""

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root's rights change")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder that everybody may pass through; pytest's own are root's alone."""
    folder = tmp_path
    while folder != folder.parent:
        folder.chmod(folder.stat().st_mode | 0o011)
        folder = folder.parent
    return tmp_path


@pytest.fixture
def taken(place: Path) -> Path:
    """The state folder of a service that an attacker has taken over."""
    folder = place / "state"
    folder.mkdir()
    os.chown(folder, OTHER, OTHER)
    return folder


@pytest.fixture
def victim(place: Path) -> Path:
    """A folder of root with a file in it, which nothing may change."""
    folder = place / "etc"
    folder.mkdir(mode=0o755)
    (folder / "passwd").write_bytes(b"root")
    return folder


def plant(link: Path, target: Path) -> None:
    link.symlink_to(target)
    os.chown(link, OTHER, OTHER, follow_symlinks=False)


def unchanged(victim: Path) -> bool:
    return {one.name: one.read_bytes() for one in victim.iterdir()} == {"passwd": b"root"}


@as_root
@pytest.mark.parametrize("name", ["picture.png", ".picture.png.part", "picture.png.part"])
def test_a_link_in_place_of_a_file_leads_nowhere(name: str, taken: Path, victim: Path) -> None:
    plant(taken / name, victim / "passwd")
    write_atomic(taken / "picture.png", b"new")
    assert (taken / "picture.png").read_bytes() == b"new"
    assert unchanged(victim)


@as_root
def test_a_link_in_place_of_a_folder_is_not_written_through(taken: Path, victim: Path) -> None:
    plant(taken / "pictures", victim)
    for path in (taken / "pictures" / "new.png", taken / "pictures" / "deeper" / "new.png"):
        with pytest.raises(PermissionError):
            write_atomic(path, b"new")
    with pytest.raises(PermissionError):
        write_whole(taken / "pictures" / "passwd", b"new", durable=False)
    with pytest.raises(PermissionError):
        set_aside(taken / "pictures" / "passwd")
    assert unchanged(victim)


@as_root
@pytest.mark.parametrize("link", ["logs", "logs/events.sqlite"])
def test_root_begins_no_event_log_through_a_link_of_the_service(link: str, taken: Path, victim: Path) -> None:
    other = taken.parent / "logs"
    EventLog(other / "events.sqlite").close()
    log = taken / "logs" / "events.sqlite"
    if link == "logs":
        plant(log.parent, victim)
    else:
        # A log that root may write, beside which nothing has been locked yet.
        os.rename(other / "events.sqlite", victim.parent / "log")
        log.parent.mkdir()
        os.chown(log.parent, OTHER, OTHER)
        plant(log, victim.parent / "log")
    with pytest.raises(EventLogError, match="ermission denied"):
        EventLog(log)
    assert unchanged(victim)
    assert not (victim.parent / "log.lock").exists()


@as_root
def test_root_begins_the_event_log_of_the_service(taken: Path) -> None:
    log = taken / "logs" / "events.sqlite"
    for _ in range(2):
        EventLog(log).close()
        assert {one.stat().st_uid for one in log.parent.iterdir()} == {OTHER}


@as_root
def test_what_calibrate_writes_as_root_follows_no_link_of_the_service(place: Path, taken: Path, victim: Path) -> None:
    plant(taken / ".empty-tray.png.part", victim / "passwd")
    plant(taken / "pictures", victim)
    config = write_config(place / "sorter.yaml")
    proposal = Proposal({("camera", "fps"): 14}, {taken / "empty-tray.png": b"tray"})
    ConfigWriter(config).write(proposal)
    assert (taken / "empty-tray.png").read_bytes() == b"tray"
    assert (taken / "empty-tray.png").stat().st_uid == OTHER
    assert config.stat().st_uid == 0
    with pytest.raises(Exception, match="cannot be written, it is unchanged"):
        ConfigWriter(config).write(Proposal({("camera", "fps"): 13}, {taken / "pictures" / "passwd": b"new"}))
    assert "fps: 14" in config.read_text()
    assert unchanged(victim)


@as_root
def test_what_is_written_and_made_belongs_to_the_owner_of_the_place(taken: Path) -> None:
    make_folder(taken / "a" / "b")
    write_whole(taken / "a" / "b" / "file", b"new", durable=True)
    for path in (taken / "a", taken / "a" / "b", taken / "a" / "b" / "file"):
        assert (path.stat().st_uid, path.stat().st_gid) == (OTHER, OTHER)


@as_root
def test_pictures_do_not_go_through_a_link_in_place_of_their_folder(taken: Path, victim: Path) -> None:
    plant(taken / "images", victim)
    for name in ("0.jpg", ".0.jpg.part"):
        (victim / name).write_bytes(bytes(2000))
    before = sorted(victim.iterdir())
    ring = ImageRing(taken / "images", budget_bytes=1000)
    assert ring.add("1", np.zeros((8, 8, 3), np.uint8)) is None
    assert sorted(victim.iterdir()) == before


@as_root
def test_root_teaches_with_the_rights_of_the_folders_owner(taken: Path, victim: Path) -> None:
    plant(taken / "teaching", victim)
    with pytest.raises(TaughtSetError, match=r"ermission denied|unable to open"):
        open_set(taken / "teaching")
    assert unchanged(victim)
    folder = taken / "own"
    folder.mkdir()
    os.chown(folder, OTHER, OTHER)
    plant(folder / "taught.sqlite", victim / "passwd")
    plant(folder / "taught.sqlite-journal", victim / "passwd")
    with open_set(folder) as taught:
        teach(taught, taught_picture())
        assert taught.path.stat().st_uid == OTHER
    assert unchanged(victim)


@as_root
def test_a_folder_of_root_keeps_the_rights_of_root(place: Path, victim: Path, taken: Path) -> None:
    ours = taken / "made-by-root-before"
    ours.mkdir()
    for folder in (victim, ours):
        with rights_of_owner(folder / "missing"):
            (folder / "new").write_bytes(b"")
        assert (folder / "new").stat().st_uid == 0
    (place / "link").symlink_to(victim)
    assert find_owner(place / "link") == (0, 0), "a link of root's own"


@as_root
def test_the_rights_come_back_and_other_threads_keep_theirs(taken: Path, victim: Path) -> None:
    begin, written = threading.Event(), threading.Event()

    def write() -> None:
        begin.wait(10)
        (victim / "thread").write_bytes(b"")
        written.set()

    def may_write() -> bool:
        try:
            (victim / "new").write_bytes(b"")
        except PermissionError:
            return False
        return True

    thread = threading.Thread(target=write)
    thread.start()
    with rights_of_owner(taken):
        begin.set()
        assert written.wait(10)
        with rights_of_owner(taken):
            assert not may_write()
        assert not may_write()
    assert may_write()
    thread.join()


def test_links_in_a_circle_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    if os.geteuid() == 0:
        with pytest.raises(OSError, match="symbolic links"):
            find_owner(tmp_path / "a" / "c")
    else:
        assert find_owner(tmp_path / "a" / "c")[0] == os.geteuid()


def test_the_owner_of_what_is_missing_is_that_of_the_folder_above(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "there").mkdir()
    monkeypatch.chdir(tmp_path)
    expected = (tmp_path.stat().st_uid, tmp_path.stat().st_gid)
    for folder in ("there/a/b", "there/../there", ".", "there"):
        assert find_owner(Path(folder)) == expected
    with rights_of_owner(Path("there")):
        Path("there/file").touch()
