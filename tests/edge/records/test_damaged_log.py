"""A damaged, foreign or missing event log: set aside by name, a new one begun, told; its events can be saved."""

import os
import random
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.errors import EventLogError
from edge.records.event_log import MOST_REPLACEMENTS, EventLog
from edge.records.event_schema import SCHEMA_VERSION
from edge.records.salvage import salvage
from edge.records.set_aside_logs import mark_repaired
from tests.builders.values import make_event

PAGE = 4096

EVENTS = 120


def numbers(log: EventLog) -> list[tuple[int, int]]:
    return [(event["session"], event["number"]) for event in log.events()]


@cache
def log_bytes(events: int, sessions: int) -> bytes:
    """A log that was ended properly. Made once: each event waits for the disk."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "e.sqlite"
        add_sessions(path, events, sessions)
        return path.read_bytes()


def write_log(path: Path, events: int = EVENTS, *, sessions: int = 1) -> None:
    if os.path.lexists(path):
        add_sessions(path, events, sessions)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(log_bytes(events, sessions))
    path.with_name(f"{path.name}.lock").touch()


def add_sessions(path: Path, events: int, sessions: int) -> None:
    for _ in range(sessions):
        with EventLog(path) as log:
            log.start_session(wall_s=1000.0, model="m")
            for number in range(1, events + 1):
                event = make_event(number, wall_s=1000.0 + 1000 * log.session + number)
                log.record(replace(event, image=f"picture-{number:03d}.jpg"))
                log.record_outcome(number, "done")
            log.end_session(wall_s=2000.0)


@cache
def killed_log_bytes(events: int) -> tuple[bytes, bytes]:
    """A log and its write-ahead log as a process leaves them that was killed."""
    with TemporaryDirectory() as folder, EventLog(Path(folder) / "e.sqlite") as log:
        log.start_session(wall_s=1000.0, model="m")
        for number in range(1, events + 1):
            log.record(make_event(number))
        return log.path.read_bytes(), log.path.with_name("e.sqlite-wal").read_bytes()


def write_killed_log(path: Path, events: int = EVENTS) -> None:
    """As a process leaves it that was killed: the newest events are in the write-ahead log only."""
    for suffix, content in zip(("", "-wal"), killed_log_bytes(events), strict=True):
        path.with_name(path.name + suffix).write_bytes(content)


def overwrite(path: Path, at: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(content)


def contents(folder: Path) -> dict[str, bytes]:
    """What lies in a folder, but for the two files that SQLite makes for itself to read another."""
    return {
        path.name: path.read_bytes() if path.is_file() else b""
        for path in folder.iterdir()
        if not path.name.endswith(("-wal", "-shm"))
    }


# --- what is no event log ---------------------------------------------------------------------------------------------


def foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE cake (slice)")
        database.commit()


def newer(path: Path) -> None:
    write_log(path)
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")


def renamed_column(path: Path) -> None:
    write_log(path)
    with closing(sqlite3.connect(path)) as database:
        database.execute("ALTER TABLE event RENAME COLUMN label TO lebal")


def with_trigger(path: Path) -> None:
    write_log(path)
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TRIGGER deny BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, 'no'); END")


def header(at: int, content: bytes) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        write_log(path)
        overwrite(path, at, content)

    return damage


def cut(path: Path) -> None:
    write_log(path)
    path.write_bytes(path.read_bytes()[: 5 * PAGE + 100])


def zeroed_page(path: Path) -> None:
    write_log(path)
    overwrite(path, 4 * PAGE, bytes(PAGE))


def link_in_a_circle(path: Path) -> None:
    path.symlink_to(path.name)


BAD: dict[str, tuple[Callable[[Path], None], str]] = {
    "folder": (Path.mkdir, "damaged"),
    "pipe": (os.mkfifo, "damaged"),
    "text": (lambda path: path.write_text("what I sorted today\n" * 100) and None, "damaged"),
    "short text": (lambda path: path.write_text("a") and None, "damaged"),
    "zeros": (lambda path: path.write_bytes(bytes(PAGE)) and None, "damaged"),
    "foreign": (foreign, "foreign"),
    "newer": (newer, "newer"),
    "other columns": (renamed_column, "damaged"),
    "trigger": (with_trigger, "foreign"),
    "cut": (cut, "damaged"),
    "zeroed page": (zeroed_page, "damaged"),
    "another application": (header(68, b"Cake"), "foreign"),
    "older than any": (header(60, bytes(4)), "damaged"),
    "encoding": (header(56, b"\x00\x00\x00\x02"), "damaged"),
    "write version": (header(18, b"\x07"), "damaged"),
    "page size": (header(16, b"\x10\x01"), "damaged"),
    "reserved space": (header(20, b"\x40"), "damaged"),
    "dangling link": (lambda path: path.symlink_to("nowhere/log.sqlite"), "damaged"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_sound_log_is_set_aside_as_it_is_and_a_new_one_begun(tmp_path: Path, name: str) -> None:
    path = tmp_path / "e.sqlite"
    make, kind = BAD[name]
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with EventLog(path) as log:
        assert log.notice is not None
        assert f"e.sqlite.{kind}-1" in log.notice
        assert log.start_session(wall_s=1.0, model="m"), "nobody knows where the flaps are"
        log.record(make_event(1))
        log.end_session(wall_s=2.0)
    aside = tmp_path / f"e.sqlite.{kind}-1"
    assert os.path.lexists(aside)
    if before is not None:
        assert aside.read_bytes() == before
    with EventLog(path) as log:
        assert log.notice is None
        assert not log.start_session(wall_s=3.0, model="m"), "the flaps were home at the clean stop"
        listed = aside.is_file()  # of a folder, or a link that leads nowhere, there is nothing to save
        assert (f"e.sqlite.{kind}-1" in (log.notice or "")) is listed, "told until it is repaired"
        assert [number for _, number in numbers(log)] == [1]
        assert log.integrity() == "ok"


def test_a_log_that_was_set_aside_is_told_at_every_start_until_it_is_repaired(tmp_path: Path) -> None:
    path = tmp_path / "e.sqlite"
    write_log(path, 3)
    overwrite(path, 0, b"garbage")
    told = []
    for run in range(4):
        with EventLog(path) as log:
            log.start_session(wall_s=1000.0 + run, model="m")
            told.append(log.notice)
            log.end_session(wall_s=1000.5 + run)
        if run == 2:
            mark_repaired(tmp_path / "e.sqlite.damaged-1")
    assert all("e.sqlite.damaged-1" in (notice or "") for notice in told[:3])
    assert told[3] is None


def test_of_a_log_that_is_missing_the_write_ahead_log_is_told_by_its_own_name(tmp_path: Path) -> None:
    path = tmp_path / "e.sqlite"
    write_killed_log(path)
    path.unlink()
    with EventLog(path) as log:
        (kept,) = tmp_path.glob("e.sqlite*.damaged-*")
        assert kept.name == "e.sqlite.damaged-1-wal"
        assert f"set aside as {kept.name} (" in (log.notice or "")


@pytest.mark.parametrize("name", ["folder", "text", "foreign", "newer", "other columns", "zeros", "encoding"])
def test_a_reader_changes_nothing_of_what_is_no_sound_log(tmp_path: Path, name: str) -> None:
    path = tmp_path / "e.sqlite"
    BAD[name][0](path)
    before = contents(tmp_path)
    with pytest.raises(EventLogError, match=r"e\.sqlite"), EventLog(path, read_only=True) as log:
        list(log.events())
    assert contents(tmp_path) == before


def test_every_log_that_is_set_aside_keeps_a_name_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "e.sqlite"
    for number in range(1, 8):
        path.write_text(f"text {number}")
        EventLog(path).close()
    assert [(tmp_path / f"e.sqlite.damaged-{number}").read_text() for number in range(1, 8)] == [
        f"text {number}" for number in range(1, 8)
    ]


@pytest.mark.parametrize("missing", [True, False])
def test_a_log_that_is_gone_or_emptied_is_told_and_the_flaps_count_as_open(tmp_path: Path, missing: bool) -> None:
    path = tmp_path / "e.sqlite"
    write_log(path)
    path.unlink() if missing else path.write_bytes(b"")
    with EventLog(path) as log:
        assert log.notice == "the event log was empty or missing, a new one was begun"
        assert log.start_session(wall_s=1.0, model="m")
    with EventLog(tmp_path / "new.sqlite") as log:
        assert log.notice is None
        assert not log.start_session(wall_s=1.0, model="m")


@pytest.mark.parametrize("suffix", ["-wal", "-shm", "-journal", ".lock"])
@pytest.mark.parametrize("kind", ["folder", "pipe", "link", "garbage"])
def test_whatever_has_the_name_of_one_of_its_files_does_not_hinder_it(tmp_path: Path, suffix: str, kind: str) -> None:
    path, other = tmp_path / "e.sqlite", tmp_path / "other"
    write_log(path)
    other.write_bytes(b"stays")
    beside = tmp_path / f"e.sqlite{suffix}"
    beside.unlink(missing_ok=True)
    if kind == "folder":
        beside.mkdir()
    elif kind == "pipe":
        os.mkfifo(beside)
    elif kind == "link":
        beside.symlink_to(other)
    else:
        beside.write_bytes(random.Random(suffix).randbytes(20_000))
    with EventLog(path) as log:
        log.start_session(wall_s=1.0, model="m")
        log.record(make_event(1))
        assert len(numbers(log)) == EVENTS + 1
        assert log.integrity() == "ok"
    assert other.read_bytes() == b"stays"
    with EventLog(path) as log:
        assert len(numbers(log)) == EVENTS + 1


@pytest.mark.parametrize("kind", ["text", "foreign", "pipe", "folder", "circle", "two steps"])
def test_nothing_is_done_to_what_a_link_leads_to(tmp_path: Path, kind: str) -> None:
    """A link may lead anywhere: to a device, to a file that matters to the whole machine."""
    outside, path = tmp_path / "outside", tmp_path / "state" / "e.sqlite"
    outside.mkdir()
    path.parent.mkdir()
    target = outside / "precious"
    if kind == "foreign":
        foreign(target)
    elif kind == "pipe":
        os.mkfifo(target)
    elif kind == "folder":
        (target / "deep").mkdir(parents=True)
    else:
        target.write_text("precious")
    path.symlink_to(path.name if kind == "circle" else target)
    if kind == "two steps":
        path.unlink()
        path.with_name("step").symlink_to(target)
        path.symlink_to("step")
    before = {one: (one.lstat().st_ino, one.lstat().st_mtime_ns) for one in outside.rglob("*")}
    with EventLog(path) as log:
        assert "e.sqlite.damaged-1" in (log.notice or "")
        log.start_session(wall_s=1.0, model="m")
        log.record(make_event(1))
    assert path.is_file()
    assert not path.is_symlink()
    assert path.with_name("e.sqlite.damaged-1").is_symlink()
    assert {one: (one.lstat().st_ino, one.lstat().st_mtime_ns) for one in outside.rglob("*")} == before


def test_a_link_to_an_event_log_is_followed_until_that_is_damaged(tmp_path: Path) -> None:
    """A disk of its own for the log; when that fails, the log goes on where the link was."""
    outside, path = tmp_path / "outside" / "log.sqlite", tmp_path / "state" / "e.sqlite"
    write_log(outside)
    path.parent.mkdir()
    path.symlink_to(outside)
    with EventLog(path) as log:
        assert log.notice is None
        log.start_session(wall_s=1.0, model="m")
        log.record(make_event(1))
    assert path.is_symlink()
    overwrite(outside, 4 * PAGE, bytes(PAGE))
    damaged = outside.read_bytes()
    with EventLog(path) as log:
        assert "e.sqlite.damaged-1" in (log.notice or "")
        log.start_session(wall_s=1.0, model="m")
        log.record(make_event(1))
        assert log.merge(salvage(path.with_name("e.sqlite.damaged-1"))) > 0
    assert not path.is_symlink()
    assert outside.read_bytes() == damaged


# --- numbers ----------------------------------------------------------------------------------------------------------


def test_sessions_go_on_from_those_of_the_log_that_was_set_aside(tmp_path: Path) -> None:
    """Pictures are named by session and number: a new log must not give the names of old pictures again."""
    path = tmp_path / "e.sqlite"
    write_log(path, 20, sessions=4)
    overwrite(path, 4 * PAGE, bytes(PAGE))
    with EventLog(path) as log:
        log.start_session(wall_s=1.0, model="m")
        assert log.session == 5


def test_a_session_comes_after_the_one_that_pictures_tell_of(tmp_path: Path) -> None:
    with EventLog(tmp_path / "e.sqlite") as log:
        log.start_session(wall_s=1.0, model="m", after=41)
        assert log.session == 42
        log.start_session(wall_s=2.0, model="m", after=7)
        assert log.session == 43


# --- the write-ahead log ----------------------------------------------------------------------------------------------


def test_a_killed_log_goes_on_with_all_its_events(tmp_path: Path) -> None:
    path = tmp_path / "e.sqlite"
    write_killed_log(path)
    with EventLog(path) as log:
        assert log.notice is None
        assert log.start_session(wall_s=1.0, model="m")
        assert len(numbers(log)) == EVENTS


@pytest.mark.parametrize("share", [0.0, 0.0005, 0.01, 0.3, 0.5, 0.9, 0.999])
def test_damage_in_the_write_ahead_log_costs_no_event_whose_page_is_whole(tmp_path: Path, share: float) -> None:
    """SQLite drops everything from the first wrong bit on, in silence."""
    path = tmp_path / "e.sqlite"
    write_killed_log(path)
    wal = tmp_path / "e.sqlite-wal"
    at = int(share * wal.stat().st_size)
    overwrite(wal, at, bytes([wal.read_bytes()[at] ^ 0x10]))
    with EventLog(path) as log:
        log.start_session(wall_s=1.0, model="m")
        found = {number for _, number in numbers(log)}
        for aside in tmp_path.glob("e.sqlite*.damaged-1"):
            assert log.notice is not None
            assert aside.name in log.notice
            log.merge(salvage(aside))
        assert log.integrity() == "ok"
        assert len(found | {number for _, number in numbers(log)}) >= EVENTS - 1


def test_an_empty_log_beside_its_write_ahead_log_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "e.sqlite"
    write_killed_log(path)
    path.write_bytes(b"")
    with EventLog(path) as log:
        assert "e.sqlite.damaged-1" in (log.notice or "")
        assert log.merge(salvage(tmp_path / "e.sqlite.damaged-1")) == EVENTS


# --- while running ----------------------------------------------------------------------------------------------------


@pytest.fixture
def running(tmp_path: Path) -> Iterator[EventLog]:
    write_log(tmp_path / "e.sqlite")
    with EventLog(tmp_path / "e.sqlite") as log:
        log.start_session(wall_s=1.0, model="m")
        yield log


def damage_while_running(log: EventLog) -> None:
    """Let SQLite find the pages of the table damaged."""
    path = log.path
    log._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for page in range(1, path.stat().st_size // PAGE):
        overwrite(path, page * PAGE, bytes(PAGE))
    log._db.execute("PRAGMA cache_size = 0")
    log._db.execute("PRAGMA shrink_memory")


def test_damage_found_while_running_costs_no_event(running: EventLog, tmp_path: Path) -> None:
    running.record(make_event(1))
    session = running.session
    damage_while_running(running)
    running.record(make_event(2))
    assert "e.sqlite.damaged-1" in (running.notice or "")
    assert running.session == session
    assert numbers(running) == [(session, 1), (session, 2)], "the last one's outcome is still to come"
    running.record_outcome(1, "done")
    running.record_outcome(2, "stuck")
    running.end_session(wall_s=2.0)
    running.close()
    with EventLog(tmp_path / "e.sqlite") as log:
        assert log.notice is None
        assert [event["outcome"] for event in log.events()] == ["done", "stuck"]
        assert not log.start_session(wall_s=3.0, model="m")
        assert log.session == session + 1


def test_a_card_that_goes_on_damaging_is_a_disk_error_in_the_end(running: EventLog, tmp_path: Path) -> None:
    for number in range(1, MOST_REPLACEMENTS + 1):
        damage_while_running(running)
        running.record(make_event(number))
    damage_while_running(running)
    with pytest.raises(EventLogError, match="cannot be written"):
        running.record(make_event(99))
    assert len(list(tmp_path.glob("e.sqlite.damaged-*"))) == MOST_REPLACEMENTS


@pytest.mark.parametrize("kind", ["deleted", "moved", "replaced"])
def test_a_log_that_loses_its_name_while_running_is_begun_anew(running: EventLog, tmp_path: Path, kind: str) -> None:
    """SQLite would go on writing to a file that nobody finds any more."""
    running.record(make_event(1))
    path = tmp_path / "e.sqlite"
    if kind == "deleted":
        path.unlink()
    else:
        path.rename(tmp_path / "moved")
    if kind == "replaced":
        path.write_text("of another")
    running.record(make_event(2))
    assert running.notice is not None
    running.close()
    with EventLog(path, read_only=True) as log:
        assert [number for _, number in numbers(log)] == [1, 2]


def test_a_new_log_that_cannot_be_begun_is_begun_when_it_can(
    running: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    damage_while_running(running)
    with monkeypatch.context() as full:

        def fail(log: object) -> None:
            raise OSError(28, "No space left on device")

        full.setattr("edge.records.log_file.LogFile.prepare", fail)
        for _ in range(3):
            with pytest.raises(EventLogError, match="No space left"):
                running.record(make_event(1))
    running.record(make_event(1))
    assert [number for _, number in numbers(running)] == [1]


def test_several_threads_write_one_after_the_other(running: EventLog) -> None:
    errors: list[Exception] = []

    def write(first: int) -> None:
        try:
            for number in range(first, first + 40):
                running.record(make_event(number))
                running.record_outcome(number, "done")
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(1000 * index,)) for index in range(1, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len([event for event in running.events() if event["number"] >= 1000]) == 120


def test_a_write_that_hangs_does_not_keep_the_log_from_being_closed(
    running: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.records.event_log.CLOSE_TIMEOUT_S", 0.01)
    hangs, goes_on = threading.Event(), threading.Event()

    def hang() -> bool:
        hangs.set()
        return not goes_on.wait(30)

    running.make_room = hang
    running._db.execute(f"PRAGMA max_page_count = {running._db.execute('PRAGMA page_count').fetchone()[0]}")
    errors: list[Exception] = []

    def write() -> None:
        try:
            running.record(make_event(1, label="x" * 20_000))
        except EventLogError as error:
            errors.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    assert hangs.wait(30)
    running.close()
    goes_on.set()
    thread.join()
    assert len(errors) == 1


# --- a full disk ------------------------------------------------------------------------------------------------------


def test_on_a_full_disk_something_else_gives_way_until_the_event_fits(running: EventLog) -> None:
    pages = running._db.execute("PRAGMA page_count").fetchone()[0]
    running._db.execute(f"PRAGMA max_page_count = {pages}")
    given_up: list[int] = []

    def give_up() -> bool:
        given_up.append(1)
        if len(given_up) == 3:
            running._db.execute("PRAGMA max_page_count = 1000000")
        return True

    running.make_room = give_up
    running.record(make_event(1, label="x" * 20_000))
    assert len(given_up) == 3
    running._db.execute(f"PRAGMA max_page_count = {running._db.execute('PRAGMA page_count').fetchone()[0]}")
    running.make_room = lambda: False
    with pytest.raises(EventLogError, match="full"):
        running.record(make_event(2, label="x" * 20_000))


# --- saving -----------------------------------------------------------------------------------------------------------


def test_everything_is_saved_from_a_sound_log_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "e.sqlite"
    write_log(path, 30, sessions=3)
    with EventLog(path) as log:
        log.start_session(wall_s=1.0, model="m")
        log.record(replace(make_event(1), label="gläß" * 3000, image="a.jpg", score=-1.5))
        expected = list(log.events())
    found = salvage(path)
    assert list(found.events) == expected
    assert found.lost == 0
    with EventLog(tmp_path / "new.sqlite") as new:
        new.start_session(wall_s=5.0, model="n", after=found.last_session)
        assert new.merge(found) == len(expected)
        assert new.merge(found) == 0, "no row doubled"
        columns = [{**row, "id": 0, "outcome": ""} for row in new.events()]
        assert columns == [{**row, "id": 0, "outcome": ""} for row in expected]
        assert "decided" not in {row["outcome"] for row in new.events()}, "its flap does not move any more"


def test_a_session_that_has_the_number_of_another_gets_one_of_its_own(tmp_path: Path) -> None:
    for name, wall_s in (("old", 1000.0), ("new", 9000.0)):
        with EventLog(tmp_path / name) as log:
            log.start_session(wall_s=wall_s, model=name)
            log.record(make_event(1, wall_s=wall_s))
    with EventLog(tmp_path / "new") as log:
        assert log.merge(salvage(tmp_path / "old")) == 1
        assert log.merge(salvage(tmp_path / "old")) == 0
        assert len(numbers(log)) == len(set(numbers(log))) == 2


def test_what_a_newer_version_wrote_is_saved_but_for_its_new_columns(tmp_path: Path) -> None:
    path = tmp_path / "e.sqlite"
    write_log(path, 5)
    with closing(sqlite3.connect(path)) as database:
        database.execute("ALTER TABLE event ADD COLUMN flavour TEXT NOT NULL DEFAULT 'sweet'")
        database.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
        database.execute("UPDATE event SET views = views")
        database.commit()
    assert len(salvage(path).events) == 5


def test_a_row_that_is_damaged_is_left_out_and_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "e.sqlite"
    write_log(path, 3)
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE event SET probabilities = '{\"glass\": 0.9' WHERE number = 1")
        database.execute("UPDATE event SET wall_s = 1e300 WHERE number = 2")
        database.commit()
    with EventLog(path, read_only=True) as log:
        assert [number for _, number in numbers(log)] == [3]
    assert "2 damaged events are left out" in caplog.text
    found = salvage(path)
    assert ([event["number"] for event in found.events], found.lost) == ([3], 2)


@pytest.fixture(scope="module")
def sound_log(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a log of 60 events, without copies of rows that were moved."""
    path = tmp_path_factory.mktemp("sound") / "e.sqlite"
    write_log(path, 60)
    with closing(sqlite3.connect(path)) as database:
        database.execute("VACUUM")
    return path.read_bytes()


@settings(max_examples=25)
@given(data=st.data())
def test_every_event_whose_page_is_whole_is_saved_whatever_happened_to_the_rest(
    tmp_path_factory: pytest.TempPathFactory, sound_log: bytes, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("log") / "e.sqlite"
    content = bytearray(sound_log)
    pages = len(content) // PAGE
    for page in data.draw(st.sets(st.integers(0, pages - 1))):
        content[page * PAGE : (page + 1) * PAGE] = data.draw(
            st.sampled_from([bytes(PAGE), b"\xff" * PAGE, b"\r" * PAGE])
        )
    path.write_bytes(content)
    whole = {number for number in range(1, 61) if f"picture-{number:03d}.jpg".encode() in content}
    assert {event["number"] for event in salvage(path).events} == whole
