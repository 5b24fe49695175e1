"""The root file system of the container."""

import hashlib
import re
from pathlib import Path

from tests.service.shell import call

PYTHONS = {"trixie": "3.13", "bookworm": "3.11"}
"""Debian release -> version of its Python."""

PACKAGES = ("systemd", "systemd-sysv", "dbus", "udev", "python3", "ca-certificates")
"""What a fresh machine has before install.sh runs; not python3-venv, which install.sh brings."""

KNOWN_MIRROR = "http://deb.debian.org/debian"


def mirror(sources: Path = Path("/etc/apt")) -> str:
    """The Debian mirror that this machine's own apt sources name; Debian's own where they name none."""
    for file in sorted([*sources.glob("sources.list"), *sources.glob("sources.list.d/*")]):
        for line in file.read_text().splitlines():
            found = re.match(r"(?:URIs:|deb\s+(?:\[[^]]*\]\s+)?)\s*(\S+/debian)/?(?:\s|$)", line)
            if found:
                return found[1]
    return KNOWN_MIRROR


def make_archive(cache: Path, suite: str) -> tuple[Path, str]:
    """The archive of a Debian root file system in ``cache``, made where it is missing; and a word on which it was."""
    source = mirror()
    key = hashlib.sha256(repr((suite, PACKAGES, source)).encode()).hexdigest()[:8]
    archive = cache / f"{suite}-{key}.tar"
    if archive.exists():
        return archive, "cached"
    partly = archive.with_suffix(".part.tar")
    packages = ",".join(PACKAGES)
    call(["mmdebstrap", "--quiet", "--variant=minbase", f"--include={packages}", suite, partly, source], timeout_s=1800)
    partly.rename(archive)
    return archive, f"made from {source}"


def unpack(archive: Path, root: Path) -> None:
    """A fresh copy of the root file system in the empty or missing folder ``root``."""
    root.mkdir(parents=True, exist_ok=True)
    call(["tar", "--extract", "--numeric-owner", "--file", archive, "--directory", root])
