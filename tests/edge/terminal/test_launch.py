"""A command line from its first moment on: Ctrl-C while modules are loaded, and standard streams that are closed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from edge.__main__ import main as start
from edge.terminal.launch import INTERRUPTED, SETTINGS, loading
from tests.paths import ROOT

THREADS = "OPENBLAS_NUM_THREADS"

PROGRAMS = {"sorter": "edge", "sorter-train": "train", "sorter-convert": "convert"}

INTERRUPTS_ITSELF = """
import os, signal
try:
    os.kill(os.getpid(), signal.SIGINT)
    for _ in range(10**7):
        pass
except BaseException as error:  # as libraries do
    raise ImportError("something is missing") from error
"""


def run_python(
    *arguments: str, close: str = "", cwd: Path = ROOT, **variables: str
) -> "subprocess.CompletedProcess[bytes]":
    """Python in a process of its own; ``close``: redirections of the shell, e.g. ``2>&-``."""
    environment = {**os.environ, "PYTHONPATH": f"{cwd}{os.pathsep}{ROOT}", **variables}
    return subprocess.run(
        ["sh", "-c", f'"$@" {close}', "sh", sys.executable, *arguments],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("while_loading", ["launch('slow_cli')", "with loading(): import slow_cli"])
def test_ctrl_c_while_modules_are_loaded_ends_quietly(tmp_path: Path, while_loading: str) -> None:
    (tmp_path / "slow_cli.py").write_text(INTERRUPTS_ITSELF)
    done = run_python("-c", f"from edge.terminal.launch import launch, loading\n{while_loading}", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (INTERRUPTED, b"", b"")


@pytest.mark.parametrize("moment", ["def main(): os.kill(os.getpid(), 2)", "atexit.register(os.kill, os.getpid(), 2)"])
def test_ctrl_c_before_the_commands_and_after_them_is_quiet_too(tmp_path: Path, moment: str) -> None:
    (tmp_path / "quick_cli.py").write_text(f"import atexit, os\ndef main(): return 0\n{moment}\n")
    done = run_python(
        "-c", "from edge.terminal.launch import launch\nraise SystemExit(launch('quick_cli'))", cwd=tmp_path
    )
    assert (done.returncode, done.stdout, done.stderr) == (INTERRUPTED, b"", b"")


def test_ctrl_c_is_an_exception_again_once_modules_are_loaded() -> None:
    with loading():
        assert signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_job_in_the_background_that_ignores_ctrl_c_goes_on_ignoring_it() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with loading():
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.mark.parametrize(("program", "package"), PROGRAMS.items())
def test_every_way_to_start_a_program_goes_by_the_launcher(program: str, package: str) -> None:
    main = (ROOT / package / "__main__.py").read_text(encoding="utf-8")
    assert f'launch("{package}.cli")' in main
    declared = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'{program} = "{package}.__main__:main"' in declared


@pytest.mark.parametrize("close", [">&-", "2>&-", "<&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_a_program_works_with_streams_that_are_closed(close: str) -> None:
    code = (
        "import os\nfrom edge.terminal import launch\nlaunch.open_missing_streams()\n"
        "fresh = os.open('/dev/null', os.O_RDONLY)\nassert fresh > 2, fresh\n"
        "import sys\nprint('out')\nprint('err', file=sys.stderr)\nsys.stdin.read()\nos._exit(7)"
    )
    assert run_python("-c", code, close=close).returncode == 7


def test_what_goes_wrong_is_not_told_on_standard_output_when_standard_error_is_closed() -> None:
    done = run_python("-m", "edge", "model", "info", "/nowhere.tflite", close="2>&-")
    assert (done.returncode, done.stdout) == (66, b"")


def test_a_command_does_its_work_with_standard_error_closed() -> None:
    done = run_python("-m", "edge", "model", "info", "trashnet6", "--json", close="2>&-")
    assert done.returncode == 0
    assert b'"labels"' in done.stdout


def test_a_name_that_the_terminal_has_no_letters_for_does_not_end_the_program() -> None:
    code = "from edge.terminal.launch import open_missing_streams\nopen_missing_streams()\nprint('M\\u00fcll \\udce9')"
    done = run_python("-c", code, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stdout) == (0, b"M\\xfcll \\udce9\n")


def test_output_that_cannot_be_written_is_told_in_a_line() -> None:
    done = run_python("-m", "train", "recipes", close=">/dev/full")
    assert done.returncode == 2
    assert done.stderr == b"sorter-train: no space left on device\n"


def test_numpy_starts_no_threads_of_its_own_unless_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[dict[str, str | None]] = []
    monkeypatch.setattr(
        "edge.__main__.launch", lambda module: found.append({name: os.environ.get(name) for name in SETTINGS}) or 0
    )
    for name in SETTINGS:
        monkeypatch.setenv(name, "")  # so that it is as before afterwards
        monkeypatch.delenv(name)
    assert start() == 0
    monkeypatch.setenv(THREADS, "2")
    assert start() == 0
    assert found == [SETTINGS, SETTINGS | {THREADS: "2"}]
    assert SETTINGS[THREADS] == "1"
