"""Logging: with fields to the journal under systemd, else plain lines to standard error."""

import io
import logging
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import logging_journald
import pytest

from edge.records.journal import set_up_logging
from tests.paths import ROOT

PROGRAM = """
import logging, sys
sys.path.insert(0, sys.argv[1])
import logging_journald
logging_journald.JournaldLogHandler.SOCKET_PATH = logging_journald.JournaldTransport.SOCKET_PATH = sys.argv[2]
from edge.records.journal import set_up_logging
set_up_logging()
for _ in range(int(sys.argv[3])):
    logging.info("item 3: glass -> glass", extra={"item": 3, "bin": "glass"})
"""


def log_once(tmp_path: Path, *, journal_stream: str | None, lines: int = 1) -> tuple[str, list[bytes]]:
    """What a program that logs one line writes to standard error, and what the journal's socket gets."""
    address, errors = tmp_path / "journal", tmp_path / "stderr"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal, errors.open("wb") as stderr:
        journal.bind(str(address))
        journal.setblocking(False)
        entry = os.fstat(stderr.fileno())
        environment = {key: value for key, value in os.environ.items() if key != "JOURNAL_STREAM"}
        if journal_stream is not None:
            environment["JOURNAL_STREAM"] = journal_stream.format(device=entry.st_dev, inode=entry.st_ino)
        command = [sys.executable, "-c", PROGRAM, str(ROOT), str(address), str(lines)]
        subprocess.run(command, stderr=stderr, env=environment, check=True, timeout=60)
        received = []
        while True:
            try:
                received.append(journal.recv(65536))
            except BlockingIOError:
                break
    return errors.read_text(), received


def test_under_systemd_every_line_has_its_fields(tmp_path: Path) -> None:
    plain, (entry,) = log_once(tmp_path, journal_stream="{device}:{inode}")
    fields = entry.decode().splitlines()
    assert plain == ""
    assert {"MESSAGE=item 3: glass -> glass", "PRIORITY=6", "SYSLOG_IDENTIFIER=sorter"} <= set(fields)
    assert {"EXTRA_ITEM=3", "EXTRA_BIN=glass"} <= set(fields)


def test_elsewhere_it_is_a_line_on_standard_error(tmp_path: Path) -> None:
    plain, entries = log_once(tmp_path, journal_stream=None)
    assert plain.endswith("INFO    item 3: glass -> glass\n")
    assert entries == []


def test_standard_error_that_leads_elsewhere_gets_the_line(tmp_path: Path) -> None:
    plain, entries = log_once(tmp_path, journal_stream="{device}:1")
    assert "item 3" in plain
    assert entries == []


def test_a_journal_that_does_not_read_blocks_nothing(tmp_path: Path) -> None:
    plain, entries = log_once(tmp_path, journal_stream="{device}:{inode}", lines=2000)
    assert plain == ""
    assert 0 < len(entries) < 2000


# --- in this process --------------------------------------------------------------------------------------------------


class Console(io.StringIO):
    """Standard error, which may be a terminal."""

    def __init__(self, *, is_terminal: bool) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


Start = Callable[..., logging.Handler]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Sets logging up as when a program starts, and says where it goes."""
    monkeypatch.delenv("JOURNAL_STREAM", raising=False)
    started: list[logging.Handler] = []

    def start(**options: bool) -> logging.Handler:
        # The fixture for every test puts back what was there.
        logging.getLogger().handlers = []
        set_up_logging(**options)
        (handler,) = logging.getLogger().handlers
        started.append(handler)
        return handler

    yield start
    for handler in started:
        if isinstance(handler, logging_journald.JournaldLogHandler):
            handler.transport.socket.close()


@pytest.mark.parametrize(
    ("is_terminal", "when"), [(True, r"\d\d:\d\d:\d\d"), (False, r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}")]
)
def test_a_line_says_when_and_how_grave_and_the_day_where_nobody_watches(
    monkeypatch: pytest.MonkeyPatch, start: Start, is_terminal: bool, when: str
) -> None:
    console = Console(is_terminal=is_terminal)
    monkeypatch.setattr(sys, "stderr", console)
    start()
    logging.getLogger("a").warning("item 3 did not fall")
    assert re.fullmatch(f"{when} WARNING item 3 did not fall\n", console.getvalue())


@pytest.mark.parametrize(("options", "level"), [({}, logging.INFO), ({"debug": True}, logging.DEBUG)])
def test_what_is_for_looking_for_bugs_is_logged_on_request_alone(
    start: Start, options: dict[str, bool], level: int
) -> None:
    start(**options)
    assert logging.getLogger().level == level


def test_a_program_without_standard_error_starts_all_the_same(monkeypatch: pytest.MonkeyPatch, start: Start) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    start()


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: Start) -> Iterator[socket.socket]:
    """A journal that standard error is connected to."""
    address = tmp_path / "journal"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bound:
        bound.bind(str(address))
        bound.setblocking(False)
        for owner in (logging_journald.JournaldLogHandler, logging_journald.JournaldTransport):
            monkeypatch.setattr(owner, "SOCKET_PATH", str(address))
        monkeypatch.setattr(logging_journald, "check_journal_stream", lambda: True)
        monkeypatch.setenv("JOURNAL_STREAM", "8:1")
        yield bound


def test_the_journal_gets_the_bare_message_and_its_fields(journal: socket.socket, start: Start) -> None:
    start()
    logging.getLogger("a").warning("item %d", 3, extra={"bin": "glass"})
    fields = set(journal.recv(65536).decode().splitlines())
    assert {
        "MESSAGE=item 3",
        "PRIORITY=4",
        "SYSLOG_IDENTIFIER=sorter",
        "SYSLOG_FACILITY=3",
        "EXTRA_BIN=glass",
    } <= fields
    assert not any(field.startswith("MESSAGE_ID") for field in fields)


def test_what_a_full_journal_does_not_take_is_dropped(
    journal: socket.socket, start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    handler = start()
    assert isinstance(handler, logging_journald.JournaldLogHandler)
    assert not handler.transport.socket.getblocking()
    for _ in range(2000):
        logging.getLogger("a").info("item 3")
    assert capsys.readouterr().err == ""


# The library leaves the socket open that it could not connect.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("is_connected", [False, True])
def test_without_the_journals_socket_or_its_stream_lines_go_to_standard_error(
    journal: socket.socket, start: Start, monkeypatch: pytest.MonkeyPatch, is_connected: bool
) -> None:
    monkeypatch.setattr(logging_journald, "check_journal_stream", lambda: is_connected)
    if is_connected:
        monkeypatch.setattr(logging_journald.JournaldLogHandler, "SOCKET_PATH", "/none/such")
        monkeypatch.setattr(logging_journald.JournaldTransport, "SOCKET_PATH", "/none/such")
    handler = start()
    assert type(handler) is logging.StreamHandler
