"""A worker process of ``train.views.worker_pool``: it makes views and shares them."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.shared_memory import SharedMemory

import cv2
import numpy as np

from train.data.cache import TrainingPicture
from train.data.images import resize_views
from train.runs.settings import Settings
from train.views.augment import Augmenter
from train.views.shared_views import slot_views

ViewSeed = tuple[int, tuple[int, ...]]
"""A picture's row, and the seed of its view."""


@dataclass(frozen=True, slots=True)
class WorkerSetup:
    """What a worker process needs to make views.

    Attributes:
        pictures: all of them; those on disk travel as the names of their files.
        others: number of pictures, from the first, whose background may be used for another item.
        settings: strengths and shares.
        size: side of the views in pixels.
        slots: names of the shared memories for views, one for each batch.
        batch: largest number of views in a batch.
    """

    pictures: Sequence[TrainingPicture]
    others: int
    settings: Settings
    size: int
    slots: list[str]
    batch: int


class _ViewWorker:
    """State of a worker process."""

    def __init__(self, setup: WorkerSetup) -> None:
        cv2.setNumThreads(1)
        self._pictures = setup.pictures
        self._augment = Augmenter(setup.settings, self._pictures[: setup.others], size=setup.size)
        self._small = setup.settings.size
        # Python 3.11 and 3.12 have every process that attaches clear the memory up at its end (bpo-38119); the processes of
        # one pool share one tracker, where a name counts once, so the owner's unlink clears it.
        self._slots = [SharedMemory(slot) for slot in setup.slots]
        self._views = [slot_views(slot, setup.batch, setup.size, setup.settings.size) for slot in self._slots]

    def make(self, slot: int, at: int, draws: Sequence[ViewSeed]) -> None:
        large, small = self._views[slot]
        for place, (row, seed) in enumerate(draws, start=at):
            large[place] = self._augment(self._pictures[row], np.random.default_rng(seed))
            small[place] = resize_views(large[place : place + 1], self._small)[0]


_worker: _ViewWorker | None = None


def start_worker(setup: WorkerSetup) -> None:
    """Prepare this process; called once at its start."""
    global _worker
    # Ctrl-C reaches every process of a terminal; this one is stopped by its parent.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _worker = _ViewWorker(setup)


def _end_with_parent() -> None:
    """Exit when the parent process ends: a killed parent cannot stop its workers."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def make_views(slot: int, at: int, draws: Sequence[ViewSeed]) -> None:
    """Make views in this process, and write them to a slot from position ``at``."""
    assert _worker is not None
    _worker.make(slot, at, draws)
