"""Standard output and error that are full, or read by nobody, do not hold up the program."""

import fcntl
import io
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import pytest

from edge.terminal.patient_stream import PATIENCE_S, PatientStream
from tests.paths import ROOT

F_SETPIPE_SZ = 1031
PIPE_BYTES = 4096


@contextmanager
def pipe() -> Iterator[tuple[int, TextIO]]:
    """A small pipe: where it is read, and where it is written to."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, F_SETPIPE_SZ, PIPE_BYTES)
    with os.fdopen(reader, "rb"), os.fdopen(writer, "w") as stream:
        yield reader, stream


@contextmanager
def sockets() -> Iterator[tuple[int, TextIO]]:
    """As ``pipe``, but a pair of sockets, as sshd makes them."""
    here, there = socket.socketpair()
    there.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, PIPE_BYTES)
    with here, there, os.fdopen(os.dup(there.fileno()), "w") as stream:
        yield here.fileno(), stream


def fill(stream: PatientStream) -> None:
    for _ in range(100):
        stream.write("x" * 1000)


@pytest.mark.parametrize("kind", [pipe, sockets])
def test_what_nobody_reads_is_waited_for_once_and_then_dropped(kind: type[Iterator[tuple[int, TextIO]]]) -> None:
    with kind() as (reader, stream):  # type: ignore[attr-defined]
        patient = PatientStream(stream)
        begin_s = time.monotonic()
        fill(patient)
        # Half as much again, beside other load.
        assert time.monotonic() - begin_s < 1.5 * PATIENCE_S + 0.5
        begin_s = time.monotonic()
        fill(patient)
        assert time.monotonic() - begin_s < PATIENCE_S
        assert os.get_blocking(stream.fileno()), "it is shared with whoever started the program"
        while len(os.read(reader, 1_000_000)) >= PIPE_BYTES:
            pass
        patient.write("here again\n")
        assert os.read(reader, 1_000_000).endswith(b"here again\n")


def test_a_long_text_is_written_whole_to_a_reader_that_is_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """It fills the buffer many times over, as a picture or a large table does."""
    text = "".join(f"line {number}\n" for number in range(5_000))
    assert len(text) > 10 * PIPE_BYTES
    read = []
    with pipe() as (reader, stream):
        monkeypatch.setattr("select.select", lambda *_: read.append(os.read(reader, PIPE_BYTES)))
        PatientStream(stream).write(text)
        read.append(os.read(reader, PIPE_BYTES))
    assert b"".join(read).decode() == text


def test_a_file_and_what_is_no_file_are_written_to_in_order(tmp_path: Path) -> None:
    text = io.StringIO()
    with (tmp_path / "log").open("w", encoding="utf-8") as file:
        for stream in (text, file):
            print("before", file=stream)
            patient = PatientStream(stream)
            print("after ä", file=patient, flush=True)
            print("last", file=stream)
    assert text.getvalue() == (tmp_path / "log").read_text() == "before\nafter ä\nlast\n"


def test_texts_are_encoded_as_the_stream_does_and_none_is_an_error() -> None:
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as end, os.fdopen(writer, "w", encoding="latin-1") as stream:
        print("ä \u2500", file=PatientStream(stream))
        assert os.read(end.fileno(), 100) == b"\xe4 \\u2500\n"


@pytest.mark.slow
def test_a_run_whose_output_nobody_reads_sorts_and_stops_when_it_is_told_to(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "edge", "run", "--set", "simulation.speed=20"]
    for key, file in (("event_log.file", "events.sqlite"), ("event_log.images", "images"), ("tray.memory", "tray.npz")):
        command += ["--set", f"{key}={tmp_path / file}"]
    with pipe() as (_, stream):
        fill(PatientStream(stream))
        program = subprocess.Popen(command, cwd=ROOT, stdout=stream, stderr=stream)
        images, end_s = tmp_path / "images", time.monotonic() + 60
        while (not images.is_dir() or len(list(images.iterdir())) < 3) and time.monotonic() < end_s:
            time.sleep(0.1)
        program.send_signal(signal.SIGTERM)
        assert program.wait(20) == 0
    assert len(list(images.iterdir())) >= 3
