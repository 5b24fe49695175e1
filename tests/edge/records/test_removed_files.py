"""Files of an event log that somebody removes or moves while it is open, or that are left over: no event is lost."""

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from edge.errors import EventLogError, LogInUseError
from edge.records.event_log import EventLog
from edge.records.salvage import salvage
from edge.records.set_aside_logs import mark_repaired, set_aside_logs
from tests.builders.values import make_event


def begun(path: Path, events: int) -> EventLog:
    log = EventLog(path)
    log.start_session(wall_s=1000.0, model="m")
    for number in range(1, events + 1):
        log.record(make_event(number, wall_s=1000.0 + number))
    return log


def listed(path: Path) -> list[int]:
    with EventLog(path, read_only=True) as log:
        return [event["number"] for event in log.events()]


def as_killed(path: Path, folder: Path) -> Path:
    """The files as a process leaves them that is killed now."""
    folder.mkdir()
    for suffix in ("", "-wal", ".lock"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            shutil.copy(part, folder / part.name)
    return folder / path.name


@pytest.mark.parametrize("removed", [("-wal",), ("-wal", "-shm")])
def test_a_write_ahead_log_that_is_removed_while_running_loses_no_event(
    removed: tuple[str, ...], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "events.sqlite"
    with begun(path, 3) as log:
        for suffix in removed:
            path.with_name(path.name + suffix).unlink()
        log.record_outcome(3, "done")
        log.record(make_event(4))
        assert listed(as_killed(path, tmp_path / "killed")) == [1, 2, 3, 4]
        assert [event["outcome"] for event in log.events()] == ["decided", "decided", "done", "decided"]
        assert log.notice is None, "nothing was lost"
    assert "was removed while it was in use" in caplog.text
    assert listed(path) == [1, 2, 3, 4]


def test_a_run_that_was_killed_is_known_without_its_write_ahead_log(tmp_path: Path) -> None:
    path = tmp_path / "events.sqlite"
    with begun(path, 0):
        killed = as_killed(path, tmp_path / "killed")
    killed.with_name(f"{killed.name}-wal").unlink(missing_ok=True)
    with EventLog(killed) as log:
        assert log.start_session(wall_s=2000.0, model="m"), "its flaps may stand anywhere"


def remove(folder: Path) -> None:
    shutil.rmtree(folder)


def move(folder: Path) -> None:
    folder.rename(folder.with_name("moved"))


def empty(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


@pytest.mark.parametrize("happens", [remove, move, empty])
def test_a_state_folder_that_is_gone_while_running_is_made_again(
    happens: Callable[[Path], None], tmp_path: Path
) -> None:
    path = tmp_path / "state" / "events.sqlite"
    with begun(path, 3) as log:
        happens(path.parent)
        log.record_outcome(3, "done")
        log.record(make_event(4))
        assert log.notice is not None
        assert "a new one was begun" in log.notice
        assert [(event["number"], event["outcome"]) for event in log.events()] == [(3, "done"), (4, "decided")]
        with pytest.raises(LogInUseError):
            EventLog(path)
    moved = tmp_path / "moved" / path.name
    assert not moved.exists() or listed(moved) == [1, 2, 3]


@pytest.mark.parametrize("is_empty", [False, True])
def test_events_of_a_write_ahead_log_whose_log_is_gone_can_be_saved(is_empty: bool, tmp_path: Path) -> None:
    path = tmp_path / "events.sqlite"
    with begun(path, 5):
        killed = as_killed(path, tmp_path / "killed")
    if is_empty:
        killed.write_bytes(b"")
    else:
        killed.unlink()
    with EventLog(killed) as log:
        assert log.notice is not None
        assert "--repair" in log.notice
        (aside,) = set_aside_logs(killed)
        assert log.merge(salvage(aside)) == 5
        mark_repaired(aside)
        assert set_aside_logs(killed) == []
        assert [event["number"] for event in log.events()] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("renames", range(3))
def test_a_kill_while_a_log_is_set_aside_loses_no_event(
    renames: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "events.sqlite"
    with begun(path, 5):
        killed = as_killed(path, tmp_path / "killed")
    with killed.open("r+b") as file:
        file.write(bytes(200))
    child = os.fork()
    if child == 0:
        rename, left = os.rename, [renames]

        def rename_until_killed(source: Path, target: Path) -> None:
            if not left[0]:
                os._exit(0)
            left[0] -= 1
            rename(source, target)

        with monkeypatch.context() as patched:
            patched.setattr(os, "rename", rename_until_killed)
            with suppress(BaseException):
                EventLog(killed)
        os._exit(1)
    _, status = os.waitpid(child, 0)
    assert (status == 0) == (renames < 2), "there are two renames"
    with EventLog(killed) as log:
        for aside in set_aside_logs(killed):
            log.merge(salvage(aside))
        assert [event["number"] for event in log.events()] == [1, 2, 3, 4, 5]


def test_a_log_that_was_not_closed_in_a_read_only_folder_says_how_to_read_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "events.sqlite"
    with begun(path, 3):
        killed = as_killed(path, tmp_path / "killed")
    # What SQLite needs beside a write-ahead log cannot be made, as on a card that is mounted read-only.
    killed.with_name(f"{killed.name}-shm").symlink_to("/nowhere/shm")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(EventLogError, match=r"copy it and events\.sqlite-wal to another folder"):
        EventLog(killed, read_only=True)
