"""The image that the machine boots from: the root file system with drivers, packages and a few own files."""

import shutil
from pathlib import Path

from tests.pi.drivers_and_wheels import GUEST, kernel
from tests.pi.rootfs import make_image, run_inside

FILES = GUEST / "files"

SCRIPT = """
dpkg --install /out/*.deb
cp -r /out/modules/lib/modules /usr/lib
depmod "$(ls /lib/modules)"
systemctl enable pi-checks.service
# There is no network: apt must know nothing but the installed packages.
rm -f /etc/apt/sources.list /etc/apt/sources.list.d/*
: >/etc/machine-id
: >/etc/resolv.conf
echo pi >/etc/hostname
mkdir -p /srv/run /boot/firmware
"""


def recipe() -> list[str | Path]:
    """Inputs of the image besides the root file system, the drivers and the packages."""
    files = sorted(path for path in FILES.rglob("*") if path.is_file())
    return [SCRIPT, *(str(path.relative_to(FILES)) for path in files), *files]


def build_image(folder: Path, root: Path, parts: Path, log: Path) -> None:
    """Fill ``folder`` with ``root.img``, ``kernel`` and ``initrd``."""
    upper = folder / "upper"
    shutil.copytree(FILES, upper / "files")
    run_inside(root, upper, parts, SCRIPT, network=False, env={}, log=log)
    for name in ("out", "proc", "tmp"):
        (upper / "files" / name).mkdir(exist_ok=True)
    make_image(root, upper, folder / "root.img", log=log)
    shutil.rmtree(upper)
    shutil.copy(root / f"boot/vmlinuz-{kernel(root)}", folder / "kernel")
    shutil.copy(root / f"boot/initrd.img-{kernel(root)}", folder / "initrd")
