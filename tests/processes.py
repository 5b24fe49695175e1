"""The program, and other commands, run in processes of their own."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.paths import ROOT


@dataclass(frozen=True)
class ProcessResult:
    """How a process ended."""

    code: int
    out: str
    err: str

    @property
    def errors(self) -> list[str]:
        """The lines on standard error that tell of an error."""
        return [line for line in self.err.splitlines() if line.startswith("sorter: error: ")]


def run_sorter(*arguments: str | Path, cwd: Path = ROOT, timeout_s: float = 60.0, **options: Any) -> ProcessResult:
    """``python -m edge ...`` in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
    done = subprocess.run(
        [sys.executable, "-m", "edge", *map(str, arguments)],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=timeout_s,
        check=False,
        **options,
    )
    return ProcessResult(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))


GRACE_S = 20.0
"""Time that interrupted commands have to take down their mounts, in seconds."""


def run_group(words: list[str], *, timeout_s: float | None = None, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a command; if this process is interrupted or the time is up, end it with everything that it started.

    Args:
        words: the command.
        timeout_s: how long it may take, in seconds; None: without end.
        options: as of ``subprocess.Popen``.

    Raises:
        OSError: it cannot be started.
        subprocess.TimeoutExpired: it took longer.
    """
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, text=True, start_new_session=True, **options) as process:
        try:
            out, err = process.communicate(timeout=timeout_s)
        except BaseException:
            _end_group(process)
            raise
    return subprocess.CompletedProcess(words, process.returncode, out, err)


def _end_group(leader: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(leader.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            leader.wait(GRACE_S)
        os.killpg(leader.pid, signal.SIGKILL)


def until(condition: Callable[[], bool], timeout_s: float = 10.0) -> bool:
    """Wait in real time for another thread or process; False when it took too long."""
    never = threading.Event()
    for _ in range(int(timeout_s / 0.02)):
        if condition():
            return True
        never.wait(0.02)
    return condition()
