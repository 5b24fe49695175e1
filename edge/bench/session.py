"""Runs a benchmark from end to end: frames, stages, paced runs, cold start."""

import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

from rich.markup import escape
from rich.progress import Progress, TaskID

from edge.bench.cold_start import measure_start
from edge.bench.cpu_usage import paced
from edge.bench.frame_source import FrameSource, open_source
from edge.bench.machine_info import read_machine_info, rss_mb, runs_on_xnnpack, throttled
from edge.bench.replay import replay
from edge.bench.report import BenchReport, FrameSourceInfo, ModelInfo
from edge.bench.sort_cycle import sort_cycle
from edge.bench.stages import StageBenchmark
from edge.board import temperature_c
from edge.config.schema import Config
from edge.errors import InputMissingError
from edge.inference.bundle import read_bundle
from edge.service.factories import load_classifier
from hardware.clock import SystemClock
from hardware.frame import Frame

STARTS = 5
"""Number of cold starts, of which the median is reported, so that one slow start does not count."""

RATES = (15, 30)
"""Frames per second at which the CPU usage is measured: the default of ``camera.fps``, and a common rate of webcams."""

FRAMES_PER_REFRESH = 30
"""Number of frames after which the progress is drawn again: it takes as long as a frame."""

WHOLE_PICTURES = 50
"""Number of times the whole picture is classified where no item was at rest long enough to be decided."""

WHOLE_PICTURE_FPS = 15
"""Frames per second by which the capture times of these pictures differ."""


class BenchSession:
    """Measures step by step; what was measured before an interruption stays in ``report``.

    Args:
        config: configuration to measure.
        progress: where the steps are shown. It must not refresh by itself: drawing would count as CPU usage.

    Raises:
        SorterError: the model or its runtime is not usable.

    Attributes:
        report: the figures so far.
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
        """Time the stages frame by frame, then the CPU usage of paced runs.

        Args:
            clip: video or folder of frames; None: the configured camera.
            frames: number of frames to time, >= 1.
            seconds: length of each paced run in seconds, > 0.

        Raises:
            InputMissingError: the clip does not exist, or no frame arrived.
            PictureError: the clip cannot be decoded.
            HardwareError: the camera is not available.
        """
        report, stages = self.report, self._stages
        with tempfile.TemporaryDirectory(prefix=".bench-", dir=_records_folder(self._config.event_log.file)) as name:
            folder = Path(name)
            with open_source(self._config, clip) as source:
                self._take_frames(source, frames, folder)
                if source.kind == "camera":
                    self._camera_alone(source, seconds)
            report.cycle = sort_cycle(
                self._config,
                step_s=report.stages_ms["whole"].p50_ms / 1000,
                record_s=report.stages_ms["record"].p50_ms / 1000,
                fps=stages.samples.fps if source.kind == "camera" else None,
            )
            for fps in RATES:
                if stages.samples.empty:
                    self._paced("idle", fps, seconds, folder)
                if stages.samples.empty and stages.samples.resting:
                    self._paced("sorting", fps, seconds, folder)
        report.rss_mb = rss_mb()

    def measure_start(self, program: str, config: Path, overrides: Sequence[str]) -> None:
        """Measure the cold start on the simulated camera. Arguments as for ``edge.bench.cold_start.measure_start``.

        Raises:
            UnavailableError: the bin does not start.
        """
        task = self._show("cold start", STARTS)
        advance = partial(self._progress.update, task, advance=1, refresh=True)
        self.report.start = measure_start(program, config, overrides, times=STARTS, on_start=advance)

    def read_temperature(self) -> None:
        """Add the machine's temperature, and whether it throttled, to the report."""
        self.report.temperature_c.append(temperature_c())
        self.report.throttled = throttled()

    def _take_frames(self, source: FrameSource, frames: int, folder: Path) -> None:
        stages = self._stages
        task = self._show(f"stages: {escape(source.description)}", frames)
        frame: Frame | None = None
        try:
            for number, (frame, read_s) in enumerate(islice(source.frames, frames)):
                stages.timings.add("camera", read_s)
                stages.time_frame(frame)
                if number % FRAMES_PER_REFRESH == 0:
                    self._progress.update(task, completed=number, refresh=True)
            if frame is None:
                raise InputMissingError(f"{source.description}: no frame arrived")
            for number in range(0 if stages.has_decided else WHOLE_PICTURES):
                time_s = frame.time_s + number / WHOLE_PICTURE_FPS
                stages.time_whole_picture(Frame(frame.pixels, time_s, frame.sequence))
            stages.time_records(folder)
        finally:
            if frame is not None:
                self._report_stages(source, frame)

    def _report_stages(self, source: FrameSource, frame: Frame) -> None:
        report, samples = self.report, self._stages.samples
        fps = round(samples.fps, 2) if source.kind == "camera" and samples.fps else None
        report.camera = FrameSourceInfo(
            source.kind, source.description, frame.width, frame.height, fps, samples.frames, samples.with_item
        )
        report.stages_ms = self._stages.timings.percentiles()
        ratio = self._stages.timings.ratio("whole", "bare invoke")
        if ratio is not None:
            report.whole_beside_invoke = round(ratio, 3)
            report.line_fps = round(1000 / report.stages_ms["whole"].p50_ms, 1)

    def _camera_alone(self, source: FrameSource, seconds: float) -> None:
        self._show("camera alone")

        def grab() -> None:
            next(source.frames, None)

        self.report.shares["camera alone"] = paced(
            grab, fps=self._config.camera.fps, seconds=seconds, clock=SystemClock()
        )

    def _paced(self, what: str, fps: int, seconds: float, folder: Path) -> None:
        name, clock, samples = f"{what} at {fps} frames/s", SystemClock(), self._stages.samples
        self._show(name)
        records = folder / f"{what}-{fps}"
        pictures = {"empty": samples.empty, "resting": samples.resting}
        with replay(self._config, self._classifier, clock, records, **pictures) as line:
            usage = paced(line.idle if what == "idle" else line.sort, fps=fps, seconds=seconds, clock=clock)
            self.report.shares[name] = replace(usage, invokes=line.invokes, items=line.items)

    def _show(self, what: str, total: int | None = None) -> TaskID:
        """Show a step; ``total``: number of its parts, None where they are not counted."""
        task = self._progress.add_task(what, total=total)
        self._progress.refresh()
        return task


def _records_folder(file: Path) -> Path | None:
    """The event log's folder, so that writing is timed on its disk; None where it is missing or not writable."""
    return file.parent if file.parent.is_dir() and os.access(file.parent, os.W_OK) else None
