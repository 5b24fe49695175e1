"""The benchmark's report as tables for a terminal."""

from collections.abc import Iterator, Sequence
from statistics import median

from rich.table import Table
from rich.text import Text

from edge.bench.comparison import PairedFigure
from edge.bench.report import BenchReport

NO_ITEM = "none: the whole picture was classified instead; lay an item on the tray to measure sorting"


def tables(report: BenchReport) -> Iterator[Table | Text]:
    """The report section by section; the sort cycle comes last."""
    machine, model, camera = report.machine, report.model, report.camera
    xnnpack = {True: "XNNPACK", False: "no XNNPACK", None: "XNNPACK unknown"}[model.xnnpack]
    runtime = f"{model.runtime} {model.version}, {model.threads} thread(s), {xnnpack}"
    about = Table(title="machine", title_justify="left", show_header=False)
    for row, text in (
        ("processor", f"{machine.cpu}, {machine.cores} core(s), governor {machine.governor or 'unknown'}"),
        ("system", f"{machine.system}, load {machine.load:g}"),
        ("versions", f"Python {machine.python}, OpenCV {machine.opencv}, numpy {machine.numpy}"),
        ("model", f"{model.name} ({model.file}) on {runtime}"),
        ("temperature", _temperatures(report.temperature_c)),
        ("throttled", "unknown" if report.throttled is None else ", ".join(report.throttled) or "no"),
    ):
        about.add_row(row, text)
    if camera is not None:
        about.add_row("frames", f"{camera.description}: {camera.frames} of {camera.width}x{camera.height}")
        about.add_row("with an item", str(camera.frames_with_item) if camera.frames_with_item else NO_ITEM)
    yield about
    if report.stages_ms:
        table = Table("stage", title="milliseconds per frame", title_justify="left")
        for column in ("p50", "p95", "p99", "times"):
            table.add_column(column, justify="right")
        for name, stage in report.stages_ms.items():
            times = (f"{ms:.3f}" for ms in (stage.p50_ms, stage.p95_ms, stage.p99_ms))
            table.add_row(name, *times, str(stage.count))
        yield table
    if report.shares:
        table = Table("run", title="CPU usage, 100 % is one core", title_justify="left")
        for column in ("CPU", "frames/s", "invokes", "items"):
            table.add_column(column, justify="right")
        for name, usage in report.shares.items():
            table.add_row(name, f"{usage.cpu:.1%}", f"{usage.fps:.1f}", str(usage.invokes), str(usage.items))
        yield table
    if report.whole_beside_invoke is not None:
        yield Text(f"the line takes {report.whole_beside_invoke:.2f} x the bare model, {report.line_fps:.0f} frames/s")
    if camera is not None and camera.fps is not None:
        yield Text(f"the camera gives {camera.fps:.1f} frames/s")
    if report.start is not None:
        start = report.start
        memory = "" if start.rss_mb is None else f", {start.rss_mb:.0f} MB of memory while sorting"
        yield Text(f"cold start on the simulated camera: ready to decide in {start.ready_s:.2f} s{memory}")
    if report.cycle is not None:
        yield Text(report.cycle.summary(), style="bold")
    if report.interrupted:
        yield Text("interrupted: the missing figures were not measured", style="yellow")


def comparison_table(figures: Sequence[PairedFigure], names: tuple[str, str], tolerance: float) -> Table:
    """Two versions side by side.

    Args:
        figures: what was measured.
        names: of the two versions.
        tolerance: by how much the second one may be worse, 0.1: by a tenth.
    """
    table = Table("figure")
    for name in names:
        table.add_column(Text(name), justify="right")  # not markup
    for heading in ("ratio", "range"):
        table.add_column(heading, justify="right")
    table.add_column()
    for one in figures:
        ratios, worse = one.ratios, one.is_worse(tolerance)
        table.add_row(
            one.name,
            f"{median(one.before):.4g}",
            f"{median(one.after):.4g}",
            f"{one.ratio:.2f}",
            f"{ratios[0]:.2f} to {ratios[-1]:.2f}",
            f"worse than {1 + tolerance:.2f}" if worse else "",
            style="red" if worse else None,
        )
    return table


def _temperatures(temperatures_c: list[float | None]) -> str:
    known = [f"{one:.1f}" for one in temperatures_c if one is not None]
    return f"{' -> '.join(known)} °C" if known else "no sensor"
