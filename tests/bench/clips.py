"""Clips of the simulated bin at 640x480: an item in every frame, items in a fifth of the frames, items one after the other.

A clip is one file of raw RGB pictures, read picture by picture: nothing is decoded or kept in memory, so that the contenders of
``tests.bench.comparison`` differ only in how they process a picture.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np

from edge.config.file import load_config
from edge.service.assembly import assemble
from edge.service.judgement import true_label
from edge.sight.presence import PresenceState
from hardware.frame import Pixels

SEED = 7
FPS = 15.0
LEAD = 40
"""Number of pictures of the empty tray at the start, from which the sorter learns its tray; played once, not measured."""

SETTLE = 8
"""Number of pictures at the start of every item that are not measured in the clip with an item in every frame: the picture
jumps from one item to the next, and the sorter waits for it to come to rest."""

FILM_VIEWS = 26
"""Views per item while filming, which keep an item on the tray long enough."""

FULL_LOAD_GAP_S = (0.4, 1.0)
"""Pause between one item's fall and the next item, in seconds, in the clip with items one after the other: the default of
``simulation.gap_s``."""

GAP_S = (3.0, 4.0)
"""The same in the other clips, which need pictures of the empty tray."""

EMPTY_SHARE = 4
"""Pictures of the empty tray per picture with an item, in the clip with items in a fifth of the frames."""


@dataclass(frozen=True)
class Clip:
    """A clip. Its first ``LEAD`` pictures show the empty tray.

    Attributes:
        name: what it shows.
        file: path of the file.
        width, height: size of the pictures in pixels.
        measured: whether each picture is measured.
        shows_item: whether each picture shows an item.
        shows_falls: whether an item falls once it is decided. Where it does not, the running sorter decides it again and again,
            at moments that depend on the item before, and is not measured.
    """

    name: str
    file: str
    width: int
    height: int
    measured: tuple[bool, ...]
    shows_item: tuple[bool, ...]
    shows_falls: bool

    @property
    def share(self) -> float:
        """Share of the measured pictures that show an item."""
        return float(np.array(self.shows_item)[np.array(self.measured)].mean())

    def tree(self) -> dict[str, Any]:
        """The clip as a dict for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class _Shot:
    pixels: Pixels
    shows_item: bool
    at_rest: bool


def make_clips(folder: Path, *, items: int = 6) -> list[Clip]:
    """Make the clips in ``folder``."""
    return [_every_frame(folder, items), _full_load(folder, items), _fifth(folder, items)]


def _every_frame(folder: Path, items: int) -> Clip:
    shots = _film(folder, items, views=FILM_VIEWS)
    runs = [run[:FILM_VIEWS] for run in _runs(shots, [shot.at_rest for shot in shots])]
    taken = [shot for run in runs for shot in run]
    measured = [number >= SETTLE for run in runs for number in range(len(run))]
    return _write(folder, "an item in every frame", shots, taken, measured, shows_falls=False)


def _fifth(folder: Path, items: int) -> Clip:
    shots = _film(folder, items, views=4)
    empty = cycle([shot for shot in shots if not shot.shows_item])
    taken = []
    for run in _runs(shots, [shot.shows_item for shot in shots]):
        taken += [*run, *islice(empty, EMPTY_SHARE * len(run))]
    return _write(folder, "items in 20 % of the frames", shots, taken, [True] * len(taken))


def _full_load(folder: Path, items: int) -> Clip:
    shots = _film(folder, items, views=4, gap_s=FULL_LOAD_GAP_S)
    taken = shots[_first_item(shots) :]
    return _write(folder, "items one after the other", shots, taken, [True] * len(taken))


def _film(folder: Path, items: int, *, views: int, gap_s: tuple[float, float] = GAP_S) -> list[_Shot]:
    overrides = [
        *("camera.kind=sim", "camera.width=640", "camera.height=480", f"camera.fps={FPS}", "flaps.pin_factory=mock"),
        *("simulation.speed=0", f"simulation.seed={SEED}", f"simulation.items={items}", "simulation.photos=null"),
        *(f"simulation.gap_s={list(gap_s)}", f"decision.views={views}", "event_log.image_budget_mb=0"),
        f"event_log.file={folder / 'film.sqlite'}",
    ]
    config = load_config(Path("config.yaml"), overrides)
    shots, sequence = [], -1
    with assemble(config) as bin:
        while not bin.camera.exhausted:
            frame = bin.camera.read(newer_than=sequence, timeout_s=0.1)
            bin.sorter.step(frame)
            if frame is not None:
                sequence = frame.sequence
                resting = bin.sorter.tray.state is PresenceState.AT_REST
                shots.append(_Shot(frame.pixels, true_label(bin) is not None, resting))
    return shots


def _runs(shots: Sequence[_Shot], wanted: Sequence[bool]) -> list[list[_Shot]]:
    """Runs of consecutive wanted shots."""
    runs: list[list[_Shot]] = []
    for shot, keep, before in zip(shots, wanted, (False, *wanted), strict=False):
        if keep and not before:
            runs.append([])
        if keep:
            runs[-1].append(shot)
    return runs


def _first_item(shots: Sequence[_Shot]) -> int:
    """Number of the first shot that shows an item."""
    return next(number for number, shot in enumerate(shots) if shot.shows_item)


def _write(
    folder: Path,
    name: str,
    shots: Sequence[_Shot],
    taken: Sequence[_Shot],
    measured: Sequence[bool],
    *,
    shows_falls: bool = True,
) -> Clip:
    lead = list(islice(cycle(shots[: _first_item(shots)]), LEAD))
    file = folder / f"{len(taken)}-{name.replace(' ', '-').replace('%', 'percent')}.rgb"
    with file.open("wb") as out:
        for shot in (*lead, *taken):
            out.write(np.ascontiguousarray(shot.pixels).tobytes())
    height, width = shots[0].pixels.shape[:2]
    return Clip(
        name,
        str(file),
        width,
        height,
        (*[False] * LEAD, *measured),
        (*[False] * LEAD, *(shot.shows_item for shot in taken)),
        shows_falls,
    )
