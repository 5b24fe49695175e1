"""Logging: with fields to the journal under systemd, else plain lines to standard error."""

import os
import socket
import subprocess
import sys
from pathlib import Path

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
