"""Wheels for the container's pip, so that every run installs the same versions without a network."""

import hashlib
import platform
import sys
from pathlib import Path

# pip's own copy is in every virtual environment; the package itself may not be installed.
from pip._vendor.packaging.requirements import Requirement

from tests.service.shell import call


def needed(requirements: Path, python: str) -> list[str]:
    """Lines of a requirements file that apply to the container, without their markers: ``name==version``."""
    there = {"python_version": python, "python_full_version": f"{python}.0", "platform_machine": platform.machine()}
    lines = []
    for line in requirements.read_text().splitlines():
        text = line.partition("#")[0].removesuffix("\\").strip()
        if not text or text.startswith("--hash="):
            continue
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate(there):
            lines.append(f"{requirement.name}{requirement.specifier}")
    return lines


def download(requirements: Path, cache: Path, *, python: str) -> tuple[Path, str]:
    """Download the container's wheels into a folder in ``cache``, unless it exists; the folder, and what was done."""
    lines = needed(requirements, python)
    key = hashlib.sha256("\n".join([python, *lines]).encode()).hexdigest()[:8]
    folder = cache / f"wheels-{key}"
    if folder.exists():
        return folder, f"{len(lines)} cached"
    partly = cache / f"wheels-{key}.part"
    platforms = [f"manylinux_2_{minor}_{platform.machine()}" for minor in range(41, 4, -1)]
    platforms += [f"manylinux{year}_{platform.machine()}" for year in (2014, 2010, 1)]
    call(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        + ["--python-version", python, "--implementation", "cp"]
        + [word for name in platforms for word in ("--platform", name)]
        + ["--dest", str(partly), *lines]
    )
    partly.rename(folder)
    return folder, f"{len(lines)} downloaded"
