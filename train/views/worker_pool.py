"""Worker processes that make training views, for a GPU that trains faster than one process can make them."""

import multiprocessing
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing.shared_memory import SharedMemory
from types import TracebackType

from edge.config.python_child import keep_workers_off_current_folder
from hardware.frame import Pixels
from train.data.cache import TrainingPicture
from train.runs.settings import Settings
from train.views.shared_views import slot_views
from train.views.view_worker import ViewSeed, WorkerSetup, make_views, start_worker

CHUNK = 16
"""Number of views in one task of a worker process."""


class ViewWorkerPool:
    """Makes views of pictures in worker processes, equal to those of ``Augmenter``.

    Each process reads pictures from disk itself; views come through shared memory. A context manager.

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
        pictures: Sequence[TrainingPicture],
        others: int,
        settings: Settings,
        *,
        size: int,
        processes: int,
        ahead: int,
        batch: int,
    ) -> None:
        keep_workers_off_current_folder()
        self._size, self._small, self._batch = size, settings.size, batch
        self._slots = [SharedMemory(create=True, size=batch * (size**2 + self._small**2) * 3) for _ in range(ahead)]
        self._free = list(range(ahead))
        # Spawned, not forked: the back end's threads and locks must not be copied.
        self._pool = ProcessPoolExecutor(
            processes,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=start_worker,
            initargs=(WorkerSetup(pictures, others, settings, size, [slot.name for slot in self._slots], batch),),
        )

    @property
    def free_slots(self) -> int:
        """Number of batches that can be submitted before one is taken."""
        return len(self._free)

    def submit(self, draws: Sequence[ViewSeed]) -> "PendingViews":
        """Submit a batch of at most ``batch`` views; ``result`` waits for them."""
        slot = self._free.pop()
        chunks = [draws[at : at + CHUNK] for at in range(0, len(draws), CHUNK)]
        futures = [self._pool.submit(make_views, slot, at * CHUNK, chunk) for at, chunk in enumerate(chunks)]
        return PendingViews(slot, len(draws), futures)

    def result(self, pending: "PendingViews") -> tuple[Pixels, Pixels]:
        """Wait for submitted views: uint8 (n, size, size, 3), and the same at the settings' size."""
        for wait in pending.futures:
            wait.result()
        large, small = slot_views(self._slots[pending.slot], self._batch, self._size, self._small)
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
        for memory in self._slots:
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
