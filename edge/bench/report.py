"""Everything a bench found, as one object for JSON; filled phase by phase, so that an interrupted bench still tells."""

from dataclasses import asdict, dataclass, field
from typing import Any

from edge.bench.machine import MachineInfo
from edge.bench.share import CpuUsage
from edge.bench.start import ColdStart
from edge.bench.timings import LatencyPercentiles
from edge.bench.verdict import SortCycle


@dataclass(slots=True)
class ModelInfo:
    """What was run, by what. ``xnnpack`` is None where the runtime does not tell."""

    name: str
    file: str
    runtime: str
    version: str
    threads: int
    xnnpack: bool | None


@dataclass(slots=True)
class FrameSourceInfo:
    """Where the frames came from, and what they showed. ``fps`` is None where the pace is not a camera's."""

    kind: str
    description: str
    width: int
    height: int
    fps: float | None
    frames: int
    frames_with_item: int


@dataclass(slots=True)
class BenchReport:
    """None or empty: not measured (yet)."""

    machine: MachineInfo
    model: ModelInfo
    camera: FrameSourceInfo | None = None
    stages_ms: dict[str, LatencyPercentiles] = field(default_factory=dict)
    whole_beside_invoke: float | None = None
    """Median over the frames of the whole line's time over the bare ``invoke()`` right after it."""
    line_fps: float | None = None
    """Frames with an item that the line alone could take in a second."""
    shares: dict[str, CpuUsage] = field(default_factory=dict)
    start: ColdStart | None = None
    rss_mb: float | None = None
    temperature_c: list[float | None] = field(default_factory=list)
    """Before and after."""
    throttled: list[str] | None = None
    cycle: SortCycle | None = None
    interrupted: bool = False

    def tree(self) -> dict[str, Any]:
        """Plain dicts, lists and numbers, with the verdict spelt out."""
        out = asdict(self)
        del out["cycle"]
        out["verdict"] = None
        if self.cycle is not None:
            out["verdict"] = {
                **asdict(self.cycle),
                "seconds_per_item": round(self.cycle.total_s, 3),
                "items_per_min": round(self.cycle.items_per_min, 1),
                "limit": self.cycle.limit,
                "text": self.cycle.summary(),
            }
        return out
