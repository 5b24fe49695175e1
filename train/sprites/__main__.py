"""Command line: ``python -m train.sprites --out DIR --per-label N --seed S``."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Event

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from edge.terminal.console import make_console
from edge.terminal.parser import PrintableParser
from train.sprites import LABELS, mitsuba_loader, png
from train.sprites.parallel_render import render_jobs_in_parallel
from train.sprites.render_job import make_jobs


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    made = PrintableParser(prog="python -m train.sprites", description="Renders RGBA sprites of waste items.")
    made.add_argument("--out", type=Path, required=True, help="output folder, with a sub-folder for each label")
    made.add_argument("--per-label", type=_count, default=6, help="sprites per label (default 6)")
    made.add_argument("--seed", type=int, default=1, help="0 or more; another seed gives other items (default 1)")
    made.add_argument("--size", type=_count, default=320, help="longest side in pixels (default 320)")
    made.add_argument("--spp", type=_count, default=64, help="light paths per pixel and ground (default 64)")
    made.add_argument("--labels", default=",".join(LABELS), help="comma-separated (default: all)")
    made.add_argument("--jobs", type=_count, default=1, help="render processes at a time (default 1)")
    made.add_argument("--threads", type=_count, default=None, help="threads per process (default: all cores)")
    made.add_argument(
        "--variant", default="auto", help="Mitsuba variant; auto: llvm_ad_rgb if it works, else scalar_rgb"
    )
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Render the missing sprites; returns the exit code: 0: done; 2: wrong use; 130: interrupted with Ctrl-C."""
    options = build_parser().parse_args(arguments)
    console = make_console(stderr=True)
    try:
        todo = make_jobs(tuple(name.strip() for name in options.labels.split(",")), options.per_label, options.seed)
        variant = mitsuba_loader.load_mitsuba(options.variant).variant()
    except (ValueError, ImportError) as error:
        console.print(str(error), style="red")
        return 2
    missing = [job for job in todo if not job.path(options.out).exists()]
    console.print(f"{len(todo) - len(missing)} of {len(todo)} sprites exist; rendering {len(missing)} with {variant}")
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    # Mitsuba turns a KeyboardInterrupt into an error of its own; so Ctrl-C only sets an event, and the current sprite is
    # finished.
    stop = Event()
    before = signal.signal(signal.SIGINT, lambda *_: stop.set())
    try:
        with Progress(*columns, console=console) as progress:
            task = progress.add_task("sprites", total=len(missing))
            for job, data in render_jobs_in_parallel(
                missing,
                stop,
                size=options.size,
                spp=options.spp,
                variant=variant,
                jobs=options.jobs,
                threads=options.threads,
            ):
                png.save_png(job.path(options.out), data)
                progress.update(task, advance=1, description=f"{job.label} {job.kind}")
    finally:
        signal.signal(signal.SIGINT, before)
    if stop.is_set():
        console.print("interrupted; run the same command again to continue")
        return 130
    return 0


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, got {value}")
    return value


if __name__ == "__main__":
    sys.exit(main())
