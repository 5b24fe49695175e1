"""The machine that is measured: what it is, how warm it is, whether it slows itself down."""

import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from edge.bundle import Bundle
from edge.runtime import Runtime

THROTTLED_BITS = {
    0: "under-voltage now",
    1: "frequency capped now",
    2: "throttled now",
    3: "soft temperature limit now",
    16: "under-voltage since start",
    17: "frequency capped since start",
    18: "throttled since start",
    19: "soft temperature limit since start",
}
"""Bit of ``vcgencmd get_throttled`` -> what it says."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What runs the bench; None for what this machine does not tell.

    Attributes:
        cpu: the processor's or the board's name.
        cores: that this process may use.
        governor: of the clock frequency, e.g. ``ondemand``.
        system, python, opencv, numpy: names and versions.
        load: processes that ran or waited over the last minute.
    """

    cpu: str
    cores: int
    governor: str | None
    system: str
    python: str
    opencv: str
    numpy: str
    load: float


def look_at_machine(root: Path = Path("/")) -> Machine:
    """This machine, by the files under ``root``."""
    return Machine(
        cpu=_cpu(root),
        cores=len(os.sched_getaffinity(0)),
        governor=_text(root / "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        python=platform.python_version(),
        opencv=cv2.__version__,
        numpy=np.__version__,
        load=round(os.getloadavg()[0], 2),
    )


def temperature_c(root: Path = Path("/")) -> float | None:
    """The warmest sensor in degrees Celsius; None where there is none."""
    found = [_text(zone) for zone in sorted((root / "sys/class/thermal").glob("thermal_zone*/temp"))]
    return max((int(text) / 1000 for text in found if text and text.lstrip("-").isdecimal()), default=None)


def throttled() -> list[str] | None:
    """What a Raspberry Pi says of its supply and heat, [] when all is well; None on other machines."""
    tool = shutil.which("vcgencmd")
    if tool is None:
        return None
    try:
        done = subprocess.run([tool, "get_throttled"], capture_output=True, text=True, timeout=5, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return throttled_in(done.stdout)


def throttled_in(text: str) -> list[str] | None:
    """``throttled=0x50000`` in words; None when it is something else."""
    name, _, number = text.strip().partition("=")
    try:
        bits = int(number, 16)
    except ValueError:
        return None
    return [said for bit, said in THROTTLED_BITS.items() if bits >> bit & 1] if name == "throttled" else None


def rss_mb() -> float | None:
    """Memory that this process holds, in megabytes (10^6 bytes); None where the system does not tell."""
    status = _text(Path("/proc/self/status")) or ""
    line = next((line for line in status.splitlines() if line.startswith("VmRSS:")), None)
    return None if line is None else round(int(line.split()[1]) * 1024 / 1e6, 1)


def runs_on_xnnpack(runtime: Runtime, bundle: Bundle, *, threads: int) -> bool | None:
    """Does the runtime hand this model to XNNPACK? None where it does not tell."""
    interpreter = runtime.interpreter(bundle.flatbuffer, threads=threads)
    try:
        # Not part of the public interface, and the only thing that tells: operations handed over become one DELEGATE.
        names = {str(operation["op_name"]) for operation in interpreter._get_ops_details()}
    except (AttributeError, KeyError, TypeError):
        return None
    return any("DELEGATE" in name or "XNNPack" in name for name in names)


def _cpu(root: Path) -> str:
    board = _text(root / "proc/device-tree/model")
    if board:
        return board.rstrip("\0")
    for line in (_text(root / "proc/cpuinfo") or "").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.processor() or platform.machine()


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return None
