"""Runs programs on this machine."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

TOOLS = {
    "mmdebstrap": "mmdebstrap",
    "systemd-nspawn": "systemd-container",
    "nsenter": "util-linux",
    "script": "bsdutils",
}
"""Program -> the Debian package that has it."""


class ServiceCheckError(Exception):
    """A check failed; the text says what was expected and what came."""


def call(command: Sequence[str | Path], *, environment: Mapping[str, str] | None = None, timeout_s: float = 600) -> str:
    """Standard output of a command.

    Raises:
        StepError: it failed or took longer than ``timeout_s`` seconds; with the end of what it wrote.
    """
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words, text=True, capture_output=True, stdin=subprocess.DEVNULL, env=environment, timeout=timeout_s
        )
    except subprocess.TimeoutExpired as error:
        raise ServiceCheckError(f"{' '.join(words)[:200]}: not done after {timeout_s:g} s") from error
    if done.returncode:
        raise ServiceCheckError(
            f"{' '.join(words)[:200]}: exit code {done.returncode}\n{(done.stdout + done.stderr)[-3000:]}"
        )
    return done.stdout


def get_tools() -> str:
    """Have the programs that the tests need; what was done about it.

    Raises:
        StepError: they can neither be found nor installed.
    """
    missing = sorted({package for tool, package in TOOLS.items() if shutil.which(tool) is None})
    if not missing:
        return "all there"
    if shutil.which("apt-get") is None:
        raise ServiceCheckError(f"programs are missing and there is no apt-get: install {', '.join(missing)} first")
    call(["apt-get", "update", "-q"])
    call(["apt-get", "install", "-q", "-y", "--no-install-recommends", *missing])
    return f"installed {', '.join(missing)}"
