"""Guards against a slower bin, by counts instead of seconds: invokes, SQL statements and memory per frame and per item.

Each bound is the present value, with some margin where a size depends on the picture. A change that exceeds one makes the
bin slower; raise the bound only with a reason.
"""

import sqlite3
import sys
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest

from edge.bench.replay import Replay, replay
from edge.config.file import load_config
from edge.service.factories import load_classifier
from hardware.clock import ManualClock
from tests.builders.configuration import write_config
from tests.builders.pictures import Pixels, item_picture, tray_picture

FPS = 15
ITEMS = 5
SMALL, LARGE = (640, 480), (1280, 960)
"""Frame sizes: the usual one, and one in which a copy of the whole frame would stand out."""


def noisy(pixels: Pixels) -> list[Pixels]:
    random = np.random.default_rng(1)
    return [np.clip(pixels + random.normal(0, 1.5, pixels.shape), 0, 255).astype(np.uint8) for _ in range(8)]


class CountedBin:
    """A replay on a manual clock, and the SQL statements that it runs."""

    def __init__(self, line: Replay, clock: ManualClock, statements: list[str]) -> None:
        self.line = line
        self.statements = statements
        self._clock = clock

    def idle(self) -> None:
        self.line.idle()
        self._clock.advance(1 / FPS)

    def sort(self) -> None:
        self.line.sort()
        self._clock.advance(1 / FPS)

    def sort_items(self, items: int) -> None:
        """Run until ``items`` more items are decided and gone."""
        wanted = self.line.items + items
        while self.line.items < wanted or self.line.sorter.busy:
            self.sort()


@contextmanager
def counted_bin(folder: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]) -> Iterator[CountedBin]:
    """A bin in steady state: the tray is learnt, and one item was sorted so that everything made once is made."""
    statements: list[str] = []
    connect = sqlite3.connect

    def traced(*arguments: Any, **options: Any) -> sqlite3.Connection:
        db = connect(*arguments, **options)
        db.set_trace_callback(statements.append)
        return db

    monkeypatch.setattr("edge.records.event_database.sqlite3.connect", traced)
    width, height = size
    changes = {"camera": {"width": width, "height": height}, "flaps": {"max_openings_per_min": 120}}
    config = load_config(write_config(folder / "c.yaml", changes))
    clock = ManualClock(1000.0)
    empty, resting = noisy(tray_picture(width, height)), noisy(item_picture(width=width, height=height))
    with replay(config, load_classifier(config), clock, folder / "records", empty=empty, resting=resting) as line:
        counted = CountedBin(line, clock, statements)
        for _ in range(3 * FPS):
            counted.idle()
        counted.sort_items(1)
        for _ in range(3 * FPS):
            counted.idle()
        statements.clear()
        yield counted


@pytest.fixture
def small(tmp_path: Path, model_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CountedBin]:
    with counted_bin(tmp_path, monkeypatch, SMALL) as counted:
        yield counted


@pytest.fixture
def large(tmp_path: Path, model_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CountedBin]:
    with counted_bin(tmp_path, monkeypatch, LARGE) as counted:
        yield counted


def peaks(step: Callable[[], None], times: int) -> list[int]:
    """Peak number of bytes that each of ``times`` calls allocates."""
    found = []
    tracemalloc.start()
    try:
        for _ in range(times):
            before, _ = tracemalloc.get_traced_memory()
            tracemalloc.reset_peak()
            step()
            found.append(tracemalloc.get_traced_memory()[1] - before)
    finally:
        tracemalloc.stop()
    return found


def calls(step: Callable[[], None], times: int) -> list[int]:
    """Number of functions, of Python and of C, that each of ``times`` calls enters."""
    found: list[int] = []

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        found[-1] += event in ("call", "c_call")

    for _ in range(times):
        found.append(0)
        sys.setprofile(count)
        try:
            step()
        finally:
            sys.setprofile(None)
    return found


def test_an_empty_tray_takes_few_function_calls(small: CountedBin) -> None:
    """Others use the caches between two frames: code that runs once a frame costs several times what it costs in a loop."""
    found = sorted(calls(small.idle, 60))
    # Frames on which nothing moved.
    assert found[len(found) // 2] <= 233
    # Twice a second it is compared with the empty tray: by many cheap calls, where OpenCV's own Lab is one that takes longer.
    assert found[-1] <= 413


def test_an_empty_tray_costs_no_invoke_and_no_sql(small: CountedBin) -> None:
    before = small.line.invokes
    for _ in range(20 * FPS):
        small.idle()
    assert small.line.invokes == before
    assert small.statements == []


def test_an_item_costs_as_many_invokes_as_the_vote_has_views(small: CountedBin) -> None:
    before = small.line.invokes
    small.sort_items(ITEMS)
    assert small.line.invokes - before == 4 * ITEMS


def test_an_item_costs_two_transactions_that_write_once(small: CountedBin) -> None:
    """The event before the flap moves, its outcome after: in WAL mode with synchronous=FULL each commit is one fsync."""
    small.sort_items(ITEMS)
    verbs = Counter(statement.split()[0] for statement in small.statements)
    # The event, and what it was decided from, whose size is added up. Three rows are looked up for the outcome: the event, and
    # how far the daily totals have counted.
    each = {"BEGIN": 2, "INSERT": 2, "SELECT": 3, "UPDATE": 2, "COMMIT": 2}
    assert verbs == {verb: times * ITEMS for verb, times in each.items()}


def test_an_empty_tray_needs_little_memory(small: CountedBin) -> None:
    found = sorted(peaks(small.idle, 60))
    # A frame on which nothing moved: 320x120 pixels of every second row, and smaller ones.
    assert found[len(found) // 2] <= 155_000
    # Twice a second it is compared with the empty tray: its halves, and five float pictures of 160x120.
    assert found[-1] <= 1_400_000


def test_no_frame_is_copied_whole(large: CountedBin) -> None:
    """Nothing grows with the frame but its halves (a quarter of it, a sixteenth, ...), once for every second row and once for
    all of them, and the item's own picture, which is cut out of it to be recorded."""
    idle, sorting = peaks(large.idle, 30), peaks(large.sort, 90)
    assert large.line.items > 1, "an item must have been decided among them"
    assert max(idle) <= LARGE[0] * LARGE[1] * 3 * 0.65
    # The item covers an eighth of this frame, and is turned to BGR and into a JPEG.
    assert max(sorting) <= LARGE[0] * LARGE[1] * 3 * 0.7


def test_nothing_piles_up_on_an_empty_tray(small: CountedBin) -> None:
    tracemalloc.start()
    try:
        for _ in range(3 * FPS):
            small.idle()
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(60 * FPS):
            small.idle()
        # What is kept differs by some kilobytes from moment to moment; a small object a frame would add up to more.
        assert tracemalloc.get_traced_memory()[0] - before < 20_000
    finally:
        tracemalloc.stop()
