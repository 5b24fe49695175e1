"""The service manager's socket: what systemd hears, and that nobody there is no trouble."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.service.notify import Notifier


class Manager:
    """The other end of the socket."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self._socket.setblocking(False)

    def heard(self) -> list[str]:
        messages = []
        while True:
            try:
                messages.append(self._socket.recv(4096).decode())
            except BlockingIOError:
                return messages

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    address = str(tmp_path / "notify") if request.param == "path" else f"@sorter-{tmp_path.name}"
    manager = Manager(address)
    yield manager
    manager.close()


def test_the_manager_hears_every_message(manager: Manager) -> None:
    notifier = Notifier(manager.address)
    assert notifier.ready()
    notifier.alive()
    notifier.status("three items\nsorted")
    notifier.unwell(True)
    notifier.unwell(False)
    notifier.stopping()
    said = ["READY=1", "WATCHDOG=1", "STATUS=three items sorted", "ERRNO=5", "ERRNO=0", "STOPPING=1"]
    assert manager.heard() == said


def test_without_a_manager_nothing_happens() -> None:
    Notifier(None).ready()


def test_a_manager_that_is_gone_is_no_trouble_but_has_not_heard(tmp_path: Path) -> None:
    assert not Notifier(str(tmp_path / "gone")).ready()


def test_a_path_that_is_no_text_is_told_as_far_as_it_is(manager: Manager) -> None:
    Notifier(manager.address).status("event log /tmp/\udcff")
    assert manager.heard() == [r"STATUS=event log /tmp/\xff"]


def test_a_status_tells_no_password(manager: Manager) -> None:
    Notifier(manager.address).status("camera rtsp://admin:secret@10.0.0.5/live\nis gone")
    assert manager.heard() == ["STATUS=camera rtsp://***@10.0.0.5/live is gone"]


def test_a_manager_that_does_not_read_does_not_stop_the_bin(manager: Manager) -> None:
    notifier = Notifier(manager.address)
    for _ in range(2000):
        notifier.alive()
    assert 0 < len(manager.heard()) < 2000


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "10000000"}, 10.0),
        ({"NOTIFY_SOCKET": "/run/x"}, None),
        ({"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "0"}, None),
        ({"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "soon"}, None),
        ({"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "10000000", "WATCHDOG_PID": "1"}, None),
    ],
)
def test_the_watchdogs_time_comes_from_the_environment(environment: dict[str, str], seconds: float | None) -> None:
    assert Notifier.of_environment(environment).watchdog_s == seconds
