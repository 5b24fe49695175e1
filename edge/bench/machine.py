"""The machine that is measured: what it is, how busy it is, whether it slows itself down."""

import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from edge.board import board_name, parse_throttled, read_text
from edge.inference.bundle import Bundle
from edge.inference.runtime import Runtime


@dataclass(frozen=True, slots=True)
class MachineInfo:
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


def read_machine_info(root: Path = Path("/")) -> MachineInfo:
    """This machine, by the files under ``root``."""
    return MachineInfo(
        cpu=board_name(root),
        cores=len(os.sched_getaffinity(0)),
        governor=read_text(root / "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        python=platform.python_version(),
        opencv=cv2.__version__,
        numpy=np.__version__,
        load=round(os.getloadavg()[0], 2),
    )


def throttled() -> list[str] | None:
    """What a Raspberry Pi says of its supply and heat, [] when all is well; None on other machines."""
    tool = shutil.which("vcgencmd")
    if tool is None:
        return None
    try:
        done = subprocess.run([tool, "get_throttled"], capture_output=True, text=True, timeout=5, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return parse_throttled(done.stdout)


def rss_mb() -> float | None:
    """Memory that this process holds, in megabytes (10^6 bytes); None where the system does not tell."""
    status = read_text(Path("/proc/self/status")) or ""
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
