"""One writer for an event log, however its path is spelt."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge.errors import LogInUseError
from edge.records.event_log import EventLog
from edge.records.log_lock import lock_name
from tests.builders.values import make_event
from tests.paths import ROOT

HOLD = """
import sys
from pathlib import Path
from edge.records.event_log import EventLog
with EventLog(Path(sys.argv[1])) as log:
    log.start_session(wall_s=1.0, model="other")
    print("locked", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_process(path: Path) -> Iterator[None]:
    """A process that writes to the log."""
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "locked\n"
            yield
        finally:
            process.kill()


def as_it_is(path: Path) -> Path:
    return path


def through_a_link(path: Path) -> Path:
    link = path.parent / "link.sqlite"
    link.symlink_to(path.name)
    return link


def through_a_linked_folder(path: Path) -> Path:
    link = path.parent.with_name("linked")
    link.symlink_to(path.parent)
    return link / path.name


def through_two_links(path: Path) -> Path:
    second = path.parent / "second.sqlite"
    second.symlink_to(through_a_link(path))
    return second


def through_a_hard_link(path: Path) -> Path:
    link = path.parent.with_name("hard.sqlite")
    link.hardlink_to(path)
    return link


def relative(path: Path) -> Path:
    return Path(os.path.relpath(path))


def with_dots(path: Path) -> Path:
    return path.parent / ".." / path.parent.name / "." / path.name


SPELLINGS = [
    as_it_is,
    through_a_link,
    through_a_linked_folder,
    through_two_links,
    through_a_hard_link,
    relative,
    with_dots,
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "state" / "e.sqlite"
    with EventLog(path) as log:
        log.start_session(wall_s=1.0, model="m")
        log.record(make_event(1))
        log.end_session(wall_s=2.0)
    return path


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_log_in_use_by_another_process_is_refused(path: Path, spelling: Callable[[Path], Path]) -> None:
    other = spelling(path)
    with another_process(path), pytest.raises(LogInUseError, match="in use by another sorter; stop that first"):
        EventLog(other)
    with EventLog(other) as log:
        assert [event["number"] for event in log.events()] == [1]
        assert log.notice is None
        # Under a hard link SQLite does not find the write-ahead log of the one that was killed.
        assert log.start_session(wall_s=3.0, model="m") or spelling is through_a_hard_link


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_log_in_use_under_another_name_is_refused(path: Path, spelling: Callable[[Path], Path]) -> None:
    with another_process(spelling(path)), pytest.raises(LogInUseError, match="in use by another sorter"):
        EventLog(path)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_log_in_use_by_this_process_is_refused_and_goes_on(path: Path, spelling: Callable[[Path], Path]) -> None:
    with EventLog(path) as log:
        log.start_session(wall_s=3.0, model="m")
        with pytest.raises(LogInUseError):
            EventLog(spelling(path))
        log.record(make_event(2))
        assert [event["number"] for event in log.events()] == [1, 2]
        with another_process_is_refused(path):
            log.record(make_event(3))
    EventLog(path).close()


@contextmanager
def another_process_is_refused(path: Path) -> Iterator[None]:
    done = subprocess.run(
        [sys.executable, "-c", HOLD, str(path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "LogInUseError" in done.stderr
    yield


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
def test_a_log_in_use_under_a_bind_mount_is_refused(path: Path, tmp_path: Path) -> None:
    script = 'mount --bind $1 $2 && exec $3 -c "$4" $2/e.sqlite'
    (tmp_path / "bound").mkdir()
    command = ["unshare", "--mount", "bash", "-c", script, "-", str(path.parent), str(tmp_path / "bound")]
    with EventLog(path):
        done = subprocess.run([*command, sys.executable, HOLD], cwd=ROOT, capture_output=True, text=True, check=False)
    if "unshare failed" in done.stderr or "mount:" in done.stderr:
        pytest.skip("no mounts here")
    assert "LogInUseError" in done.stderr


def test_a_second_name_is_warned_of(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    EventLog(path).close()
    assert "hard link" not in caplog.text
    through_a_hard_link(path)
    EventLog(path).close()
    assert "has another name (a hard link)" in caplog.text


def test_two_logs_in_one_folder_do_not_hinder_each_other(tmp_path: Path) -> None:
    with EventLog(tmp_path / "a.sqlite"), EventLog(tmp_path / "b.sqlite"):
        pass


def test_a_lock_that_is_released_can_be_had_again(path: Path) -> None:
    for _ in range(3):
        log = EventLog(path)
        log.close()
        log.close()


def test_a_lock_file_that_is_a_link_is_not_written_through(path: Path, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("stays")
    lock_name(path).unlink()
    lock_name(path).symlink_to(tmp_path / "precious")
    EventLog(path).close()
    assert (tmp_path / "precious").read_text() == "stays"
    assert not lock_name(path).is_symlink()


def test_events_that_got_under_the_name_of_the_lock_are_kept(path: Path) -> None:
    content = path.read_bytes()
    path.rename(lock_name(path))
    with EventLog(path) as log:
        assert log.notice is not None
    assert lock_name(path).with_name("e.sqlite.lock.damaged-1").read_bytes() == content
