"""Commands of the host, each with its log."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

TAIL = 15
"""Lines of a log that an error shows."""


class PiStepError(Exception):
    """A step did not work; the text says which, and where its log lies."""


def run(command: Sequence[str | Path], *, log: Path, env: Mapping[str, str] | None = None) -> None:
    """Run a command to its end; what it says goes to the end of ``log``.

    Raises:
        PiStepError: it is not installed, or ended with anything but 0.
    """
    words = [str(word) for word in command]
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        output.write(f"+ {' '.join(words)}\n".encode())
        output.flush()
        try:
            status = subprocess.run(
                words, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=env, check=False
            ).returncode
        except OSError as error:
            raise PiStepError(f"{words[0]}: {error}") from error
    if status:
        raise PiStepError(f"{words[0]} ended with {status}; the end of {log}:\n{tail(log)}")


def tail(log: Path) -> str:
    """The last lines of a log, indented."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(f"    {line}" for line in lines[-TAIL:])
