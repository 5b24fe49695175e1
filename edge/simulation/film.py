"""A film of a scenario."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

import cv2
import numpy as np

from edge.service.assembly import Assembly
from edge.simulation.drawing import (
    BACK,
    BAD,
    CAREFUL,
    DIM,
    GOOD,
    INK,
    LINE_PX,
    WIDTH_PX,
    Rgb,
    draw_banner,
    draw_box,
    draw_text,
    without_noise,
    wrap,
)
from edge.simulation.film_file import FilmFile
from edge.simulation.outcome_verdict import judge_outcome
from edge.values import SortEvent
from hardware.frame import Frame, Pixels
from hardware.world.score import ItemOutcome
from hardware.world.world import World, WorldFlap

BAR_PX = 106
"""Height of the bar below the picture in a film, in pixels."""

SHOWN_FOR_S = 4.0
"""Time that a decision stays below the picture, in seconds."""

HOLD_S = 0.6
"""Time for which the film stands still at a decision, in seconds: the item falls a few frames later."""

LABEL_STAYS_S = 1.0
"""Time that the label of a decided item stays in its place once the item is gone, in seconds."""

CARD_CHARS = 62
"""Characters in a line of the title."""

FAULT_RED, ALARM_BROWN = (150, 30, 28), (120, 78, 0)
"""RGB of the banners for faults and for alarms."""

FLAP_STEP_PX = 64
"""Distance from one flap's bar to the next, in pixels."""

_ROUNDING_S = 1e-6
"""Time by which a frame may be early, in seconds."""


@dataclass(slots=True)
class _FilmedDecision:
    """A decision as the film shows it.

    Attributes:
        event: the decision.
        truth: the true label of the item; empty where nothing lay there.
        item: the item's number in the world.
        box: its box, in pixels of the camera's picture.
        colour: how good the decision is, against the truth.
        seen_s: when the item last lay on the tray.
    """

    event: SortEvent
    truth: str
    item: int | None
    box: tuple[int, int, int, int]
    colour: Rgb
    seen_s: float


class Film:
    """Writes an annotated film of the times in which something happens. A context manager: what ends by an error leaves no file.

    Args:
        path: the file; its name says the codec, see ``film_file.CODECS``.
        fps: frames per second, of the film and of simulated time.

    Attributes:
        path: the file.
        frames: number of frames written.

    Raises:
        PictureError: the film cannot be written.
    """

    def __init__(self, path: Path, *, fps: float) -> None:
        self.path = path
        self._fps = fps
        self._file: FilmFile | None = None
        self._size = (0, 0)
        self.frames = 0
        self._bins: Mapping[str, str] = {}
        self._residual = ""
        self._card: tuple[str, str] | None = None
        self._camera: Pixels | None = None
        self._last: _FilmedDecision | None = None
        self._title, self._next_s, self._last_s = "", -np.inf, -np.inf
        self._verdict = ("", DIM)
        self._held = 0

    def begin(self, name: str, shows: str) -> None:
        """Begin another scenario, with a second of its title."""
        self._title, self._next_s, self._last_s = name, -np.inf, -np.inf
        self._card = (name, shows)
        self._camera = self._last = None
        self._held = 0
        self._verdict = ("", DIM)

    def step(self, assembly: Assembly, event: SortEvent | None) -> None:
        world, now_s = assembly.simulation, assembly.clock.now_s()
        assert world is not None
        self._bins, self._residual = assembly.config.decision.labels, assembly.config.decision.residual_bin
        if event is not None:
            self._last, self._last_s, self._verdict = self._filmed(assembly, world, event), now_s, ("", DIM)
            self._held = round(HOLD_S * self._fps)
        if self._last is not None and self._last.item is not None and self._last.item == world.number_on_tray:
            self._last.seen_s = now_s
        newest = getattr(assembly.camera, "newest", None)
        quiet = world.quiet_until_s > now_s
        if newest is None or quiet or now_s < self._next_s - _ROUNDING_S:
            return
        self._next_s = max(self._next_s, now_s - 1 / self._fps) + 1 / self._fps
        if self._file is None:
            height = round(WIDTH_PX * newest.pixels.shape[0] / newest.pixels.shape[1])
            self._size = (WIDTH_PX, (height + BAR_PX) // 2 * 2)
            self._file = FilmFile(self.path, fps=self._fps, size=self._size)
        if self._card is not None:
            self._write_card(*self._card)
            self._card = None
        picture = self._annotated(assembly, world, newest, now_s)
        for _ in range(1 + self._held):
            self._write(picture)
        self._held = 0

    def on_item_outcome(self, outcome: ItemOutcome) -> None:
        self._verdict = judge_outcome(outcome, self._bins, self._residual)

    def close(self) -> None:
        """Finish the file; may be called twice. Raises PictureError."""
        file, self._file = self._file, None
        if file is not None:
            file.finish()

    def discard(self) -> None:
        """Leave no file; may be called twice."""
        file, self._file = self._file, None
        if file is not None:
            file.discard()

    def __enter__(self) -> "Film":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()

    def _filmed(self, assembly: Assembly, world: World, event: SortEvent) -> _FilmedDecision:
        item = assembly.sorter.last_item
        assert item is not None  # set with every decision
        truth = "" if world.on_tray is None else world.on_tray.label
        own = self._bins.get(truth, self._residual)
        colour = GOOD if event.bin == own else CAREFUL if event.bin == self._residual else BAD
        return _FilmedDecision(
            event, truth, world.number_on_tray, item.box_xyxy, colour if truth else DIM, assembly.clock.now_s()
        )

    def _write(self, picture: Pixels) -> None:
        assert self._file is not None
        self._file.write(picture)
        self.frames += 1

    def _write_card(self, name: str, shows: str) -> None:
        card = np.full((self._size[1], self._size[0], 3), BACK, np.uint8)
        draw_text(card, name, (24, self._size[1] // 2 - 24), scale=1.0, colour=INK)
        for number, line in enumerate(wrap(shows, CARD_CHARS)):
            draw_text(card, line, (24, self._size[1] // 2 + 12 + LINE_PX * number), colour=DIM)
        for _ in range(round(self._fps)):
            self._write(card)

    def _annotated(self, assembly: Assembly, world: World, frame: Frame, now_s: float) -> Pixels:
        width, height = self._size
        self._camera = without_noise(frame.pixels, self._camera)
        top = height - BAR_PX
        picture = np.full((height, width, 3), BACK, np.uint8)
        picture[:top] = cv2.resize(self._camera, (width, top), interpolation=cv2.INTER_AREA)
        self._draw_decided(picture[:top], frame, now_s)
        faults = sorted({active.kind.replace("_", " ") for active in world.faults.active})
        below = draw_banner(picture, "fault: " + ", ".join(faults), 0, FAULT_RED) if faults else 0
        if (sentence := assembly.alarms.most_urgent) is not None:
            draw_banner(picture, sentence, below, ALARM_BROWN)
        elapsed_s = now_s - world.start_s
        wall = datetime.fromtimestamp(assembly.clock.wall_s(), UTC).strftime("%d %b %H:%M:%S")
        draw_text(picture, f"{self._title}   {elapsed_s:8.2f} s   {wall}", (10, top + 20), colour=DIM)
        lies = "" if world.on_tray is None else f"   (in truth: {world.on_tray.label})"
        draw_text(picture, f"tray: {assembly.sorter.tray.state.value}{lies}", (10, top + 48), colour=INK)
        if self._last is not None and now_s - self._last_s < SHOWN_FOR_S:
            event = self._last.event
            said = f"item {event.number}: {event.label} {event.confidence:.2f} ({event.reason}) -> {event.bin}"
            draw_text(picture, said, (10, top + 72), colour=INK)
            draw_text(picture, self._verdict[0], (10, top + 94), colour=self._verdict[1])
        self._draw_flaps(picture, world.flaps, top + 72)
        return picture

    def _draw_decided(self, picture: Pixels, frame: Frame, now_s: float) -> None:
        """The box of the item decided last, with label and truth, which stay for a moment when it is gone."""
        last = self._last
        if last is None or now_s - last.seen_s > LABEL_STAYS_S:
            return
        scale = picture.shape[1] / frame.width
        box = tuple(round(edge * scale) for edge in last.box)
        texts = [f"{last.event.label} {last.event.confidence:.2f} -> {last.event.bin}"]
        if last.truth:
            texts.append(f"truth: {last.truth}")
        draw_box(picture, box, texts, last.colour, boxed=frame.time_s <= last.seen_s)

    def _draw_flaps(self, picture: Pixels, flaps: Mapping[str, WorldFlap], top: int) -> None:
        step = FLAP_STEP_PX
        for number, (bin, flap) in enumerate(flaps.items()):
            x = self._size[0] - step * (len(flaps) - number) - 6
            cv2.rectangle(picture, (x, top + 6), (x + step - 8, top + 16), (70, 72, 78), 1)
            filled = round((step - 10) * flap.opening)
            if filled:
                cv2.rectangle(picture, (x + 1, top + 7), (x + 1 + filled, top + 15), GOOD, -1)
            draw_text(picture, bin[:9], (x, top + 28), scale=0.34, colour=INK if filled else DIM)
