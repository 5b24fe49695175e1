"""A container that runs its own systemd."""

import os
import shlex
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from tests.service.shell import ServiceCheckError, call

T = TypeVar("T")

ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
}


class NspawnMachine:
    """Boots a root file system with systemd-nspawn. A context manager: it runs during the ``with`` block.

    Args:
        root: folder of the root file system.
        shared: folder of this machine -> its path in the container, read-only.
        has_network: whether it shares this machine's network; else it has none.

    Raises:
        ServiceCheckError: systemd does not start within 60 seconds.
    """

    def __init__(self, root: Path, *, shared: dict[Path, str], has_network: bool = True) -> None:
        self.root = root
        self._network = [] if has_network else ["--private-network"]
        self._binds = [f"--bind-ro={here}:{there}" for here, there in shared.items()]
        self._process: subprocess.Popen[bytes] | None = None
        self._init = 0

    def __enter__(self) -> Self:
        command = ["systemd-nspawn", "--quiet", "-D", str(self.root), "--boot", "--register=no", "--keep-unit"]
        command += ["--link-journal=no", *self._network, *self._binds]
        # It needs a terminal and the unified hierarchy to start on machines such as those of CI.
        self._process = subprocess.Popen(
            ["script", "-qfc", shlex.join(command), "/dev/null"],
            stdin=subprocess.DEVNULL,
            stdout=self.console.open("wb"),
            stderr=subprocess.STDOUT,
            env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
        )
        try:
            self.wait_for("systemd is up", self._is_up, timeout_s=60)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Power it off. May be called twice."""
        if self._process is None:
            return
        if self._init:
            subprocess.run(self._entered(["systemctl", "poweroff"]), capture_output=True)
        try:
            self._process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            for child in _children(self._process.pid):
                os.kill(child, 9)
            self._process.kill()
            self._process.wait()
        self._process = None

    @property
    def console(self) -> Path:
        """File with the output of the container's console."""
        return self.root.with_name(f"{self.root.name}.console")

    def run(self, command: str, *, timeout_s: float = 300) -> str:
        """Standard output of a shell command in the container, as root.

        Raises:
            ServiceCheckError: it failed or took longer than ``timeout_s`` seconds.
        """
        return call(self._entered(["bash", "-c", command]), environment=ENVIRONMENT, timeout_s=timeout_s)

    def attempt(self, command: str, *, timeout_s: float = 300) -> tuple[int, str]:
        """Exit code and output (both streams) of a shell command in the container."""
        words = self._entered(["bash", "-c", f"( {command} ) 2>&1"])
        done = subprocess.run(
            words, text=True, capture_output=True, stdin=subprocess.DEVNULL, env=ENVIRONMENT, timeout=timeout_s
        )
        return done.returncode, done.stdout

    def wait_for(self, what: str, look: Callable[[], T], *, timeout_s: float) -> T:
        """Call ``look`` until its result is true, and return it.

        Raises:
            ServiceCheckError: it was not true within ``timeout_s`` seconds.
        """
        end_s = time.monotonic() + timeout_s
        while not (found := look()):
            if time.monotonic() > end_s:
                raise ServiceCheckError(f"{what}: not within {timeout_s:g} s")
            time.sleep(0.1)
        return found

    def _is_up(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise ServiceCheckError(
                f"systemd-nspawn ended at once:\n{self.console.read_text(errors='replace')[-2000:]}"
            )
        spawned = _children(self._process.pid)
        inits = _children(spawned[0]) if spawned else []
        if not inits:
            return False
        self._init = inits[0]
        state = subprocess.run(self._entered(["systemctl", "is-system-running"]), text=True, capture_output=True)
        return state.stdout.strip() in ("running", "degraded")

    def _entered(self, command: list[str]) -> list[str]:
        return ["nsenter", "-t", str(self._init), "-m", "-p", "-n", "-i", "-u", "-C", "-r", "-w", *command]


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []
