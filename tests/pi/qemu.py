"""The emulated machine: an arm64 computer with a Raspberry Pi's device tree, disks, and two ports to the host."""

import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.pi.shell import PiStepError, run

DEVICE_TREE = Path(__file__).parent / "guest" / "pi.dtsi"

MODEL = ("-M", "virt", "-cpu", "cortex-a72", "-m", "2048")
"""The processor of a Raspberry Pi 4; the tests depend on none of its other hardware."""

COUNTED = ("-icount", "shift=1", "-rtc", "clock=vm")
"""Clock that counts 2 ns per instruction: a busy host slows the machine down without changing its time."""

REAL = ("-smp", "2", "-accel", "tcg,thread=multi")
"""Two processors on the host's clock: several times as fast, and as irregular as the host."""

FIRST = ("nice", "-n", "-15")
"""In front of the command of a machine on the host's clock: beside other load its pictures would come late, and be refused."""

PORTS = ("results", "log")
"""/dev/virtio-ports/NAME of the machine is the file NAME in its folder."""


@dataclass(frozen=True, slots=True)
class QemuMachine:
    """A machine whose changes to its disk are lost when it powers off.

    Attributes:
        image: folder with ``root.img``, ``kernel`` and ``initrd``.
        folder: folder for its ports, console and device tree.
        clock: ``COUNTED``, for checks that measure pulses, or ``REAL``.
    """

    image: Path
    folder: Path
    clock: tuple[str, ...]

    def boot(
        self, disks: Sequence[Path], *, options: Sequence[str] = (), limit_s: float, look: Callable[[], None]
    ) -> float:
        """Run until the machine powers off; the time that it took, in seconds.

        Args:
            disks: further disk images, read-only.
            options: words on the kernel's command line.
            limit_s: time limit in seconds.
            look: called every second to read new results.

        Raises:
            PiStepError: the machine does not power off in time, or QEMU fails.
        """
        self.folder.mkdir(parents=True)
        log = self.folder / "qemu.log"
        words = ["console=ttyAMA0", "root=/dev/vda", "rw", "systemd.firstboot=off", *options]
        first = FIRST if self.clock is REAL else ()
        command: list[str | Path] = [*first, "qemu-system-aarch64", *MODEL, *self.clock]
        command += ["-dtb", self._device_tree(log), "-kernel", self.image / "kernel", "-initrd", self.image / "initrd"]
        command += ["-append", " ".join(words), "-display", "none", "-monitor", "none", "-nic", "none", "-no-reboot"]
        command += ["-serial", f"file:{self.folder / 'console'}", "-device", "virtio-rng-pci"]
        command += ["-drive", f"file={self.image / 'root.img'},format=raw,if=virtio,snapshot=on"]
        for disk in disks:
            command += ["-drive", f"file={disk},format=raw,if=virtio,readonly=on"]
        command += ["-device", "virtio-serial-pci"]
        for port in PORTS:
            command += ["-chardev", f"file,id={port},path={self.folder / port}"]
            command += ["-device", f"virtserialport,chardev={port},name={port}"]
        start_s = time.monotonic()
        with log.open("ab") as output:
            machine = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )
        try:
            if self.clock is REAL:
                _put_session_first(machine.pid)
            while True:
                try:
                    status = machine.wait(timeout=1)
                    break
                except subprocess.TimeoutExpired:
                    look()
                if time.monotonic() - start_s > limit_s:
                    raise PiStepError(f"the machine did not power off within {limit_s:g} s; see {self.folder}")
        finally:
            machine.kill()
            machine.wait()
        look()
        if status:
            raise PiStepError(f"QEMU ended with {status}; see {log}")
        return time.monotonic() - start_s

    def _device_tree(self, log: Path) -> Path:
        """QEMU's device tree with the properties of a Raspberry Pi that the sorter reads."""
        own, source, changed = (self.folder / f"machine.{suffix}" for suffix in ("dtb", "dts", "changed.dtb"))
        model = [*MODEL, *self.clock]
        model[1] += f",dumpdtb={own}"
        run(["qemu-system-aarch64", *model, "-nic", "none", "-display", "none"], log=log)
        run(["dtc", "-q", "-I", "dtb", "-O", "dts", "-o", source, own], log=log)
        source.write_text(source.read_text() + DEVICE_TREE.read_text())
        run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", changed, source], log=log)
        return changed


def _put_session_first(pid: int) -> None:
    """Put the session of a process before all others: where the kernel groups processes by session, ``nice`` counts within a
    session alone (sched(7), "The autogroup feature")."""
    with suppress(FileNotFoundError):
        Path(f"/proc/{pid}/autogroup").write_text(FIRST[-1])
