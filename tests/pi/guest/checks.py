"""Runs the checks of this boot on the emulated machine, and writes their results to a port.

``checks=NAME`` on the kernel's command line selects them. Needs only the standard library.
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
# Warnings of third-party code must not be errors: SWIG 4.3 in lgpio would crash (swig #3061), picamera2 not start.
PYTEST += ["-W", "default::DeprecationWarning"]

PIN_CONTRACTS = [
    "tests/hardware/drives/test_flap_contract.py",
    "tests/hardware/sensors/test_sensor_contract.py",
    "tests/hardware/lights/test_light_contract.py",
]
CAMERA_CONTRACTS = [
    "tests/hardware/cameras/test_camera_contract.py",
    "tests/hardware/cameras/test_v4l2.py",
    "tests/hardware/cameras/test_picamera2.py",
]

Step = tuple[str, list[list[str]], dict[str, str]]
"""Name, commands, and further environment variables."""


def report(check: str, outcome: str, seconds: float = 0.0, detail: str = "") -> None:
    """Send the result of one check to the host."""
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
    report("done", "done")


def run(name: str, commands: list[list[str]], env: dict[str, str]) -> None:
    """Run a step. The pytest plug-in reports each test; other failures are reported here."""
    start_s = time.monotonic()
    for command in commands:
        print("+", name, ":", *command, flush=True)
        # Debian's pytest plug-ins are not loaded.
        ended = subprocess.run(
            command, env={**os.environ, **env, "PYTHONUNBUFFERED": "1", "PYTHONFAULTHANDLER": "1"}, check=False
        )
        seconds = time.monotonic() - start_s
        if ended.returncode:
            report(
                f"{name}: {Path(command[0]).name} {' '.join(command[1:4])}",
                "failed",
                seconds,
                f"ended with {ended.returncode}",
            )
            return
    report(name, "passed", seconds)


if __name__ == "__main__":
    try:
        main()
    except Exception as error:
        report("the checks themselves", "failed", 0.0, f"{type(error).__name__}: {error}")
        sys.exit(f"{type(error).__name__}: {error}")
