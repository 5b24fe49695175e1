"""The program run in a process of its own."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
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


def until(condition: Callable[[], bool], timeout_s: float = 10.0) -> bool:
    """Wait in real time for another thread or process; False when it took too long."""
    never = threading.Event()
    for _ in range(int(timeout_s / 0.02)):
        if condition():
            return True
        never.wait(0.02)
    return condition()
