"""The benchmark's report: one object for JSON, filled phase by phase so that an interrupted benchmark still reports."""

from dataclasses import asdict, dataclass, field

from edge.bench.cold_start import ColdStart
from edge.bench.cpu_usage import CpuUsage
from edge.bench.machine_info import MachineInfo
from edge.bench.sort_cycle import SortCycle
from edge.bench.timings import LatencyPercentiles


@dataclass(slots=True)
class ModelInfo:
    """The model and the runtime that ran it.

    Attributes:
        name: name of the model.
        file: name of its file.
        runtime, version: the TFLite runtime.
        threads: number of threads of the runtime.
        xnnpack: whether the model was delegated to XNNPACK; None where the runtime does not report it.
    """

    name: str
    file: str
    runtime: str
    version: str
    threads: int
    xnnpack: bool | None


@dataclass(slots=True)
class FrameSourceInfo:
    """Where the frames came from, and what they showed.

    Attributes:
        kind: ``sim``, ``camera`` or ``clip``.
        description: the camera or the clip, in one line.
        width, height: size of the frames in pixels.
        fps: measured frames per second; None unless the source is a camera.
        frames, frames_with_item: number of frames.
    """

    kind: str
    description: str
    width: int
    height: int
    fps: float | None
    frames: int
    frames_with_item: int


@dataclass(slots=True)
class BenchReport:
    """All figures of one benchmark. None or empty means not measured.

    Attributes:
        machine: the machine under test.
        model: the model and its runtime.
        camera: where the frames came from.
        stages_ms: stage -> percentiles of its time per frame, in milliseconds.
        whole_beside_invoke: median over the frames of the whole line's time divided by that of the bare ``invoke()``
            which was run right after it.
        line_fps: frames with an item that the line alone could process per second.
        shares: name of a paced run -> its CPU usage.
        start: the cold start.
        rss_mb: resident memory at the end, in megabytes.
        temperature_c: temperature before and after, in degrees Celsius.
        throttled: conditions that the firmware reports.
        cycle: time per item.
        interrupted: whether Ctrl-C ended the benchmark early.
    """

    machine: MachineInfo
    model: ModelInfo
    camera: FrameSourceInfo | None = None
    stages_ms: dict[str, LatencyPercentiles] = field(default_factory=dict)
    whole_beside_invoke: float | None = None
    line_fps: float | None = None
    shares: dict[str, CpuUsage] = field(default_factory=dict)
    start: ColdStart | None = None
    rss_mb: float | None = None
    temperature_c: list[float | None] = field(default_factory=list)
    throttled: list[str] | None = None
    cycle: SortCycle | None = None
    interrupted: bool = False

    def tree(self) -> dict[str, object]:
        """The report as dicts, lists and numbers for JSON, with the sort cycle as ``verdict``."""
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
