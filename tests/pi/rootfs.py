"""The arm64 root file system; runs programs in it through qemu-user."""

import os
from collections.abc import Mapping
from pathlib import Path

from tests.debian_mirror import find_mirror
from tests.pi.shell import PiStepError, run

SUITE = "trixie"
"""Debian release that Raspberry Pi OS 13 is based on."""

PACKAGES = """
ca-certificates cloud-init dbus e2fsprogs git i2c-tools initramfs-tools kmod libcamera-ipa linux-image-arm64 netplan.io
openssh-server python3-hypothesis python3-libcamera python3-numpy python3-prctl python3-pytest python3-venv sudo systemd-sysv
systemd-timesyncd udev v4l-utils
"""

SETUP = """
mkdir -p "$1/etc/initramfs-tools/conf.d"
printf 'MODULES=list\\nCOMPRESS=gzip\\n' >"$1/etc/initramfs-tools/conf.d/machine"
printf 'virtio_pci\\nvirtio_blk\\next4\\n' >"$1/etc/initramfs-tools/modules"
"""
"""The initial RAM disk contains only the drivers of the machine's disk: packing all of them takes minutes."""

LEFT_OUT = ("/usr/share/man", "/usr/share/locale", "/usr/share/doc", "/usr/lib/udev/hwdb.d")
"""Folders of the packages that are not needed; the database of hardware names takes minutes to compile."""

BINFMT = Path("/proc/sys/fs/binfmt_misc")

SHARED = ("/etc/resolv.conf", "/etc/ssl/certs", "/etc/pip.conf", "~/.config/pip/pip.conf")
"""Network settings of this machine: mounted for programs in the root file system while they run, never copied."""

MOUNTED = """
root=$1 lower=$2 upper=$3 out=$4; shift 4
mkdir -p "$root" "$upper/files" "$upper/work"
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$upper/files,workdir=$upper/work" "$root"
"""

INSIDE = """
mkdir -p "$root/out" "$root/tmp"
mount --bind "$out" "$root/out"
mount -t tmpfs tmpfs "$root/tmp"
mount -t proc proc "$root/proc"
for shared in "$@"; do
    [ -e "$shared" ] || continue
    lent=$root$shared
    if [ -d "$shared" ]; then mkdir -p "$lent"; else mkdir -p "${lent%/*}"; [ -e "$lent" ] || : >"$lent"; fi
    mount --bind "$shared" "$lent"
done
exec chroot "$root" /bin/sh -eu /out/script
"""

IMAGE = """
truncate -s 8G "$out"
exec mkfs.ext4 -q -F -L root -d "$root" "$out"
"""


def prepare_arm64(log: Path) -> None:
    """Let this kernel run arm64 programs through qemu-user, as qemu-user-static does on machines with systemd."""
    if not (BINFMT / "register").exists():
        run(["mount", "-t", "binfmt_misc", "binfmt_misc", BINFMT], log=log)
    if not (BINFMT / "qemu-aarch64").exists():
        rule = Path("/usr/lib/binfmt.d/qemu-aarch64.conf").read_text().strip()
        (BINFMT / "register").write_text(rule)


def make_root(folder: Path, log: Path) -> None:
    """Fill ``folder/root`` with the packages above.

    Raises:
        PiStepError: there is no Debian mirror, or mmdebstrap failed.
    """
    source = find_mirror()
    if source is None:
        raise PiStepError("this machine's apt sources name no Debian mirror (an address that ends with /debian)")
    command: list[str | Path] = ["mmdebstrap", "--mode=root", "--variant=minbase", "--arch=arm64"]
    command += [f"--setup-hook={SETUP}", "--dpkgopt=force-unsafe-io", f"--include={','.join(PACKAGES.split())}"]
    command += [f"--dpkgopt=path-exclude={name}/*" for name in LEFT_OUT]
    run([*command, SUITE, folder / "root", source], log=log)


def run_inside(
    lower: Path, upper: Path, out: Path, script: str, *, network: bool, env: Mapping[str, str], log: Path
) -> None:
    """Run a shell script in the root file system ``lower``.

    Args:
        lower: the root file system, which stays unchanged.
        upper: folder that receives the changes.
        out: folder that the script sees as ``/out``.
        script: the script.
        network: whether the script may use the network.
        env: further environment variables.
        log: file that receives the output.

    Raises:
        PiStepError: the script failed.
    """
    (out / "script").write_text(script)
    shared = [os.path.expanduser(name) for name in SHARED] if network else []
    pip = {key: value for key, value in os.environ.items() if key.startswith("PIP_")}
    path = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(Path.home()), "LC_ALL": "C.UTF-8"}
    # The default CPU model of qemu-user computes some vector instructions incorrectly.
    settings = {**path, **pip, "QEMU_CPU": "cortex-a72", "DEBIAN_FRONTEND": "noninteractive", **env}
    _in_namespace(MOUNTED + INSIDE, upper, [lower, upper, out, *shared], env=settings, log=log)
    (out / "script").unlink()


def make_image(lower: Path, upper: Path, image: Path, *, log: Path) -> None:
    """Make an ext4 image of ``lower`` with the changes in ``upper``."""
    _in_namespace(MOUNTED + IMAGE, upper, [lower, upper, image], env=dict(os.environ), log=log)


def _in_namespace(script: str, upper: Path, arguments: list[Path | str], *, env: Mapping[str, str], log: Path) -> None:
    """Run a script on the host in its own mount namespace, so that its mounts end with it."""
    run(["unshare", "--mount", "sh", "-euc", script, "sh", upper / "root", *arguments], env=env, log=log)
