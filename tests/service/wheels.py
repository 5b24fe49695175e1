"""Wheels for the container's pip, so that every run installs the same versions without a network."""

import hashlib
import platform
import sys
from pathlib import Path

from tests.service.shell import call


def download(project: Path, cache: Path, *, python: str) -> tuple[Path, str]:
    """Fill a folder in ``cache`` for the container as a user of ``install.sh --offline`` does, unless it exists.

    Args:
        project: the project.
        cache: where the folder lies.
        python: version of Python in the container.

    Returns:
        The folder, and what was done.
    """
    requirements = (project / "requirements.txt").read_bytes()
    machine = platform.machine()
    key = hashlib.sha256(requirements + f"{python} {machine}".encode()).hexdigest()[:8]
    folder = cache / f"wheels-{key}"
    if folder.exists():
        return folder, "cached"
    partly = cache / f"wheels-{key}.part"
    script = project / "systemd" / "wheels.py"
    said = call([sys.executable, script, partly, "--python", python, "--machine", machine])
    partly.rename(folder)
    return folder, said.strip().rpartition(": ")[2]
