"""Children that run Python import nothing from the folder that they are started in, or that the command was typed in."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from edge.config.file import absolute_overrides
from edge.config.python_child import python_child, python_code
from edge.doctor.host import run_command
from edge.inference.delegate_process import DelegateProcess
from tests.paths import ROOT

PACKAGES = ("edge", "hardware", "train", "convert")

TAKEN = "raise SystemExit('taken from the current folder')"


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A folder with modules of the names that a child imports."""
    folder = tmp_path / "hostile"
    for name in (*PACKAGES, "multiprocessing"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(TAKEN)
    for name in ("runpy", "json", "numpy", "mitsuba", "random"):
        (folder / f"{name}.py").write_text(TAKEN)
    return folder


def test_a_child_runs_the_program_that_started_it(hostile: Path) -> None:
    code = python_child("edge.config.default")
    done = subprocess.run(code, cwd=hostile, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_child_gets_its_arguments_and_its_name(tmp_path: Path) -> None:
    package = tmp_path / "said"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "words.py").write_text("import sys; print(__name__, sys.argv[1:])")
    command = python_child("said.words", "a", "b c")
    done = subprocess.run(command, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True)
    assert done.stdout == "__main__ ['a', 'b c']\n"


def test_a_piece_of_code_ignores_the_current_folder(hostile: Path) -> None:
    done = subprocess.run(
        python_code("import random; print(random.__name__)"), cwd=hostile, capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("random\n", "")


@pytest.mark.parametrize("kept_off", [True, False])
def test_worker_processes_ignore_the_current_folder(kept_off: bool, hostile: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import multiprocessing\n"
        "from edge.config.python_child import keep_workers_off_current_folder\n"
        "if __name__ == '__main__':\n"
        f"    {kept_off} and keep_workers_off_current_folder()\n"
        "    worker = multiprocessing.get_context('spawn').Process(target=int)\n"
        "    worker.start()\n"
        "    worker.join()\n"
        "    raise SystemExit(worker.exitcode)\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    done = subprocess.run(
        [sys.executable, script],
        cwd=hostile,
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    # The other way round it shows that the folder is hostile.
    assert (done.returncode == 0) is kept_off, done.stderr


def test_commands_of_the_doctor_run_in_a_folder_of_root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_command(["pwd"], 10).out == "/\n"


def test_the_process_of_an_accelerator_runs_in_a_folder_of_root_and_gets_an_absolute_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class StartedError(Exception):
        pass

    def start(command: list[str], *, cwd: str, **options: object) -> None:
        raise StartedError(cwd, command[8])

    monkeypatch.setattr(subprocess, "Popen", start)
    monkeypatch.chdir(tmp_path)
    for delegate, library in (("./libown.so", f"{tmp_path}/libown.so"), ("libedgetpu.so.1", "libedgetpu.so.1")):
        with pytest.raises(StartedError) as started:
            DelegateProcess(0, delegate=delegate, runtime="none", threads=1, answer_s=1.0)
        assert started.value.args == ("/", library)


def test_overrides_mean_the_same_in_another_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    given = [
        'event_log.file="a: b/ü.sqlite"',
        "model.file=trashnet6",
        "camera.fps=5",
        "camera.opencv.source=0",
        "no value",
    ]
    made = absolute_overrides(given)
    assert made[0] != given[0]
    assert made[2:] == given[2:]
    monkeypatch.chdir("/")
    assert absolute_overrides(made) == made, "they are absolute"


def test_python_is_started_in_one_way_only() -> None:
    files = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    starting = {path.relative_to(ROOT).as_posix() for path in files if "sys.executable" in path.read_text("utf-8")}
    assert starting == {"edge/config/python_child.py"}
    spawning = [path for path in files if "get_context(" in path.read_text("utf-8")]
    assert spawning
    for path in spawning:
        assert "keep_workers_off_current_folder()" in path.read_text("utf-8"), f"{path}: its workers"
