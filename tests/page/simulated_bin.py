"""The simulated bin and its page, each a process of its own, with their state in a folder."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.records.event_reader import open_events
from tests.paths import ROOT
from tests.processes import run_sorter, until

START_S = 60.0
"""Longest start of a process, in seconds: on a machine that does other things as well."""

STOP_S = 30.0


class BinWithPage:
    """A bin that can be started, killed and looked at.

    Args:
        folder: for its state; empty at first.
        speed: how fast its time goes.

    Attributes:
        port: the page's.
        config: a copy of the configuration that ships, which the page may change.
        event_log: what it writes.
    """

    def __init__(self, folder: Path, *, speed: float = 4.0) -> None:
        self.port = _free_port()
        self.config = folder / "config.yaml"
        shutil.copyfile(ROOT / "config.yaml", self.config)
        self.event_log = folder / "events.sqlite"
        self._speed = speed
        self._log = folder / "log.txt"
        self._page_log = folder / "page.txt"
        self._loop: subprocess.Popen[bytes] | None = None
        self._page: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """The page's address, without a path."""
        return f"http://localhost:{self.port}"

    @property
    def page_pid(self) -> int:
        """The process of the page, which was started."""
        assert self._page is not None
        return self._page.pid

    @property
    def loop_pid(self) -> int:
        """The process of the loop, which was started."""
        assert self._loop is not None
        return self._loop.pid

    def sort(self, items: int, *, speed: float = 0) -> None:
        """Sort some items to the end, as fast as it can where nothing else is said. None may be lost."""
        before = self._count()
        done = run_sorter("run", *self._settings(speed), "--items", str(items), timeout_s=300)
        assert done.code == 0, done.err
        assert self._count() == before + items

    def start_loop(self) -> None:
        """Begin to sort, and wait until it can be asked."""
        self._loop = self._start("run", *self._settings(self._speed), log=self._log)
        socket_file = self.event_log.with_name(f"{self.event_log.name}.bin.sock")
        assert until(lambda: _answers(socket_file) or self._loop_has_ended(), START_S), self._log.read_text()
        assert not self._loop_has_ended(), self._log.read_text()

    def kill_loop(self) -> None:
        """End the loop as a crash would."""
        self._loop = _end(self._loop, signal.SIGKILL)

    def start_page(self) -> str:
        """Serve the page. Returns the address that it prints, of the first visit as long as nobody has a password."""
        self._page = self._start(
            "page", *self._settings(self._speed), "--host", "127.0.0.1", "--port", str(self.port), log=self._page_log
        )
        found: list[str] = []

        def is_said() -> bool:
            found[:] = re.findall(r"^page: (http\S+)$", self._page_log.read_text(), flags=re.MULTILINE)
            return bool(found) or self._page is None or self._page.poll() is not None

        assert until(is_said, START_S), self._page_log.read_text()
        assert found, self._page_log.read_text()
        path = re.sub(r"^http://[^/]+", "", found[0])
        return f"{self.address}{path}"

    def stop_page(self) -> None:
        """End the page."""
        self._page = _end(self._page, signal.SIGTERM)

    def stop(self) -> None:
        """End everything. May be called more than once."""
        self._loop = _end(self._loop, signal.SIGTERM)
        self.stop_page()

    def _settings(self, speed: float) -> list[str]:
        folder = self.event_log.parent
        return [
            "--config",
            str(self.config),
            *("--set", f"event_log.file={self.event_log}", "--set", f"event_log.images={folder}/images"),
            *("--set", f"tray.memory={folder}/tray.npz", "--set", f"simulation.speed={speed}"),
        ]

    def _count(self) -> int:
        if not self.event_log.exists():
            return 0
        with open_events(self.event_log) as events:
            return events.count()

    def _loop_has_ended(self) -> bool:
        return self._loop is None or self._loop.poll() is not None

    def _start(self, *arguments: str, log: Path) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with log.open("wb") as out:
            return subprocess.Popen(
                [sys.executable, "-m", "edge", *arguments],
                cwd=log.parent,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )


@contextmanager
def simulated_bin(folder: Path, *, speed: float = 4.0) -> Iterator[BinWithPage]:
    """A bin of which nothing was started yet; all of it is ended at the end."""
    one = BinWithPage(folder, speed=speed)
    try:
        yield one
    finally:
        one.stop()


def _end(process: subprocess.Popen[bytes] | None, number: signal.Signals) -> None:
    if process is not None:
        process.send_signal(number)
        process.wait(STOP_S)


def _answers(socket_file: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as own:
        try:
            own.connect(str(socket_file))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        return int(own.getsockname()[1])
