"""Runs commands on the host, each with a log."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.processes import run_group

TAIL = 15
"""Number of a log's last lines that an error shows."""


class PiStepError(Exception):
    """A step failed; the text names it and its log."""


def run(command: Sequence[str | Path], *, log: Path, env: Mapping[str, str] | None = None) -> None:
    """Run a command and append its output to ``log``.

    Raises:
        PiStepError: it is not installed, or its exit code is not 0.
    """
    words = [str(word) for word in command]
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        output.write(f"+ {' '.join(words)}\n".encode())
        output.flush()
        try:
            status = run_group(words, stdout=output, stderr=subprocess.STDOUT, env=env).returncode
        except OSError as error:
            raise PiStepError(f"{words[0]}: {error}") from error
    if status:
        raise PiStepError(f"{words[0]} ended with {status}; the end of {log}:\n{tail(log)}")


def tail(log: Path) -> str:
    """The last lines of a log, indented."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(f"    {line}" for line in lines[-TAIL:])
