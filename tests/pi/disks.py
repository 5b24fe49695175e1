"""Disk images of a run: the checkout with wheels and expected answers, and a boot partition with first-boot files."""

import base64
import re
import shutil
import subprocess
from pathlib import Path

from tests.pi.expected_answers import PROJECT, write_expectations
from tests.pi.shell import PiStepError, run


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
    """Make a FAT image labelled ``bootfs``, like that of Raspberry Pi Imager, with first-boot files and the project."""
    image = folder / "boot.img"
    run(["truncate", "-s", "256M", image], log=log)
    run(["mkfs.vfat", "-n", "bootfs", image], log=log)
    archive = folder / "sorter.tar.gz"
    copy_checkout(folder / "sorter")
    run(["tar", "-C", folder, "-czf", archive, "sorter"], log=log)
    own = folder / "user-data"
    own.write_text(with_key((files / own.name).read_text()))
    for file in (*sorted(one for one in files.iterdir() if one.name != own.name), own, archive):
        run(["mcopy", "-i", image, file, "::"], log=log)
    return image


def with_key(user_data: str) -> str:
    """The first-boot file as an owner leaves it, with a key; as it ships it installs nothing."""
    key = base64.b64encode(b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + bytes(32)).decode()
    return re.sub(r"# (ssh_authorized_keys:).*", rf'\1 ["ssh-ed25519 {key} owner"]', user_data)


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
