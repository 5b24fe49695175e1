"""What a scenario looks like: a film of what happens, and a picture of every item that went wrong."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from edge.errors import PictureError
from edge.service.assembly import Assembly
from edge.values import SortEvent
from hardware.frame import Pixels

BAR_PX = 106
"""Height of the bar below the picture in a film, in pixels."""

WIDTH_PX = 640
"""Width of a film and of the pictures, in pixels."""

INK, DIM, GOOD, BAD, BACK = (235, 235, 235), (150, 150, 150), (90, 200, 110), (225, 70, 60), (28, 30, 34)
"""RGB."""


class Film:
    """Writes an annotated film of the stretches in which something happens. A context manager.

    Args:
        path: the file; its folder must exist. MPEG-4.
        fps: frames per second, of the film and of simulated time.

    Raises:
        PictureError: the film cannot be written.
    """

    def __init__(self, path: Path, *, fps: float) -> None:
        self.path = path
        self._fps = fps
        self._writer: Any = None
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
        """Another scenario starts: a second of its title."""
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
        if newest is None or quiet or now_s < self._next_s - 1e-6:
            return
        self._next_s = max(self._next_s, now_s - 1 / self._fps) + 1 / self._fps
        if self._writer is None:
            self._open(newest.pixels)
        if self._card is not None:
            self._write_card(*self._card)
            self._card = None
        self._write(self._annotated(assembly, newest.pixels, now_s))

    def on_item_outcome(self, fate: Any) -> None:
        self._verdict = _judged(fate, self._bins, self._residual)

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
        self._writer.write(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
        self.frames += 1

    def _write_card(self, name: str, shows: str) -> None:
        card = np.full((self._size[1], self._size[0], 3), BACK, np.uint8)
        _text(card, name, (24, self._size[1] // 2 - 24), scale=1.0, colour=INK)
        for number, line in enumerate(_lines(shows, 62)):
            _text(card, line, (24, self._size[1] // 2 + 12 + 22 * number), colour=DIM)
        for _ in range(round(self._fps)):
            self._write(card)

    def _annotated(self, assembly: Assembly, pixels: Pixels, now_s: float) -> Pixels:
        world = assembly.simulation
        assert world is not None
        width, height = self._size
        picture = np.full((height, width, 3), BACK, np.uint8)
        picture[: height - BAR_PX] = cv2.resize(pixels, (width, height - BAR_PX), interpolation=cv2.INTER_AREA)
        faults = sorted({spell.fault.kind.replace("_", " ") for spell in world.faults.active})
        below = _banner(picture, "fault: " + ", ".join(faults), 0, (150, 30, 28)) if faults else 0
        if (sentence := assembly.alarms.most_urgent) is not None:
            _banner(picture, sentence, below, (120, 78, 0))
        top = height - BAR_PX
        elapsed_s = now_s - world.start_s
        wall = datetime.fromtimestamp(assembly.clock.wall_s(), UTC).strftime("%d %b %H:%M:%S")
        _text(picture, f"{self._title}   {elapsed_s:8.2f} s   {wall}", (10, top + 20), colour=DIM)
        truth = world.on_tray
        lies = "" if truth is None else f"   (in truth: {truth.label})"
        _text(picture, f"tray: {assembly.sorter.tray.state.value}{lies}", (10, top + 48), colour=INK)
        if self._last is not None and now_s - self._last_s < 4.0:
            event = self._last
            said = f"item {event.number}: {event.label} {event.confidence:.2f} ({event.reason}) -> {event.bin}"
            _text(picture, said, (10, top + 72), colour=INK)
            _text(picture, self._verdict[0], (10, top + 94), colour=self._verdict[1])
        self._draw_flaps(picture, world.flaps, top + 72)
        return picture

    def _draw_flaps(self, picture: Pixels, flaps: Mapping[str, Any], top: int) -> None:
        step = 64
        for number, (bin, flap) in enumerate(flaps.items()):
            x = self._size[0] - step * (len(flaps) - number) - 6
            cv2.rectangle(picture, (x, top + 6), (x + step - 8, top + 16), (70, 72, 78), 1)
            filled = round((step - 10) * flap.opening)
            if filled:
                cv2.rectangle(picture, (x + 1, top + 7), (x + 1 + filled, top + 15), GOOD, -1)
            _text(picture, bin[:9], (x, top + 28), scale=0.34, colour=INK if filled else DIM)


class Pictures:
    """Keeps an annotated picture of every item that went wrong: missed, in a wrong bin, or handled twice.

    Args:
        folder: where they go; made where it is missing.
        name: of the scenario, the pictures' names begin with it.
        labels: label -> bin.
        residual_bin: the bin for everything doubtful.

    Attributes:
        written: the files.
    """

    def __init__(self, folder: Path, name: str, *, labels: Mapping[str, str], residual_bin: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._name = folder, name
        self._labels, self._residual = labels, residual_bin
        self._seen: dict[int, tuple[Pixels, float]] = {}
        self._said: dict[int, SortEvent] = {}
        self.written: list[Path] = []

    def step(self, assembly: Assembly, event: SortEvent | None) -> None:
        world = assembly.simulation
        assert world is not None
        number = world.number_on_tray
        if number is None:
            return
        if event is not None:
            self._said[number] = event
        newest = getattr(assembly.camera, "newest", None)
        if newest is not None and (world.is_at_rest or number not in self._seen):
            self._seen[number] = newest.pixels, newest.time_s - world.start_s

    def on_item_outcome(self, fate: Any) -> None:
        verdict, colour = _judged(fate, self._labels, self._residual)
        seen, event = self._seen.pop(fate.number, None), self._said.pop(fate.number, None)
        if seen is None or colour != BAD:
            return
        pixels, time_s = seen
        height = round(WIDTH_PX * pixels.shape[0] / pixels.shape[1])
        picture = np.full((height + 56, WIDTH_PX, 3), BACK, np.uint8)
        picture[:height] = cv2.resize(pixels, (WIDTH_PX, height), interpolation=cv2.INTER_AREA)
        _text(
            picture, f"item {fate.number}: {verdict}   ({fate.item}, {time_s:.1f} s)", (10, height + 22), colour=colour
        )
        said = (
            "never decided"
            if event is None
            else f"{event.label} {event.confidence:.2f} ({event.reason}) -> {event.bin}"
        )
        _text(picture, f"the bin said: {said}", (10, height + 44), colour=INK)
        path = self._folder / f"{self._name}-{fate.number:05d}-{verdict.split()[0]}.png"
        if not cv2.imwrite(str(path), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)):
            raise PictureError(f"picture {path}: cannot be written")
        self.written.append(path)


def _judged(fate: Any, labels: Mapping[str, str], residual_bin: str) -> tuple[str, tuple[int, int, int]]:
    """What became of an item, in words, and how good that is."""
    own = labels.get(fate.label, residual_bin)
    if not fate.fell:
        return f"{fate.bin} {fate.label}", DIM if fate.bin == "withdrawn" else BAD
    if len(fate.bins) > 1:
        return f"double {fate.label} in {fate.bin}, {' and '.join(fate.bins[1:])} opened too", BAD
    if fate.bin == own:
        return f"right {fate.label} in {fate.bin}", GOOD
    if fate.bin == residual_bin:
        return f"residual {fate.label} in {fate.bin}", DIM
    return f"wrong {fate.label} in {fate.bin}", BAD


def _text(
    picture: Pixels, text: str, at: tuple[int, int], *, colour: tuple[int, int, int], scale: float = 0.46
) -> None:
    plain = text.encode("ascii", "replace").decode()  # OpenCV's letters are ASCII
    cv2.putText(picture, plain, at, cv2.FONT_HERSHEY_SIMPLEX, scale, colour, 1, cv2.LINE_AA)


def _banner(picture: Pixels, text: str, top: int, colour: tuple[int, int, int]) -> int:
    """Write a text on a coloured ground from a row on; the row below it."""
    lines = _lines(text, 76)
    below = top + 22 * len(lines) + 4
    cv2.rectangle(picture, (0, top), (picture.shape[1], below - 1), colour, -1)
    for number, line in enumerate(lines):
        _text(picture, line, (10, top + 17 + 22 * number), colour=INK)
    return below


def _lines(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
