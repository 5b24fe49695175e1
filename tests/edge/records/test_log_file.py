"""The files of an event log: what was set aside is found again, renamed as a whole, and told."""

import os
from pathlib import Path

import pytest

from edge.records.log_file import LogFile, mark_repaired, set_aside_logs


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "e.sqlite"


def test_what_was_set_aside_is_found_oldest_first_whatever_was_wrong_with_it(path: Path) -> None:
    names = ["e.sqlite.newer-1", "e.sqlite.damaged-2", "e.sqlite-wal.damaged-1", "e.sqlite.foreign-10"]
    names += ["e.sqlite-journal.damaged-1", "e.sqlite.lock.damaged-1"]
    others = ["e.sqlite", "e.sqlite-wal", "e.sqlite.lock", "e.sqlite.damaged-1.repaired", "e.sqlite.damaged-1-wal"]
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
        "'sorter events --repair' saves its events"
    )
    assert path.with_name("e.sqlite-wal.damaged-1").read_bytes() == b"garbage" * 100
    file.close()
