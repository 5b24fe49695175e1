"""Draws docs/demo.webp, the moving picture of the front page: a run of the simulated bin, scored against its truth.

.venv/bin/python -m docs.make_demo [--out docs/demo.webp]

The run is the one of ``make run``: the shipped model, the real line, the real flap drivers on mock pins. The flaps and bins
below the camera's picture are drawn from the simulated flaps and from where each item fell.
"""

import argparse
import io
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import cv2
from PIL import Image

from docs.demo_canvas import picture
from docs.demo_frame import DemoScene, LandedItem, ShownDecision, draw
from docs.demo_run import FPS, decision_record, demo_steps, truth_of, verdict
from docs.picture_records import RECORDS, keep_record
from docs.simulated_run import Step
from edge.sight.view import object_view
from edge.simulation.drawing import without_noise
from edge.values import SortEvent
from hardware.frame import Pixels
from hardware.world.score import ItemOutcome

PICTURE = Path("docs/demo.webp")
SOURCES = [Path("docs") / name for name in ("demo_canvas.py", "demo_frame.py", "demo_run.py", "make_demo.py")]
"""What draws it."""

HOLD_S = 2.5
"""How long the result stands before the picture starts again, in seconds."""

LEAD_FRAMES = 5
"""Frames of the empty tray before the first item."""

SMOOTHING = {"d": 5, "sigmaColor": 14, "sigmaSpace": 2}
"""Of the bilateral filter that takes the sensor's noise (2 grey levels) out and leaves edges."""

QUALITY = 78
"""Of WebP, 0..100: below it the dark cards show blocks."""


class Demo:
    """Turns steps of a run into frames of the moving picture."""

    def __init__(self) -> None:
        self.frames: list[Image.Image] = []
        self.decisions: list[Mapping[str, str]] = []
        self._started = False
        self._camera: Pixels | None = None
        self._decision: ShownDecision | None = None
        self._landed: dict[str, list[LandedItem]] = {}
        self._cutouts: dict[int, Image.Image] = {}
        self._score: Counter[str] = Counter()

    def note_outcome(self, outcome: ItemOutcome) -> None:
        """An item is out of sight."""
        if not outcome.fell or self._decision is None:
            return
        self._score[self._decision.verdict] += 1
        landed = LandedItem(self._cutouts.pop(outcome.number), self._decision.colour)
        self._landed.setdefault(outcome.bin, []).append(landed)

    def step(self, step: Step) -> None:
        """Draw one frame."""
        assembly = step.assembly
        world = assembly.simulation
        assert world is not None
        number = world.number_on_tray
        if number is not None and number not in self._cutouts:
            self._cutouts[number] = picture(world.on_tray.rgba)
            self._decision, self._started = None, True
        if step.event is not None:
            self._decision = _shown_decision(step, step.event)
            self.decisions.append(decision_record(step, step.event))
        self._camera = without_noise(cv2.bilateralFilter(step.frame.pixels, **SMOOTHING), self._camera)
        if not self._started:
            # A short look at the empty tray is enough.
            self.frames = self.frames[1 - LEAD_FRAMES :]
        scene = DemoScene(
            camera=self._camera,
            decision=self._decision,
            is_on_tray=world.is_at_rest,
            state=assembly.sorter.tray.state,
            labels=tuple(assembly.config.decision.labels),
            openings={name: flap.opening for name, flap in world.flaps.items()},
            landed=self._landed,
            score=self._score,
        )
        self.frames.append(draw(scene))
        for landed in (one for items in self._landed.values() for one in items):
            landed.age_frames += 1


def _shown_decision(step: Step, event: SortEvent) -> ShownDecision:
    assembly, item = step.assembly, step.assembly.sorter.last_item
    assert item is not None
    view = object_view(item.frame.pixels, item.mask, assembly.classifier.manifest.view)
    return ShownDecision(event, truth_of(step), item.box_xyxy, view, verdict(step, event))


def make_demo() -> Demo:
    """The frames of the run, and its decisions."""
    demo = Demo()
    for step, outcomes in demo_steps():
        for outcome in outcomes:
            demo.note_outcome(outcome)
        demo.step(step)
    return demo


def main() -> None:
    """Draw the moving picture and write it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--out", type=Path, default=PICTURE, help=f"where to; only {PICTURE} itself is entered in {RECORDS}"
    )
    arguments = parser.parse_args()
    demo = make_demo()
    *frames, last = demo.frames
    # The result comes first: it is what a page shows until the picture moves, and it follows the last item all the same.
    frames = [last, *frames]
    durations = [round(1000 * HOLD_S), *[round(1000 / FPS)] * (len(frames) - 1)]
    encoded = io.BytesIO()
    frames[0].save(
        encoded,
        format="WebP",
        save_all=True,
        append_images=frames[1:],
        duration=durations,
        loop=0,
        quality=QUALITY,
        method=6,
        allow_mixed=True,
    )
    arguments.out.write_bytes(encoded.getvalue())
    if arguments.out == PICTURE:
        keep_record(PICTURE, SOURCES, demo.decisions)
    print(f"{arguments.out}: {len(frames)} frames, {arguments.out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
