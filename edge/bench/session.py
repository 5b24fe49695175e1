"""A bench from end to end: frames, stages, paced runs, cold start."""

import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

from rich.markup import escape
from rich.progress import Progress

from edge.bench.machine import read_machine_info, rss_mb, runs_on_xnnpack, throttled
from edge.bench.replay import replay
from edge.bench.report import BenchReport, FrameSourceInfo, ModelInfo
from edge.bench.share import paced
from edge.bench.source import Source, open_source
from edge.bench.stages import StageBenchmark
from edge.bench.start import measure_start
from edge.bench.verdict import cycle
from edge.board import temperature_c
from edge.config.schema import Config
from edge.errors import InputMissingError
from edge.inference.bundle import read_bundle
from edge.service.factories import load_classifier
from hardware.clock import SystemClock
from hardware.frame import Frame

STARTS = 5
"""Cold starts, of which the median counts."""

RATES = (15, 30)
"""Frames per second at which the share of a core is measured."""

WHOLE_PICTURES = 50
"""So often the whole picture is classified where no item was seen for long enough to be decided."""


class Session:
    """Fills ``report`` step by step; whoever interrupts it keeps what is there.

    Args:
        config: what is measured.
        progress: where the steps are shown.

    Raises:
        SorterError: the model or its runtime is not usable.
    """

    def __init__(self, config: Config, progress: Progress) -> None:
        self._config = config
        self._progress = progress
        self._classifier = load_classifier(config)
        self._stages = StageBenchmark(config, self._classifier)
        runtime = self._classifier.runtime
        model = ModelInfo(
            self._classifier.manifest.name,
            config.model.file.name,
            runtime.name,
            runtime.version,
            self._classifier.threads,
            runs_on_xnnpack(runtime, read_bundle(config.model.file), threads=self._classifier.threads),
        )
        self.report = BenchReport(read_machine_info(), model, temperature_c=[temperature_c()])

    def measure(self, clip: Path | None, *, frames: int, seconds: float) -> None:
        """The stages on ``frames`` frames of the clip or the camera, then paced runs of ``seconds`` seconds each.

        Raises:
            InputMissingError: there is no such clip, or no frame came.
            PictureError: the clip cannot be decoded.
            HardwareError: the camera is not available.
        """
        report, stages = self.report, self._stages
        with tempfile.TemporaryDirectory(prefix=".bench-", dir=_beside(self._config.event_log.file)) as name:
            folder = Path(name)
            with open_source(self._config, clip) as source:
                self._take_frames(source, frames, folder)
                if source.kind == "camera":
                    self._camera_alone(source, seconds)
            report.cycle = cycle(
                self._config,
                step_s=report.stages_ms["whole"].p50_ms / 1000,
                record_s=report.stages_ms["record"].p50_ms / 1000,
                fps=stages.seen.fps if source.kind == "camera" else None,
            )
            for fps in RATES:
                if stages.seen.empty:
                    self._paced("idle", fps, seconds, folder)
                if stages.seen.empty and stages.seen.resting:
                    self._paced("sorting", fps, seconds, folder)
        report.rss_mb = rss_mb()

    def measure_start(self, config: Path, overrides: Sequence[str]) -> None:
        """The cold start with the configuration in this file, on the simulated camera."""
        task = self._progress.add_task("cold start", total=STARTS)
        self.report.start = measure_start(
            config, overrides, times=STARTS, on_start=partial(self._progress.advance, task)
        )

    def look_at_heat(self) -> None:
        """How warm the machine is now, and whether it slowed down."""
        self.report.temperature_c.append(temperature_c())
        self.report.throttled = throttled()

    def _take_frames(self, source: Source, frames: int, folder: Path) -> None:
        stages = self._stages
        task = self._progress.add_task(f"stages: {escape(source.description)}", total=frames)
        frame: Frame | None = None
        try:
            for frame, read_s in islice(source.frames, frames):
                stages.timings.add("camera", read_s)
                stages.time_frame(frame)
                self._progress.advance(task)
            if frame is None:
                raise InputMissingError(f"{source.description}: no frame came")
            for number in range(0 if stages.decided else WHOLE_PICTURES):
                stages.look_at_all(Frame(frame.pixels, frame.time_s + number / 15, frame.sequence))
            stages.record(folder)
        finally:
            if frame is not None:
                self._tell(source, frame)

    def _tell(self, source: Source, frame: Frame) -> None:
        report, seen = self.report, self._stages.seen
        fps = round(seen.fps, 2) if source.kind == "camera" and seen.fps else None
        report.camera = FrameSourceInfo(
            source.kind, source.description, frame.width, frame.height, fps, seen.frames, seen.with_item
        )
        report.stages_ms = self._stages.timings.spreads()
        ratio = self._stages.timings.ratio("whole", "bare invoke")
        if ratio is not None:
            report.whole_beside_invoke = round(ratio, 3)
            report.line_fps = round(1000 / report.stages_ms["whole"].p50_ms, 1)

    def _camera_alone(self, source: Source, seconds: float) -> None:
        task = self._progress.add_task("camera alone", total=round(self._config.camera.fps * seconds))

        def grab() -> None:
            next(source.frames, None)
            self._progress.advance(task)

        self.report.shares["camera alone"] = paced(
            grab, fps=self._config.camera.fps, seconds=seconds, clock=SystemClock()
        )

    def _paced(self, what: str, fps: int, seconds: float, folder: Path) -> None:
        name, clock, seen = f"{what} at {fps} frames/s", SystemClock(), self._stages.seen
        task = self._progress.add_task(name, total=round(fps * seconds))
        records = folder / f"{what}-{fps}"
        with replay(self._config, self._classifier, clock, records, empty=seen.empty, resting=seen.resting) as line:
            share = paced(
                line.idle if what == "idle" else line.sort,
                fps=fps,
                seconds=seconds,
                clock=clock,
                on_frame=partial(self._progress.advance, task),
            )
            self.report.shares[name] = replace(share, invokes=line.invokes, items=line.items)


def _beside(file: Path) -> Path | None:
    """The folder of the event log, whose disk it is that counts; None where it is not there or not ours to write."""
    return file.parent if file.parent.is_dir() and os.access(file.parent, os.W_OK) else None
