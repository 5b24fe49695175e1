"""What a process takes: memory, and time of the processor."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class ProcessUsage:
    """At one moment.

    Attributes:
        rss_mb: memory (RSS), in MiB.
        cpu_s: time of the processor since it began, in seconds.
    """

    rss_mb: float
    cpu_s: float


def usage_of(pid: int) -> ProcessUsage:
    """Of a process that runs."""
    found = re.search(r"^VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), flags=re.MULTILINE)
    values = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return ProcessUsage(int(found[1]) / 1024 if found else 0.0, (int(values[11]) + int(values[12])) / TICKS_PER_S)
