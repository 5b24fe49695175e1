"""The root file system of the container."""

import hashlib
from pathlib import Path

from tests.debian_mirror import find_mirror
from tests.service.shell import ServiceCheckError, call

PYTHONS = {"trixie": "3.13", "bookworm": "3.11"}
"""Debian release -> version of its Python."""

PACKAGES = ("systemd", "systemd-sysv", "dbus", "udev", "python3", "ca-certificates")
"""Packages of a fresh machine before install.sh runs; without python3-venv, which install.sh installs."""


def make_archive(cache: Path, suite: str) -> tuple[Path, str]:
    """Make the archive of a Debian root file system in ``cache``, unless it exists.

    Returns:
        The archive, and "cached" or "made".

    Raises:
        ServiceCheckError: there is no Debian mirror, or mmdebstrap failed.
    """
    source = find_mirror()
    if source is None:
        raise ServiceCheckError("this machine's apt sources name no Debian mirror (an address that ends with /debian)")
    key = hashlib.sha256(repr((suite, PACKAGES, source)).encode()).hexdigest()[:8]
    archive = cache / f"{suite}-{key}.tar"
    if archive.exists():
        return archive, "cached"
    partly = archive.with_suffix(".part.tar")
    packages = ",".join(PACKAGES)
    call(["mmdebstrap", "--quiet", "--variant=minbase", f"--include={packages}", suite, partly, source], timeout_s=1800)
    partly.rename(archive)
    return archive, "made"


def unpack(archive: Path, root: Path) -> None:
    """Unpack the root file system into the empty or missing folder ``root``."""
    root.mkdir(parents=True, exist_ok=True)
    call(["tar", "--extract", "--numeric-owner", "--file", archive, "--directory", root])
