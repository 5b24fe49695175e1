"""Tests of how the long checks run their commands."""

import subprocess
from pathlib import Path

import pytest

from tests.processes import run_group, until


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that ended and that nobody has waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_command_that_takes_too_long_ends_with_what_it_started(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    with pytest.raises(subprocess.TimeoutExpired):
        run_group(["sh", "-c", f"sleep 600 & echo $! > {pid_file}; wait"], timeout_s=0.5)
    assert until(lambda: not is_alive(int(pid_file.read_text())))


def test_a_command_gives_its_exit_code_and_output() -> None:
    done = run_group(["sh", "-c", "echo said; exit 3"], stdout=subprocess.PIPE)
    assert (done.returncode, done.stdout) == (3, "said\n")
