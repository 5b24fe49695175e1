"""Everything a bench found, as one object for JSON; filled phase by phase, so that an interrupted bench still tells."""

from dataclasses import asdict, dataclass, field
from typing import Any

from edge.bench.machine import Machine
from edge.bench.share import Share
from edge.bench.start import Start
from edge.bench.timings import Spread
from edge.bench.verdict import Cycle


@dataclass(slots=True)
class Model:
    """What was run, by what. ``xnnpack`` is None where the runtime does not tell."""

    name: str
    file: str
    runtime: str
    version: str
    threads: int
    xnnpack: bool | None


@dataclass(slots=True)
class Camera:
    """Where the frames came from, and what they showed. ``fps`` is None where the pace is not a camera's."""

    kind: str
    description: str
    width: int
    height: int
    fps: float | None
    frames: int
    frames_with_item: int


@dataclass(slots=True)
class Report:
    """None or empty: not measured (yet)."""

    machine: Machine
    model: Model
    camera: Camera | None = None
    stages_ms: dict[str, Spread] = field(default_factory=dict)
    whole_beside_invoke: float | None = None
    """Median over the frames of the whole line's time over the bare ``invoke()`` right after it."""
    line_fps: float | None = None
    """Frames with an item that the line alone could take in a second."""
    shares: dict[str, Share] = field(default_factory=dict)
    start: Start | None = None
    rss_mb: float | None = None
    temperature_c: list[float | None] = field(default_factory=list)
    """Before and after."""
    throttled: list[str] | None = None
    cycle: Cycle | None = None
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
                "text": self.cycle.told(),
            }
        return out
