"""Runs programs on this machine."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.processes import run_group

TOOLS = {
    "mmdebstrap": "mmdebstrap",
    "systemd-nspawn": "systemd-container",
    "nsenter": "util-linux",
    "script": "bsdutils",
}
"""Program -> Debian package that contains it."""


class ServiceCheckError(Exception):
    """A check failed; the text names the expected and the actual result."""


def call(command: Sequence[str | Path], *, environment: Mapping[str, str] | None = None, timeout_s: float = 600) -> str:
    """Run a command; its standard output.

    Raises:
        ServiceCheckError: it failed or took longer than ``timeout_s`` seconds; the text has the end of its output.
    """
    words = [str(word) for word in command]
    try:
        done = run_group(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, timeout_s=timeout_s)
    except subprocess.TimeoutExpired as error:
        raise ServiceCheckError(f"{' '.join(words)[:200]}: not done after {timeout_s:g} s") from error
    if done.returncode:
        raise ServiceCheckError(
            f"{' '.join(words)[:200]}: exit code {done.returncode}\n{(done.stdout + done.stderr)[-3000:]}"
        )
    return done.stdout


def get_tools() -> str:
    """Install the programs that the tests need; what was installed, as text.

    Raises:
        ServiceCheckError: a program is missing and cannot be installed.
    """
    missing = sorted({package for tool, package in TOOLS.items() if shutil.which(tool) is None})
    if not missing:
        return "all present"
    if shutil.which("apt-get") is None:
        raise ServiceCheckError(f"programs are missing and there is no apt-get: install {', '.join(missing)} first")
    call(["apt-get", "update", "-q"])
    call(["apt-get", "install", "-q", "-y", "--no-install-recommends", *missing])
    return f"installed {', '.join(missing)}"
