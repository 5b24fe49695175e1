"""The socket's file: what a kill has left is replaced, another bin is not, and nothing of anybody is lost."""

import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from edge.bin_socket.address import find_socket, reachable, socket_path
from edge.bin_socket.listener import Listener
from edge.errors import UnavailableError
from tests.paths import ROOT

LEFT = """
import sys, time
from pathlib import Path
from edge.bin_socket.listener import Listener
listener = Listener(Path(sys.argv[1]))
print("listens", flush=True)
time.sleep(600)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bin.sock"


def is_reachable(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as one, reachable(path) as address:
        return one.connect_ex(address) == 0


def test_its_group_may_connect_and_others_may_not(path: Path) -> None:
    before = os.umask(0o077)
    try:
        listener = Listener(path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    assert is_reachable(path)
    listener.close()
    assert not path.exists()
    listener.close()


def test_what_a_kill_has_left_is_replaced(path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", LEFT, str(path)], cwd=ROOT, stdout=subprocess.PIPE, env=os.environ)
    assert child.stdout is not None
    with child.stdout:
        assert child.stdout.readline() == b"listens\n"
        with pytest.raises(UnavailableError, match="in use by another sorter; stop that first"):
            Listener(path)
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert path.is_socket()
    listener = Listener(path)
    assert is_reachable(path)
    listener.close()


def test_two_bins_do_not_share_a_path(path: Path) -> None:
    first = Listener(path)
    for _ in range(40):  # also while nobody accepts
        with pytest.raises(UnavailableError, match="in use"):
            Listener(path)
    first.close()


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_what_is_no_socket_is_set_aside(path: Path, kind: str, caplog: pytest.LogCaptureFixture) -> None:
    other = path.with_name("other")
    other.write_text("mine")
    if kind == "file":
        path.write_text("mine")
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(other)
    listener = Listener(path)
    assert path.is_socket()
    assert not path.is_symlink()
    listener.close()
    kept = path.with_name("bin.sock.damaged-1")
    assert os.path.lexists(kept)
    assert other.read_text() == "mine"
    assert "is no socket, kept as bin.sock.damaged-1" in caplog.text


def test_one_that_has_taken_its_name_is_left(path: Path) -> None:
    first = Listener(path)
    path.rename(path.with_name("moved"))
    second = Listener(path)
    first.close()
    assert is_reachable(path)
    second.close()


def test_a_long_path_is_no_hindrance(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 120)
    folder.mkdir()
    listener = Listener(folder / "bin.sock")
    assert is_reachable(folder / "bin.sock")
    listener.close()


def test_a_folder_that_is_missing_is_an_error(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Listener(path / "bin.sock")


def test_where_it_is(tmp_path: Path) -> None:
    log = tmp_path / "events.sqlite"
    beside = tmp_path / "events.sqlite.bin.sock"
    assert socket_path(log, {}) == beside
    assert socket_path(log, {"RUNTIME_DIRECTORY": "/run/sorter:/run/x"}) == Path("/run/sorter/bin.sock")
    service = tmp_path / "service.sock"
    assert find_socket(log, service=service) == beside
    service.touch()
    assert find_socket(log, service=service) == service
    beside.touch()
    assert find_socket(log, service=service) == beside
