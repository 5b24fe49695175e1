"""Description of the machine under test: hardware, load, memory and throttling."""

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
    """The machine that runs the benchmark.

    Attributes:
        cpu: name of the board or the processor.
        cores: number of cores that this process may use.
        governor: CPU frequency governor, e.g. ``ondemand``; None where the system does not report it.
        system, python, opencv, numpy: names and versions.
        load: load average of the last minute.
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
    """Read the description of this machine from the files under ``root``."""
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
    """Conditions that a Raspberry Pi's firmware reports: under-voltage, throttling; None on other machines."""
    tool = shutil.which("vcgencmd")
    if tool is None:
        return None
    try:
        done = subprocess.run([tool, "get_throttled"], capture_output=True, text=True, timeout=5, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return parse_throttled(done.stdout)


def rss_mb() -> float | None:
    """Resident memory of this process in megabytes (10^6 bytes); None where the system does not report it."""
    status = read_text(Path("/proc/self/status")) or ""
    line = next((line for line in status.splitlines() if line.startswith("VmRSS:")), None)
    return None if line is None else round(int(line.split()[1]) * 1024 / 1e6, 1)


def runs_on_xnnpack(runtime: Runtime, bundle: Bundle, *, threads: int) -> bool | None:
    """Whether the runtime delegates this model to XNNPACK; None where the runtime does not report it."""
    interpreter = runtime.interpreter(bundle.flatbuffer, threads=threads)
    try:
        # Not public, but the only source of this information: delegated operations are replaced by one DELEGATE.
        names = {str(operation["op_name"]) for operation in interpreter._get_ops_details()}
    except (AttributeError, KeyError, TypeError):
        return None
    return any("DELEGATE" in name or "XNNPack" in name for name in names)
