"""A film of a scenario."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np

from edge.errors import PictureError
from edge.service.assembly import Assembly
from edge.simulation.drawing import BACK, DIM, GOOD, INK, LINE_PX, WIDTH_PX, draw_banner, draw_text, wrap
from edge.simulation.outcome_verdict import judge_outcome
from edge.values import SortEvent
from hardware.frame import Pixels
from hardware.world.score import ItemOutcome
from hardware.world.world import WorldFlap

BAR_PX = 106
"""Height of the bar below the picture in a film, in pixels."""

SHOWN_FOR_S = 4.0
"""Time that a decision stays in the picture, in seconds."""

CARD_CHARS = 62
"""Characters in a line of the title."""

FAULT_RED, ALARM_BROWN = (150, 30, 28), (120, 78, 0)
"""RGB of the banners for faults and for alarms."""

FLAP_STEP_PX = 64
"""Distance from one flap's bar to the next, in pixels."""

_ROUNDING_S = 1e-6
"""Time by which a frame may be early, in seconds."""


class Film:
    """Writes an annotated film of the times in which something happens. A context manager.

    Args:
        path: the file (MPEG-4); its folder must exist.
        fps: frames per second, of the film and of simulated time.

    Attributes:
        frames: number of frames written.

    Raises:
        PictureError: the film cannot be written.
    """

    def __init__(self, path: Path, *, fps: float) -> None:
        self.path = path
        self._fps = fps
        self._writer: cv2.VideoWriter | None = None
        self._size = (0, 0)
        self._next_s = -np.inf
        self._title = ""
        self._card: tuple[str, str] | None = None
        self._last: SortEvent | None = None
        self._last_s = -np.inf
        self._verdict = ("", DIM)
        self._bins: Mapping[str, str] = {}
        self._residual = ""
        self.frames = 0

    def begin(self, name: str, shows: str) -> None:
        """Begin another scenario, with a second of its title."""
        self._title, self._next_s, self._last = name, -np.inf, None
        self._card = (name, shows)
        self._last_s = -np.inf
        self._verdict = ("", DIM)

    def step(self, assembly: Assembly, event: SortEvent | None) -> None:
        world, now_s = assembly.simulation, assembly.clock.now_s()
        assert world is not None
        self._bins, self._residual = assembly.config.decision.labels, assembly.config.decision.residual_bin
        if event is not None:
            self._last, self._last_s, self._verdict = event, now_s, ("", DIM)
        newest = getattr(assembly.camera, "newest", None)
        quiet = world.quiet_until_s > now_s
        if newest is None or quiet or now_s < self._next_s - _ROUNDING_S:
            return
        self._next_s = max(self._next_s, now_s - 1 / self._fps) + 1 / self._fps
        if self._writer is None:
            self._open(newest.pixels)
        if self._card is not None:
            self._write_card(*self._card)
            self._card = None
        self._write(self._annotated(assembly, newest.pixels, now_s))

    def on_item_outcome(self, outcome: ItemOutcome) -> None:
        self._verdict = judge_outcome(outcome, self._bins, self._residual)

    def close(self) -> None:
        """Finish the file; may be called twice."""
        if self._writer is not None:
            self._writer.release()
            self._writer = None

    def __enter__(self) -> "Film":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self, pixels: Pixels) -> None:
        height = round(WIDTH_PX * pixels.shape[0] / pixels.shape[1])
        self._size = (WIDTH_PX, (height + BAR_PX) // 2 * 2)
        self._writer = cv2.VideoWriter(str(self.path), cv2.VideoWriter.fourcc(*"mp4v"), self._fps, self._size)
        if not self._writer.isOpened():
            raise PictureError(
                f"film {self.path}: cannot be written; expected a name like out.mp4 in a folder that exists"
            )

    def _write(self, picture: Pixels) -> None:
        assert self._writer is not None
        self._writer.write(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
        self.frames += 1

    def _write_card(self, name: str, shows: str) -> None:
        card = np.full((self._size[1], self._size[0], 3), BACK, np.uint8)
        draw_text(card, name, (24, self._size[1] // 2 - 24), scale=1.0, colour=INK)
        for number, line in enumerate(wrap(shows, CARD_CHARS)):
            draw_text(card, line, (24, self._size[1] // 2 + 12 + LINE_PX * number), colour=DIM)
        for _ in range(round(self._fps)):
            self._write(card)

    def _annotated(self, assembly: Assembly, pixels: Pixels, now_s: float) -> Pixels:
        world = assembly.simulation
        assert world is not None
        width, height = self._size
        picture = np.full((height, width, 3), BACK, np.uint8)
        picture[: height - BAR_PX] = cv2.resize(pixels, (width, height - BAR_PX), interpolation=cv2.INTER_AREA)
        faults = sorted({active.kind.replace("_", " ") for active in world.faults.active})
        below = draw_banner(picture, "fault: " + ", ".join(faults), 0, FAULT_RED) if faults else 0
        if (sentence := assembly.alarms.most_urgent) is not None:
            draw_banner(picture, sentence, below, ALARM_BROWN)
        top = height - BAR_PX
        elapsed_s = now_s - world.start_s
        wall = datetime.fromtimestamp(assembly.clock.wall_s(), UTC).strftime("%d %b %H:%M:%S")
        draw_text(picture, f"{self._title}   {elapsed_s:8.2f} s   {wall}", (10, top + 20), colour=DIM)
        truth = world.on_tray
        lies = "" if truth is None else f"   (in truth: {truth.label})"
        draw_text(picture, f"tray: {assembly.sorter.tray.state.value}{lies}", (10, top + 48), colour=INK)
        if self._last is not None and now_s - self._last_s < SHOWN_FOR_S:
            event = self._last
            said = f"item {event.number}: {event.label} {event.confidence:.2f} ({event.reason}) -> {event.bin}"
            draw_text(picture, said, (10, top + 72), colour=INK)
            draw_text(picture, self._verdict[0], (10, top + 94), colour=self._verdict[1])
        self._draw_flaps(picture, world.flaps, top + 72)
        return picture

    def _draw_flaps(self, picture: Pixels, flaps: Mapping[str, WorldFlap], top: int) -> None:
        step = FLAP_STEP_PX
        for number, (bin, flap) in enumerate(flaps.items()):
            x = self._size[0] - step * (len(flaps) - number) - 6
            cv2.rectangle(picture, (x, top + 6), (x + step - 8, top + 16), (70, 72, 78), 1)
            filled = round((step - 10) * flap.opening)
            if filled:
                cv2.rectangle(picture, (x + 1, top + 7), (x + 1 + filled, top + 15), GOOD, -1)
            draw_text(picture, bin[:9], (x, top + 28), scale=0.34, colour=INK if filled else DIM)
