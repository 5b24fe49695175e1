"""The folder for an install without a network holds what install.sh will ask for, and nothing without a hash."""

import importlib.util
import re
from pathlib import Path

import pytest

from tests.paths import ROOT

SPECIFICATION = importlib.util.spec_from_file_location("wheels", ROOT / "systemd" / "wheels.py")
assert SPECIFICATION is not None
assert SPECIFICATION.loader is not None
wheels = importlib.util.module_from_spec(SPECIFICATION)
SPECIFICATION.loader.exec_module(wheels)

REQUIREMENTS = """\
# made by uv
one==1.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
    # via something
two==2.0 ; python_full_version < '3.12' and platform_machine == 'aarch64' \\
    --hash=sha256:cc
three==3.0 ; sys_platform == 'win32' \\
    --hash=sha256:dd
"""


@pytest.mark.parametrize(("python", "names"), [("3.11", ["one==1.0", "two==2.0"]), ("3.13", ["one==1.0"])])
def test_the_packages_are_those_of_the_other_machine(python: str, names: list[str], tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(REQUIREMENTS, encoding="utf-8")
    lines = wheels.needed(tmp_path / "requirements.txt", python=python, machine="aarch64")
    assert [line.partition(" ")[0] for line in lines] == names
    assert lines[0] == "one==1.0 --hash=sha256:aa --hash=sha256:bb"


@pytest.mark.parametrize("python", ["3.11", "3.13"])
@pytest.mark.parametrize("machine", wheels.MACHINES)
def test_every_package_of_the_lock_is_fetched_by_its_hash(python: str, machine: str) -> None:
    lines = wheels.needed(ROOT / "requirements.txt", python=python, machine=machine)
    assert len(lines) > 20
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+( --hash=sha256:[0-9a-f]{64})+", line) for line in lines)
    assert "--only-binary=:all:" in wheels.tags(python, machine)


def test_what_install_adds_for_picamera2_is_in_the_lock_too() -> None:
    extra = ROOT / "systemd" / "requirements-picamera2.txt"
    lines = [set(wheels.needed(file, python="3.11", machine="aarch64")) for file in (extra, ROOT / "requirements.txt")]
    assert lines[0] <= lines[1]
