"""Parts of the machine without a Debian package: kernel drivers, packages of Raspberry Pi OS, wheels."""

import shutil
from pathlib import Path

from tests.pi.rootfs import run_inside
from tests.pi.shell import PiStepError, run

GUEST = Path(__file__).parent / "guest"
RECIPE = tuple(GUEST / name for name in ("build.sh", "pykms.py", "allocator.py"))

VERSIONS = {"PICAMERA2": "0.3.38", "LGPIO": "0.2.2.0"}
"""Versions from the Python package index; lgpio is built from source, because it has no wheel for this Python."""

SOURCES = (
    "drivers/gpio/*.h",
    "drivers/gpio/gpio-sim.c",
    "drivers/i2c/i2c-stub.c",
    "drivers/media/test-drivers/vimc",
    "drivers/pwm/pwm-gpio.c",
    "kernel/irq/irq_sim.c",
)

FETCH = "apt-get update -q && cd /out && apt-get download -q linux-source-$SERIES"


WHEELS = """
python3 -m venv /tmp/venv
/tmp/venv/bin/pip download --only-binary :all: --dest /out/wheels --requirement /out/requirements.txt
"""


def make_parts(folder: Path, root: Path, log: Path) -> None:
    """Build ``modules/`` and ``*.deb`` in ``folder``; takes minutes under qemu-user."""
    for file in RECIPE:
        shutil.copy(file, folder)
    upper = folder / "upper"
    env = {**VERSIONS, "SERIES": ".".join(kernel(root).split(".")[:2])}
    run_inside(root, upper, folder, FETCH, network=True, env=env, log=log)
    _unpack_sources(folder, log)
    run_inside(root, upper, folder, (folder / "build.sh").read_text(), network=True, env=env, log=log)
    shutil.rmtree(upper)
    (folder / "linux-source.tar").unlink()


def fetch_wheels(folder: Path, root: Path, requirements: Path, log: Path) -> None:
    """Download the wheels of the requirements for the machine's Python into ``folder/wheels``."""
    shutil.copy(requirements, folder)
    run_inside(root, folder / "upper", folder, WHEELS, network=True, env={}, log=log)
    shutil.rmtree(folder / "upper")


def kernel(root: Path) -> str:
    """The version of the kernel in a root file system.

    Raises:
        PiStepError: there is not exactly one kernel.
    """
    found = sorted(path.name for path in (root / "lib/modules").iterdir())
    if len(found) != 1:
        raise PiStepError(f"{root}/lib/modules: expected one kernel, found {found}")
    return found[0]


def _unpack_sources(folder: Path, log: Path) -> None:
    """Extract the few source files that are needed from the kernel's archive, on the host, where it takes seconds."""
    (package,) = folder.glob("linux-source-*.deb")
    run(["dpkg-deb", "--extract", package, folder / "kernel"], log=log)
    (sources,) = (folder / "kernel/usr/src").glob("*.tar.xz")
    wanted = [f"*/{name}" for name in SOURCES]
    run(["tar", "-C", folder / "kernel", "-xf", sources, "--wildcards", *wanted], log=log)
    top = sources.name.removesuffix(".tar.xz")
    run(["tar", "-C", folder / "kernel", "-cf", folder / "linux-source.tar", top], log=log)
    shutil.rmtree(folder / "kernel")
    package.unlink()
