"""A simulated bin that its owner teaches while it runs: under a dim greenish lamp, with kinds of things that no model knows."""

import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.config.file import load_config
from edge.config.schema import Config
from edge.service.assembly import Assembly, assemble
from edge.service.loop import RunStats, run_loop
from edge.values import SortEvent
from hardware.world.score import ItemOutcome
from tests.builders.new_kinds import make_new_kinds
from tests.paths import MODEL, ROOT

SPRITES = ROOT / "hardware" / "sim" / "sprites"

BINS = {"banana peel": "residual", "battery": "residual", "tea bag": "paper"}
"""Bins of the new kinds."""


def taught_config(folder: Path, *, known: Sequence[str], each: int) -> Config:
    """The working default with its state in ``folder``, the lamp, and so many things of each new kind beside known labels."""
    things = make_new_kinds(folder / "things", each=each)
    for label in known:
        shutil.copytree(SPRITES / label, things / label)
    return load_config(
        ROOT / "config.yaml",
        [
            f"model.file={MODEL}",
            "simulation.speed=0",
            "simulation.light_colour=[0.42, 0.6, 0.4]",
            f"simulation.photos={things}",
            "camera.width=320",
            "camera.height=240",
            "simulation.gap_s=[0.2, 0.3]",
            "simulation.settle_s=[0.3, 0.4]",
            f"event_log.file={folder}/state/events.sqlite",
            f"event_log.images={folder}/state/images",
            f"tray.memory={folder}/state/tray.npz",
            *(f"decision.labels.{label}={name}" for label, name in BINS.items()),
        ],
    )


@dataclass
class TaughtRun:
    """A run in which the owner teaches once.

    Attributes:
        before, after: outcomes of the items that were decided before the lesson, and after the bin took what it learnt.
        heads: SHA-256 of the heads that the events tell of, in their order.
        named: of each event but the last, in their order, what the item truly was and what the bin said.
        frames: number of frames that the sorter got.
        taken: number of frames that the camera took meanwhile.
    """

    before: list[ItemOutcome]
    after: list[ItemOutcome]
    heads: list[str | None]
    named: list[tuple[str, str]]
    frames: int
    taken: int


def run_taught(
    config: Config, *, lesson_after: int, items: int, teach: Callable[[Assembly, dict[int, str]], None]
) -> TaughtRun:
    """Sort, and give one lesson while the bin runs.

    Args:
        config: see ``taught_config``.
        lesson_after: number of items after which the lesson is given.
        items: number of items in all.
        teach: gives the lesson, between two steps of the loop; gets the number of each event and what the item truly was.
    """
    stop = threading.Event()
    events: list[SortEvent] = []
    sequences: list[int] = []
    with assemble(config) as assembly:
        world = assembly.simulation
        assert world is not None
        read = assembly.camera.read

        def note_frame(**options: float) -> object:
            frame = read(**options)
            if frame is not None:
                sequences.append(frame.sequence)
            return frame

        assembly.camera.read = note_frame  # type: ignore[method-assign,assignment]

        def on_step(_: RunStats, event: SortEvent | None) -> None:
            if event is None:
                return
            events.append(event)
            if len(events) == lesson_after:
                teach(assembly, {one.number: label_of(one, world.score().outcomes) for one in events[:-1]})
            if len(events) == items:
                stop.set()

        run_loop(assembly, stop, duration_s=36_000, on_step=on_step)
        outcomes = world.score().outcomes
        kept = [assembly.events.features(assembly.events.session, event.number) for event in events]
    heads = [None if one is None else one.head for one in kept]
    taught = [event.time_s for event, head in zip(events, heads, strict=True) if head is not None]
    first_s = taught[0] if taught else float("inf")
    return TaughtRun(
        [one for one in outcomes if one.command_s is not None and one.command_s < first_s],
        [one for one in outcomes if one.command_s is not None and one.command_s >= first_s],
        heads,
        [(label_of(event, outcomes), event.label) for event in events[:-1]],  # the last one lies there still
        len(sequences),
        sequences[-1] - sequences[0] + 1,
    )


def label_of(event: SortEvent, outcomes: tuple[ItemOutcome, ...]) -> str:
    """What the item of an event truly was."""
    return next(one.label for one in outcomes if one.arrive_s <= event.time_s <= one.end_s)


def share_right(outcomes: list[ItemOutcome], bins: dict[str, str]) -> float:
    """Share of the items that fell into their own bin."""
    return sum(one.bin == bins[one.label] for one in outcomes) / len(outcomes)


def share_wrong(outcomes: list[ItemOutcome], bins: dict[str, str]) -> float:
    """Share of the items that fell into another bin than their own and the residual one."""
    return sum(one.bin not in (bins[one.label], "residual") for one in outcomes) / len(outcomes)
