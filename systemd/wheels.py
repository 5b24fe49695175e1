#!/usr/bin/env python3
"""Fills a folder with the Python packages that install.sh --offline FOLDER needs, on any computer with a network.

python3 systemd/wheels.py FOLDER [--python 3.13] [--machine aarch64]

Python is that of the system on the card: 3.13 for Raspberry Pi OS 13, 3.11 for Raspberry Pi OS 12. Every file is compared with
its hash in requirements.txt, here and once more when it is installed. Needs Python 3.11 or newer with pip, and nothing else.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

# pip's own copy is wherever pip is.
from pip._vendor.packaging.requirements import Requirement

PROJECT = Path(__file__).resolve().parents[1]

MACHINES = ("aarch64", "x86_64")
"""Processors for which every package has a wheel with a hash: 32-bit systems need piwheels.org, whose files have others."""

NEWEST_GLIBC_MINOR = 41
"""glibc 2.41 of Debian 13. A wheel for an older one runs there too."""


def needed(requirements: Path, *, python: str, machine: str) -> list[str]:
    """The lines of a requirements file with hashes that apply to a machine: ``name==version --hash=...``, without markers.

    Args:
        requirements: the file, as ``make lock`` writes it.
        python: version of Python there, e.g. ``3.13``.
        machine: processor there, one of ``MACHINES``.
    """
    there = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "platform_machine": machine,
        "sys_platform": "linux",
        "platform_system": "Linux",
        "os_name": "posix",
    }
    lines = []
    for line in requirements.read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        text = line.partition("#")[0].strip()
        if not text:
            continue
        wanted, *hashes = re.split(r"\s+(?=--hash=)", text)
        requirement = Requirement(wanted)
        if requirement.marker is None or requirement.marker.evaluate(there):
            lines.append(" ".join([f"{requirement.name}{requirement.specifier}", *hashes]))
    return lines


def tags(python: str, machine: str) -> list[str]:
    """Options of pip that choose the wheels of a machine."""
    names = [f"manylinux_2_{minor}_{machine}" for minor in range(NEWEST_GLIBC_MINOR, 4, -1)]
    names += [f"manylinux{year}_{machine}" for year in (2014, 2010, 1)]
    words = ["--only-binary=:all:", "--python-version", python, "--implementation", "cp"]
    return [*words, *(word for name in names for word in ("--platform", name))]


def main() -> int:
    """Fill the folder; exit code of pip."""
    parser = argparse.ArgumentParser(prog="wheels.py", description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where to; made if missing")
    parser.add_argument(
        "--python", default="3.13", help="version of Python on the card (default: 3.13, Raspberry Pi OS 13)"
    )
    parser.add_argument(
        "--machine", choices=MACHINES, default="aarch64", help="its processor (default: aarch64, 64-bit Pi)"
    )
    arguments = parser.parse_args()
    lines = needed(PROJECT / "requirements.txt", python=arguments.python, machine=arguments.machine)
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write("\n".join(lines))
        file.flush()
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"]
        options = ["--require-hashes", "--dest", str(arguments.folder), "-r", file.name]
        code = subprocess.run([*pip, *tags(arguments.python, arguments.machine), *options], check=False).returncode
    if code == 0:
        what = f"{len(lines)} packages for Python {arguments.python} on {arguments.machine}"
        sys.stdout.write(f"{arguments.folder}: {what}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
