"""Comparison of the sorter with the alternatives: the same pictures and the same model, in turns.

Run it with ``make bench``. Each contender is a separate process (``tests.bench.contender``) and processes a whole clip in its
turn; the ratio is taken turn by turn, so that a busy moment of the machine affects neighbours alike. CPU time is counted
while a picture is processed, not while it is read, which is the same for all.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from edge.config.file import load_config
from edge.inference.bundle import read_bundle
from tests.bench.clips import LEAD, Clip, make_clips
from tests.bench.performance_page import write_page
from tests.builders.models import logits_only

CHILD = Path(__file__).parent / "contender.py"
METADATA = Path(__file__).parent / "metadata.py"
MEDIAPIPE_PYTHON = Path(".venv-bench/bin/python")

CONTENDERS = {
    "line": "the sorter's line, classifying every frame with an item at rest",
    "bin": "the sorter as it runs: a vote of four views per item, records on disk",
    "invoke": "the bare invoke()",
    "loop": "the usual loop: resize, normalise, quantize, invoke, arg-max",
    "mediapipe": "MediaPipe Tasks ImageClassifier, VIDEO mode",
}


@dataclass
class Turns:
    """Measurements of a contender on a clip.

    Attributes:
        cpu_ms, wall_ms: CPU and wall time per picture in each turn, in milliseconds.
        invokes: number of times that the model was run.
        frames: number of pictures.
        rss_mb: resident memory after the last turn, in megabytes.
    """

    cpu_ms: list[float] = field(default_factory=list)
    wall_ms: list[float] = field(default_factory=list)
    invokes: int = 0
    frames: int = 0
    rss_mb: float = 0.0

    def row(self, other: "Turns") -> dict[str, Any]:
        """The figures for the report, relative to another contender's."""
        ratios = sorted(one / two for one, two in zip(self.cpu_ms, other.cpu_ms, strict=True))
        return {
            "cpu_ms": round(median(self.cpu_ms), 3),
            "wall_ms": round(median(self.wall_ms), 3),
            "cpu_beside_mediapipe": round(median(ratios), 3),
            "spread": [round(ratios[0], 3), round(ratios[-1], 3)],
            "invokes_per_frame": round(self.invokes / self.frames, 3),
            "rss_mb": round(self.rss_mb, 1),
        }


class Contender:
    """Child process of one contender.

    Attributes:
        kind: key of ``CONTENDERS``.
    """

    def __init__(self, kind: str, python: Path, model: Path, clip: Clip) -> None:
        command = [str(python), str(CHILD), kind, str(model), str(clip.width), str(clip.height)]
        environment = {**os.environ, "PYTHONPATH": str(Path.cwd()) if kind != "mediapipe" else ""}
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )
        self.kind = kind

    def play(self, clip: Clip, measured: Sequence[bool], *, first: int = 0) -> dict[str, Any]:
        """Process the clip from picture number ``first`` on, and measure it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {"file": clip.file, "first": first, "measured": measured}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(
                f"the contender {self.kind} ended with code {self._process.wait()}; run it by hand: {CHILD}"
            )
        answer: dict[str, Any] = json.loads(line)
        if answer["loaded"]:
            raise SystemExit(f"the contender {self.kind} has loaded {answer['loaded']}, which distorts its memory")
        return answer

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)


def main() -> None:
    """Measure, print, and with ``--write-docs`` write the page."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="turns of each contender and clip (default: %(default)s)")
    parser.add_argument(
        "--long", type=int, default=0, metavar="FRAMES", help="also measure the memory over this many frames"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here as well")
    parser.add_argument("--write-docs", action="store_true", help="write docs/performance.md and its plot")
    options = parser.parse_args()
    config = load_config(Path("config.yaml"))
    kinds = [kind for kind in CONTENDERS if kind != "mediapipe" or MEDIAPIPE_PYTHON.exists()]
    if "mediapipe" not in kinds:
        raise SystemExit(f"{MEDIAPIPE_PYTHON} is missing: make bench installs MediaPipe into .venv-bench")
    with tempfile.TemporaryDirectory() as name, Progress(console=Console(stderr=True), transient=True) as progress:
        folder = Path(name)
        task = progress.add_task("filming the clips", total=None)
        clips = make_clips(folder)
        progress.remove_task(task)
        bundle = read_bundle(config.model.file)
        model, dressed = folder / "model.tflite", folder / "mediapipe.tflite"
        # The others use the logits alone, and MediaPipe takes no model with more.
        model.write_bytes(logits_only(bundle.flatbuffer))
        subprocess.run([MEDIAPIPE_PYTHON, METADATA, model, dressed, *bundle.manifest.labels], check=True)
        found: dict[str, Any] = {"versions": {"mediapipe": _mediapipe_version()}, "clips": {}}
        for clip in clips:
            measured = [kind for kind in kinds if kind != "bin" or clip.shows_falls]
            turns = _take_turns(clip, measured, model, dressed, options.rounds, progress)
            found["clips"][clip.name] = {
                "frames": sum(clip.measured),
                "share_with_item": round(clip.share, 3),
                "rounds": options.rounds,
                "contenders": {kind: turns[kind].row(turns["mediapipe"]) for kind in measured},
            }
        task = progress.add_task("the sorter alone", total=None)
        found["sorter"] = _sorter_alone()
        progress.remove_task(task)
        if options.long:
            found["memory"] = _memory(clips[-1], model, options.long, progress)
    _show(found)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")
    if options.write_docs:
        write_page(Path("docs"), found, CONTENDERS)


def _take_turns(
    clip: Clip, kinds: list[str], model: Path, dressed: Path, rounds: int, progress: Progress
) -> dict[str, Turns]:
    turns = {kind: Turns() for kind in kinds}
    task = progress.add_task(clip.name, total=(rounds + 1) * len(kinds))
    with ExitStack() as stack:
        contenders = []
        for kind in kinds:
            python = MEDIAPIPE_PYTHON if kind == "mediapipe" else Path(sys.executable)
            contender = Contender(kind, python, dressed if kind == "mediapipe" else model, clip)
            stack.callback(contender.close)
            contenders.append(contender)
        for round_ in range(rounds + 1):
            # The order rotates, so that no contender always profits from the caches that its predecessor leaves.
            turn = round_ % len(contenders)
            for contender in contenders[turn:] + contenders[:turn]:
                first = 0 if round_ == 0 else LEAD
                answer = contender.play(clip, clip.measured[first:], first=first)
                progress.advance(task)
                if round_ == 0:
                    continue  # the first round warms up and learns the tray
                own = turns[contender.kind]
                own.cpu_ms.append(1000 * answer["cpu_s"] / answer["frames"])
                own.wall_ms.append(1000 * answer["wall_s"] / answer["frames"])
                own.invokes += answer["invokes"]
                own.frames += answer["frames"]
                own.rss_mb = answer["rss_mb"]
    progress.remove_task(task)
    return turns


def _sorter_alone() -> dict[str, Any]:
    """Report of ``python -m edge bench`` on the simulated bin."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "edge", "bench", "--json", "--frames", "600", "--seconds", "10"]
        done = subprocess.run(
            [*command, "--set", f"event_log.file={folder}/events.sqlite"], capture_output=True, text=True, check=True
        )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _memory(clip: Clip, model: Path, frames: int, progress: Progress) -> dict[str, Any]:
    """Resident memory of the whole bin over many frames, after each pass through the clip."""
    contender = Contender("bin", Path(sys.executable), model, clip)
    task = progress.add_task(f"memory over {frames} frames", total=frames)
    seen, samples, invokes = 0, [], 0
    while seen < frames:
        first = LEAD if seen else 0
        answer = contender.play(clip, [True] * (len(clip.measured) - first), first=first)
        seen += answer["frames"]
        invokes += answer["invokes"]
        samples.append((seen, answer["rss_mb"]))
        progress.update(task, completed=seen)
    contender.close()
    progress.remove_task(task)
    # The first frames fill caches of bounded size: SQLite's page cache, Python's and OpenCV's pools.
    settled = next(mb for count, mb in samples if count >= frames / 20)
    return {
        "frames": seen,
        "invokes": invokes,
        "start_mb": round(settled, 1),
        "end_mb": round(samples[-1][1], 1),
        "growth_mb": round(samples[-1][1] - settled, 2),
        "samples": [(count, round(mb, 2)) for count, mb in samples[:: max(1, len(samples) // 40)]],
    }


def _mediapipe_version() -> str:
    code = "import importlib.metadata; print(importlib.metadata.version('mediapipe'))"
    return subprocess.run([MEDIAPIPE_PYTHON, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def _show(found: dict[str, Any]) -> None:
    console = Console()
    for name, clip in found["clips"].items():
        table = Table("contender", title=f"{name}, CPU time per frame", title_justify="left")
        for column in ("ms", "x MediaPipe", "range", "invokes/frame", "RSS MB"):
            table.add_column(column, justify="right")
        for kind, row in clip["contenders"].items():
            least, most = row["spread"]
            table.add_row(
                CONTENDERS[kind],
                f"{row['cpu_ms']:.2f}",
                f"{row['cpu_beside_mediapipe']:.2f}",
                f"{least:.2f}..{most:.2f}",
                f"{row['invokes_per_frame']:.2f}",
                f"{row['rss_mb']:.0f}",
            )
        console.print(table)
    sorter = found["sorter"]
    idle = sorter["shares"]["idle at 15 frames/s"]
    console.print(f"the whole line relative to the bare invoke(), one process: {sorter['whole_beside_invoke']:.2f} x")
    console.print(f"idle tray at 15 frames/s: {idle['cpu']:.1%} of a core, {idle['invokes']} invokes")
    console.print(
        f"cold start: ready to decide after {sorter['start']['ready_s']:.2f} s; {sorter['start']['rss_mb']} MB"
    )
    if "memory" in found:
        memory = found["memory"]
        console.print(f"memory over {memory['frames']} frames: {memory['growth_mb']:+.2f} MB")


if __name__ == "__main__":
    main()
