"""Disk images of a run: the checkout with wheels and expected answers, and a boot partition with first-boot files."""

import base64
import shutil
import subprocess
import sys
from pathlib import Path

from tests.pi.expected_answers import PROJECT, write_expectations
from tests.pi.shell import PiStepError, run

HOST_NAME = "bin-pi"
"""Name of the emulated Pi in the table that its first-boot files are made from."""

KEY = b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + bytes(32)
"""The fields of a public key, each after its length."""


def make_run_disk(folder: Path, wheels: Path, log: Path) -> Path:
    """Make an ext4 image labelled ``run`` with ``project/``, ``wheels/`` and the models' answers on this machine."""
    contents = folder / "run"
    copy_checkout(contents / "project")
    shutil.copytree(wheels, contents / "wheels", copy_function=_link)
    write_expectations(contents)
    image = folder / "run.img"
    run(["truncate", "-s", "2G", image], log=log)
    run(["mkfs.ext4", "-q", "-F", "-L", "run", "-d", contents, image], log=log)
    shutil.rmtree(contents)
    return image


def make_boot_disk(folder: Path, files: Path, log: Path) -> Path:
    """Make a FAT image labelled ``bootfs``, like that of Raspberry Pi Imager, with a table's first-boot files and the project."""
    image = folder / "boot.img"
    run(["truncate", "-s", "256M", image], log=log)
    run(["mkfs.vfat", "-n", "bootfs", image], log=log)
    archive = folder / "sorter.tar.gz"
    copy_checkout(folder / "sorter")
    run(["tar", "-C", folder, "-czf", archive, "sorter"], log=log)
    table, cards = folder / "bins.csv", folder / "cards"
    table.write_text(f"host_name,key,bin_name\n{HOST_NAME},{make_key()} owner,Hall\n")
    run([sys.executable, files / "make_cards.py", table, cards, "--archive", archive], log=log)
    for file in sorted((cards / HOST_NAME).iterdir()):
        run(["mcopy", "-i", image, file, "::"], log=log)
    return image


def make_key() -> str:
    """A public key that nobody has the private one of; without a key the first boot installs nothing."""
    return f"ssh-ed25519 {base64.b64encode(KEY).decode()}"


def copy_checkout(folder: Path) -> None:
    """Copy the project's files: those that git tracks, and new ones that it does not ignore.

    Raises:
        PiStepError: the project is not a git checkout.
    """
    command = ["git", "-C", str(PROJECT), "-c", "safe.directory=*", "ls-files", "-z", "-co", "--exclude-standard"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)
    if listed.returncode:
        raise PiStepError(f"{PROJECT} is not a git checkout: {listed.stderr.strip()}")
    for name in listed.stdout.split("\0"):
        file = PROJECT / name
        if name and file.is_file():  # deleted files are listed too
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, folder / name)


def _link(source: str, target: str) -> None:
    Path(target).hardlink_to(source)
