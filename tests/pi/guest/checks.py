"""Runs on the emulated machine once it is up: the checks of this boot, one after the other, told through a port.

The kernel's command line says which: ``checks=NAME``. Only Python's own library is needed here.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

RUN = Path("/srv/run")
PROJECT = Path("/srv/project")
VENV = Path("/srv/venv")
PYTHON = str(VENV / "bin/python")
GUEST = "tests/pi/guest"
RESULTS = Path("/dev/virtio-ports/results")

PYTEST = ["-m", "pytest", "-p", "tests.pi.guest.pytest_plugin", "-p", "no:cacheprovider"]
# Other people's code: lgpio's SWIG 4.3 crashes where its warnings are errors (swig #3061), picamera2 cannot start.
PYTEST += ["-W", "default::DeprecationWarning"]

PIN_CONTRACTS = [f"tests/hardware/{name}s/test_{name}_contract.py" for name in ("flap", "sensor", "light")]
CAMERA_CONTRACTS = [
    "tests/hardware/cameras/test_camera_contract.py",
    "tests/hardware/cameras/test_v4l2.py",
    "tests/hardware/cameras/test_picamera2.py",
]

Step = tuple[str, list[list[str]], dict[str, str]]
"""A name, commands, and what their environment has besides."""


def tell(check: str, outcome: str, seconds: float = 0.0, detail: str = "") -> None:
    """One line to the host."""
    line = {"check": check, "outcome": outcome, "seconds": round(seconds, 1), "detail": detail}
    with RESULTS.open("w") as port:
        port.write(json.dumps(line) + "\n")


def pytest(python: str, name: str, *files: str, **env: str) -> Step:
    return name, [[python, *PYTEST, *files]], {"PI_STEP": name, **env}


def wheels() -> Step:
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check"]
    commands = [
        ["/usr/bin/python3", "-m", "venv", "--system-site-packages", str(VENV)],
        [*pip, "install", "--no-compile", "--quiet", "--requirement", "requirements.txt"],
        [*pip, "check"],
    ]
    return "the wheels of requirements.txt install", commands, {}


def drivers() -> list[Step]:
    return [
        wheels(),
        pytest(PYTHON, "model", f"{GUEST}/model.py"),
        pytest(PYTHON, "pins", f"{GUEST}/pins.py"),
        pytest(
            PYTHON,
            "drivers on kernel pins",
            *PIN_CONTRACTS,
            SORTER_TEST_PINS="lgpio:0",
            SORTER_TEST_PWM="0:0",
            SORTER_TEST_I2C="0",
        ),
    ]


def cameras() -> list[Step]:
    return [
        wheels(),
        pytest(PYTHON, "cameras", f"{GUEST}/cameras.py"),
        pytest(
            PYTHON,
            "drivers on kernel cameras",
            *CAMERA_CONTRACTS,
            SORTER_TEST_V4L2="/dev/video0",
            SORTER_TEST_PICAMERA2="1",
        ),
        pytest(PYTHON, "loop", "-s", f"{GUEST}/loop.py"),
    ]


def first_boot() -> list[Step]:
    return [pytest("/usr/bin/python3", "first boot", "--noconftest", f"{GUEST}/first_boot.py")]


BOOTS = {"drivers": drivers, "cameras": cameras, "first-boot": first_boot}


def main() -> None:
    words = dict(word.partition("=")[::2] for word in shlex.split(Path("/proc/cmdline").read_text()))
    shutil.copytree(RUN / "project", PROJECT)
    os.chdir(PROJECT)
    wanted = words.get("steps", "")
    for name, commands, env in BOOTS[words["checks"]]():
        if wanted and name not in wanted.split(",") and not name.startswith("the wheels"):
            continue
        run(name, commands, env)
    tell("done", "done")


def run(name: str, commands: list[list[str]], env: dict[str, str]) -> None:
    """Run a step. Pytest tells of each of its tests; what fails otherwise is told here."""
    start_s = time.monotonic()
    for command in commands:
        print("+", name, ":", *command, flush=True)
        # Debian's pytest plug-ins have no part in it.
        ended = subprocess.run(
            command, env={**os.environ, **env, "PYTHONUNBUFFERED": "1", "PYTHONFAULTHANDLER": "1"}, check=False
        )
        seconds = time.monotonic() - start_s
        if ended.returncode:
            tell(
                f"{name}: {Path(command[0]).name} {' '.join(command[1:4])}",
                "failed",
                seconds,
                f"ended with {ended.returncode}",
            )
            return
    tell(name, "passed", seconds)


if __name__ == "__main__":
    try:
        main()
    except Exception as error:
        tell("the checks themselves", "failed", 0.0, f"{type(error).__name__}: {error}")
        sys.exit(f"{type(error).__name__}: {error}")
