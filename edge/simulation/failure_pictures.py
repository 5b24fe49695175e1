"""A picture of every item that went wrong."""

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np

from edge.errors import PictureError
from edge.files.owner import make_folder
from edge.files.state_files import write_whole
from edge.service.assembly import Assembly
from edge.simulation.drawing import BACK, BAD, INK, WIDTH_PX, draw_text
from edge.simulation.outcome_verdict import judge_outcome
from edge.values import SortEvent
from hardware.frame import Pixels
from hardware.world.score import ItemOutcome

TEXT_PX = 56
"""Height of the text below a picture, in pixels: two lines."""


class FailurePictures:
    """Writes an annotated picture of every item that went wrong: missed, in a wrong bin, or handled twice.

    Args:
        folder: where they go; it is created where it is missing.
        name: of the scenario; the pictures' names begin with it.
        labels: label -> bin.
        residual_bin: the bin for everything doubtful.

    Attributes:
        written: the files.
    """

    def __init__(self, folder: Path, name: str, *, labels: Mapping[str, str], residual_bin: str) -> None:
        make_folder(folder)
        self._folder, self._name = folder, name
        self._labels, self._residual = labels, residual_bin
        self._seen: dict[int, tuple[Pixels, float]] = {}
        self._decisions: dict[int, SortEvent] = {}
        self.written: list[Path] = []

    def step(self, assembly: Assembly, event: SortEvent | None) -> None:
        world = assembly.simulation
        assert world is not None
        number = world.number_on_tray
        if number is None:
            return
        if event is not None:
            self._decisions[number] = event
        newest = getattr(assembly.camera, "newest", None)
        if newest is not None and (world.is_at_rest or number not in self._seen):
            self._seen[number] = newest.pixels, newest.time_s - world.start_s

    def on_item_outcome(self, outcome: ItemOutcome) -> None:
        verdict, colour = judge_outcome(outcome, self._labels, self._residual)
        seen, event = self._seen.pop(outcome.number, None), self._decisions.pop(outcome.number, None)
        if seen is None or colour != BAD:
            return
        pixels, time_s = seen
        height = round(WIDTH_PX * pixels.shape[0] / pixels.shape[1])
        picture = np.full((height + 56, WIDTH_PX, 3), BACK, np.uint8)
        picture[:height] = cv2.resize(pixels, (WIDTH_PX, height), interpolation=cv2.INTER_AREA)
        draw_text(
            picture,
            f"item {outcome.number}: {verdict}   ({outcome.item}, {time_s:.1f} s)",
            (10, height + 22),
            colour=colour,
        )
        said = (
            "never decided"
            if event is None
            else f"{event.label} {event.confidence:.2f} ({event.reason}) -> {event.bin}"
        )
        draw_text(picture, f"the bin said: {said}", (10, height + 44), colour=INK)
        path = self._folder / f"{self._name}-{outcome.number:05d}-{verdict.split()[0]}.png"
        content = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1]
        try:
            write_whole(path, content.tobytes(), durable=False)
        except OSError as error:
            raise PictureError(f"picture {path}: cannot be written: {error.strerror or error}") from error
        self.written.append(path)
