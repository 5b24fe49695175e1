"""Worker processes that make training views, for a GPU that trains faster than one process can make them."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing.shared_memory import SharedMemory
from types import TracebackType

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.frame import Pixels
from train.data.cache import CachedPicture
from train.data.images import resize_views
from train.runs.settings import Settings
from train.views.augment import Augmenter

CHUNK = 16
"""Number of views in one task of a worker process."""

ViewSeed = tuple[int, tuple[int, ...]]
"""A picture's row, and the seed of its view."""


@dataclass(frozen=True, slots=True)
class _PictureSlice:
    """Offsets of a picture's pixels and cover in the shared memory, in bytes (None: it has no cover)."""

    picture: CachedPicture
    shape: tuple[int, ...]
    pixels: int
    cover: int | None


class ViewWorkerPool:
    """Makes views of pictures in worker processes, equal to those of ``Augmenter``.

    Pictures and views are exchanged through shared memory. A context manager.

    Args:
        pictures: all pictures; a ``ViewSeed`` names a row of them.
        others: number of pictures, from the first, whose background may be used for another item.
        settings: strengths and shares.
        size: side of the views in pixels.
        processes: number of worker processes, >= 1.
        ahead: largest number of batches that are submitted and not yet taken, >= 1.
        batch: largest number of views in a batch.
    """

    def __init__(
        self,
        pictures: Sequence[CachedPicture],
        others: int,
        settings: Settings,
        *,
        size: int,
        processes: int,
        ahead: int,
        batch: int,
    ) -> None:
        self._size, self._small, self._batch = size, settings.size, batch
        slices, total = _layout(pictures)
        self._pictures = SharedMemory(create=True, size=max(total, 1))
        memory = _bytes(self._pictures)
        for place, cached in zip(slices, pictures, strict=True):
            _fill(memory, place.pixels, cached.pixels)
            if place.cover is not None and cached.cover is not None:
                _fill(memory, place.cover, cached.cover)
        del memory
        self._slots = [SharedMemory(create=True, size=batch * (size**2 + self._small**2) * 3) for _ in range(ahead)]
        self._free = list(range(ahead))
        # Spawned, not forked: the back end's threads and locks must not be copied.
        self._pool = ProcessPoolExecutor(
            processes,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_start_worker,
            initargs=(self._pictures.name, slices, others, settings, size, [slot.name for slot in self._slots], batch),
        )

    @property
    def free_slots(self) -> int:
        """Number of batches that can be submitted before one is taken."""
        return len(self._free)

    def submit(self, draws: Sequence[ViewSeed]) -> "PendingViews":
        """Submit a batch of at most ``batch`` views; ``result`` waits for them."""
        slot = self._free.pop()
        chunks = [draws[at : at + CHUNK] for at in range(0, len(draws), CHUNK)]
        futures = [self._pool.submit(_make_views, slot, at * CHUNK, chunk) for at, chunk in enumerate(chunks)]
        return PendingViews(slot, len(draws), futures)

    def result(self, pending: "PendingViews") -> tuple[Pixels, Pixels]:
        """Wait for submitted views: uint8 (n, size, size, 3), and the same at the settings' size."""
        for wait in pending.futures:
            wait.result()
        large, small = _views(self._slots[pending.slot], self._batch, self._size, self._small)
        copies = large[: pending.count].copy(), small[: pending.count].copy()
        del large, small
        self._free.append(pending.slot)
        return copies

    def cancel(self, pending: "PendingViews") -> None:
        """Discard submitted views."""
        for wait in pending.futures:
            wait.cancel()
        for wait in pending.futures:
            if not wait.cancelled():
                wait.result()
        self._free.append(pending.slot)

    def close(self) -> None:
        """Stop the processes and free the shared memory."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        for memory in (self._pictures, *self._slots):
            memory.close()
            memory.unlink()

    def __enter__(self) -> "ViewWorkerPool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class PendingViews:
    """Submitted views."""

    slot: int
    count: int
    futures: list["Future[None]"]


def _layout(pictures: Sequence[CachedPicture]) -> tuple[list[_PictureSlice], int]:
    slices, end = [], 0
    nothing = np.zeros((0,), np.uint8)
    for cached in pictures:
        pixels, end = end, end + cached.pixels.size
        cover = None
        if cached.cover is not None:
            cover, end = end, end + cached.cover.size
        slices.append(_PictureSlice(replace(cached, pixels=nothing, cover=None), cached.pixels.shape, pixels, cover))
    return slices, end


def _fill(memory: NDArray[np.uint8], at: int, values: NDArray[np.uint8]) -> None:
    memory[at : at + values.size] = values.ravel()


def _bytes(memory: SharedMemory) -> NDArray[np.uint8]:
    """The memory as an array, without a copy; it cannot be closed before the array is gone."""
    if memory.buf is None:
        raise ValueError(f"shared memory {memory.name} is closed")
    return np.frombuffer(memory.buf, np.uint8)


def _views(slot: SharedMemory, batch: int, size: int, small: int) -> tuple[Pixels, Pixels]:
    large, rest = np.split(_bytes(slot), [batch * size**2 * 3])
    return large.reshape(batch, size, size, 3), rest.reshape(batch, small, small, 3)


# --- in the processes -------------------------------------------------------------------------------------------------


class _Worker:
    """State of a worker process."""

    def __init__(
        self,
        name: str,
        slices: list[_PictureSlice],
        others: int,
        settings: Settings,
        size: int,
        slots: list[str],
        batch: int,
    ) -> None:
        cv2.setNumThreads(1)
        # Python 3.11 and 3.12 have every process that attaches clear the memory up at its end (bpo-38119); the processes of
        # one pool share one tracker, where a name counts once, so the owner's unlink clears it.
        self._memory = SharedMemory(name)
        buffer = _bytes(self._memory)
        self._pictures = [_picture(buffer, place) for place in slices]
        self._augment = Augmenter(settings, self._pictures[:others], size=size)
        self._small = settings.size
        self._slots = [SharedMemory(slot) for slot in slots]
        self._views = [_views(slot, batch, size, settings.size) for slot in self._slots]

    def make(self, slot: int, at: int, draws: Sequence[ViewSeed]) -> None:
        large, small = self._views[slot]
        for place, (row, seed) in enumerate(draws, start=at):
            large[place] = self._augment(self._pictures[row], np.random.default_rng(seed))
            small[place] = resize_views(large[place : place + 1], self._small)[0]


def _picture(buffer: NDArray[np.uint8], place: _PictureSlice) -> CachedPicture:
    height, width = place.shape[:2]
    pixels = buffer[place.pixels : place.pixels + height * width * 3].reshape(place.shape)
    cover = None if place.cover is None else buffer[place.cover : place.cover + height * width].reshape(height, width)
    return replace(place.picture, pixels=pixels, cover=cover)


_worker: _Worker | None = None


def _start_worker(*arguments: object) -> None:
    global _worker
    # Ctrl-C reaches every process of a terminal; this one is stopped by its parent.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _worker = _Worker(*arguments)  # type: ignore[arg-type]


def _end_with_parent() -> None:
    """Exit when the parent process ends: a killed parent cannot stop its workers."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _make_views(slot: int, at: int, draws: Sequence[ViewSeed]) -> None:
    assert _worker is not None
    _worker.make(slot, at, draws)
