"""The files of an event log: what was set aside is found again, renamed as a whole, and told."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.records import log_file
from edge.records.log_file import LogFile
from edge.records.repair_command import repair_command
from edge.records.set_aside_logs import mark_repaired, set_aside_logs
from tests.edge.records.test_damaged_log import killed_log_bytes, log_bytes


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "e.sqlite"


def test_what_was_set_aside_is_found_oldest_first_whatever_was_wrong_with_it(path: Path) -> None:
    names = ["e.sqlite.newer-1", "e.sqlite.damaged-2", "e.sqlite-wal.damaged-1", "e.sqlite.foreign-10"]
    names += ["e.sqlite-journal.damaged-1", "e.sqlite.lock.damaged-1", "e.sqlite.damaged-9-wal"]
    others = ["e.sqlite", "e.sqlite-wal", "e.sqlite.lock", "e.sqlite.damaged-1.repaired", "e.sqlite.damaged-2-wal"]
    others += ["f.sqlite.damaged-1", "eXsqlite.damaged-1"]
    for age, name in enumerate([*names, *others]):
        path.with_name(name).touch()
        os.utime(path.with_name(name), (1000 + age, 1000 + age))
    path.with_name("e.sqlite.damaged-7").mkdir()
    assert [one.name for one in set_aside_logs(path)] == names


def test_a_log_is_marked_as_repaired_with_all_that_belongs_to_it(path: Path) -> None:
    aside = path.with_name("e.sqlite.damaged-1")
    for suffix in ("", "-wal", "-journal"):
        aside.with_name(aside.name + suffix).write_text(suffix)
    other = path.with_name("e.sqlite.damaged-10")
    other.touch()
    target = mark_repaired(aside)
    assert target.name == "e.sqlite.damaged-1.repaired"
    found = {one.name: one.read_text() for one in path.parent.iterdir() if one != other}
    assert found == {target.name + suffix: suffix for suffix in ("", "-wal", "-journal")}
    assert other.exists()


def test_a_log_without_a_write_ahead_log_is_marked_alone(path: Path) -> None:
    aside = path.with_name("e.sqlite.damaged-1")
    aside.touch()
    assert [mark_repaired(aside)] == list(path.parent.iterdir())


def test_a_first_start_that_fails_leaves_nothing_to_miss(path: Path) -> None:
    file = LogFile(path)
    file.close()
    file.abandon()
    assert list(path.parent.iterdir()) == []
    file.abandon()
    again = LogFile(path)
    assert again.told is None
    again.close()


@pytest.mark.parametrize("has_content", [False, True])
def test_a_log_that_was_there_or_has_been_begun_is_not_taken_back(path: Path, has_content: bool) -> None:
    if not has_content:
        LogFile(path).close()
    file = LogFile(path)
    if has_content:
        path.write_bytes(b"events")
    file.close()
    file.abandon()
    assert path.with_name("e.sqlite.lock").exists()
    assert path.exists() is has_content


def test_a_part_that_is_kept_is_told_with_what_to_do(path: Path) -> None:
    path.with_name("e.sqlite-wal").write_bytes(b"garbage" * 100)
    file = LogFile(path)
    file.prepare()
    assert file.told == (
        "the newest part of the event log was damaged and is kept as e.sqlite-wal.damaged-1: "
        f"'{repair_command(path)}' saves its events"
    )
    assert path.with_name("e.sqlite-wal.damaged-1").read_bytes() == b"garbage" * 100
    file.close()


def test_logs_that_were_set_aside_earlier_are_told_by_the_newest_names(path: Path) -> None:
    file = LogFile(path)
    file.tell_earlier()
    assert file.told is None
    for number in range(1, 6):
        path.with_name(f"e.sqlite.damaged-{number}").touch()
        os.utime(path.with_name(f"e.sqlite.damaged-{number}"), (1000 + number, 1000 + number))
    file.tell_earlier()
    names = "e.sqlite.damaged-3, e.sqlite.damaged-4, e.sqlite.damaged-5"
    assert file.told == f"event log set aside earlier as {names}: '{repair_command(path)}' saves its events"
    file.tell_missing()
    assert file.told == "the event log was empty or missing, a new one was begun"
    file.tell_earlier()
    assert file.told == "the event log was empty or missing, a new one was begun", "what is newer is told first"
    file.close()


def test_a_log_that_is_set_aside_is_told_in_one_line_with_the_reason(path: Path) -> None:
    file = LogFile(path)
    path.write_bytes(b"events")
    file.set_aside("newer", "it has\n  version 9")
    assert file.told == (
        "event log set aside as e.sqlite.newer-1 (it has version 9), a new one was begun: "
        f"'{repair_command(path)}' saves its events"
    )
    assert path.with_name("e.sqlite.newer-1").read_bytes() == b"events"
    assert not path.exists()
    file.close()


def test_the_last_session_is_found_at_the_end_of_a_long_log(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.records.log_file.TAIL_BYTES", 4096)
    content = log_bytes(30, 2)
    path.write_bytes(content)
    read: list[int] = []
    seen = log_file.salvage_bytes
    monkeypatch.setattr(log_file, "salvage_bytes", lambda part: (read.append(len(part)), seen(part))[1])
    file = LogFile(path)
    file.set_aside("damaged", "for a test")
    assert read == [4096], "the last page alone"
    file.close()


def empty_beside_its_write_ahead_log(path: Path) -> None:
    path.touch()
    path.with_name("e.sqlite-wal").write_bytes(killed_log_bytes(30)[1])


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (Path.mkdir, "it is no file"),
        (lambda path: path.symlink_to("nowhere"), "a link that leads to no event log"),
        (lambda path: path.write_text("what I sorted today"), "it is not a database"),
        (empty_beside_its_write_ahead_log, "it is empty, its write-ahead log is not"),
    ],
    ids=["folder", "link", "text", "empty"],
)
def test_what_is_no_log_is_set_aside_with_the_reason_told(
    path: Path, make: Callable[[Path], object], reason: str
) -> None:
    make(path)
    file = LogFile(path)
    file.prepare()
    assert file.told == (
        f"event log set aside as e.sqlite.damaged-1 ({reason}), a new one was begun: "
        f"'{repair_command(path)}' saves its events"
    )
    assert path.read_bytes() == b""
    file.close()


def test_the_write_ahead_log_of_a_sound_log_stays_with_it(path: Path) -> None:
    content, wal = killed_log_bytes(30)
    path.write_bytes(content)
    path.with_name("e.sqlite-wal").write_bytes(wal)
    path.with_name("e.sqlite.lock").touch()
    file = LogFile(path)
    file.prepare()
    assert file.told is None
    assert path.with_name("e.sqlite-wal").read_bytes() == wal
    file.close()
