"""``make test-pi``: builds what is not cached, starts the machine once for each boot, and prints the result of every check."""

import argparse
import os
import shutil
import signal
import sys
import time
from pathlib import Path

from tests.pi import image, rootfs
from tests.pi.cache import cached
from tests.pi.disks import make_boot_disk, make_run_disk
from tests.pi.drivers_and_wheels import FETCH, RECIPE, SOURCES, VERSIONS, WHEELS, fetch_wheels, make_parts
from tests.pi.expected_answers import PROJECT
from tests.pi.qemu import COUNTED, REAL, QemuMachine
from tests.pi.results import CheckResult, Port, table
from tests.pi.shell import PiStepError, run

CACHE = PROJECT / ".cache" / "pi"

NEEDED = {
    "mmdebstrap": "mmdebstrap",
    "qemu-aarch64-static": "qemu-user-static",
    "arch-test": "arch-test",
    "qemu-system-aarch64": "qemu-system-arm",
    "dtc": "device-tree-compiler",
    "mkfs.ext4": "e2fsprogs",
    "mkfs.vfat": "dosfstools",
    "mcopy": "mtools",
    "git": "git",
}
"""Program -> Debian package that contains it."""

BOOTS = {"drivers": (COUNTED, 3600.0), "cameras": (REAL, 2400.0), "first-boot": (COUNTED, 2400.0)}
"""Boot -> its clock, and its time limit in seconds: many times what it takes on two idle cores."""

FIRST_BOOT = PROJECT / "systemd" / "firstboot"


class Build:
    """The steps before a boot.

    Attributes:
        results: result of each step.
        logs: folder of the logs.
    """

    def __init__(self) -> None:
        self.results: list[CheckResult] = []
        self._last_s = time.monotonic()
        self.logs = CACHE / "logs"
        shutil.rmtree(self.logs, ignore_errors=True)

    def install_programs(self) -> None:
        missing = sorted({package for program, package in NEEDED.items() if not shutil.which(program)})
        if missing:
            print(f"installing {' '.join(missing)}", flush=True)
            log, env = self.logs / "apt", {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            run(["apt-get", "update", "-q"], log=log, env=env)
            run(["apt-get", "install", "-q", "-y", "--no-install-recommends", *missing], log=log, env=env)

    def image(self) -> tuple[Path, Path]:
        """Build what is not cached; folders of the machine's image and of the wheels."""
        log, requirements = self.logs / "build", PROJECT / "requirements.txt"
        rootfs.prepare_arm64(log)
        recipe: list[str | Path] = [rootfs.SUITE, rootfs.PACKAGES, rootfs.SETUP, *rootfs.LEFT_OUT]
        root = cached(CACHE, "root", recipe, lambda folder: rootfs.make_root(folder, log))
        self.note("root file system")
        recipe = [root.name, str(VERSIONS), str(SOURCES), FETCH, *RECIPE]
        made = cached(CACHE, "parts", recipe, lambda folder: make_parts(folder, root / "root", log))
        self.note("drivers and packages")
        recipe = [root.name, WHEELS, requirements]
        wheels = cached(CACHE, "wheels", recipe, lambda folder: fetch_wheels(folder, root / "root", requirements, log))
        self.note("wheels")
        recipe = [root.name, made.name, *image.recipe()]
        built = cached(CACHE, "image", recipe, lambda folder: image.build_image(folder, root / "root", made, log))
        self.note("image")
        return built, wheels / "wheels"

    def note(self, step: str) -> None:
        now_s = time.monotonic()
        self.results.append(CheckResult(step, "passed", now_s - self._last_s))
        self._last_s = now_s
        print(f"  {self.results[-1]}", flush=True)


def main() -> int:
    """Run the boots; exit code 0 if every check passed or was skipped with a reason, else 1."""
    parser = argparse.ArgumentParser(prog="make test-pi", description=__doc__)
    parser.add_argument("--boot", choices=BOOTS, action="append", help="only this boot (default: each)")
    parser.add_argument("--steps", default="", help="only these steps of the boot, separated by commas")
    arguments = parser.parse_args()
    if os.geteuid() != 0:
        print("make test-pi: must run as root, because it makes file systems", file=sys.stderr)
        return 1
    # End as with Ctrl-C, so that the machine is not left running.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    results: list[CheckResult] = []
    try:
        build = Build()
        build.install_programs()
        build.note("programs of this machine")
        built, wheels = build.image()
        results += build.results
        runs = CACHE / "runs"
        shutil.rmtree(runs, ignore_errors=True)
        runs.mkdir(parents=True)
        disk = make_run_disk(runs, wheels, build.logs / "disks")
        for name in arguments.boot or BOOTS:
            clock, limit_s = BOOTS[name]
            results += boot(name, QemuMachine(built, runs / name, clock), disk, arguments.steps, limit_s)
    except PiStepError as error:
        print(f"make test-pi: {error}", file=sys.stderr)
        results.append(CheckResult(str(error).splitlines()[0], "failed", 0.0))
    print(table(results))
    return int(any(result.outcome == "failed" for result in results))


def boot(name: str, machine: QemuMachine, disk: Path, steps: str, limit_s: float) -> list[CheckResult]:
    """Start the machine once and run the checks of that name; their results."""
    print(f"{name}: the machine starts; its console and logs: {machine.folder}", flush=True)
    port = Port(machine.folder / "results")
    options = [f"checks={name}", f'steps="{steps}"']
    disks = [disk]
    if name == "first-boot":
        disks.append(make_boot_disk(machine.folder.parent, FIRST_BOOT, CACHE / "logs" / "disks"))
    else:
        options.append("cloud-init=disabled")
    try:
        seconds = machine.boot(disks, options=options, limit_s=limit_s, look=port.look)
    except PiStepError as error:
        return [*port.results, CheckResult(f"{name}: {error}", "failed", limit_s)]
    outcome, detail = (
        ("passed", "") if port.done else ("failed", f"the machine powered off early; see {machine.folder}")
    )
    return [*port.results, CheckResult(f"{name}: boot, checks and power-off", outcome, seconds, detail)]


if __name__ == "__main__":
    sys.exit(main())
