"""Rendering of many sprites, in this process or in several."""

import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing import get_context
from threading import Event

from edge.config.python_child import keep_workers_off_current_folder
from train.sprites.render_job import RenderJob


def render_jobs_in_parallel(
    todo: Sequence[RenderJob],
    stop: Event,
    *,
    size: int,
    spp: int,
    variant: str,
    jobs: int = 1,
    threads: int | None = None,
) -> Iterator[tuple[RenderJob, bytes]]:
    """Render sprites and yield each when it is finished; with several processes in no fixed order.

    Args:
        todo: the sprites to render.
        stop: once set, ends the work after the current sprites.
        size: longest side in pixels.
        spp: light paths per pixel and ground.
        variant: see `train.sprites.mitsuba_loader.load_mitsuba`.
        jobs: processes; 1 renders in this one.
        threads: per process; None takes all cores.
    """
    if jobs == 1:
        _limit_threads(threads)
        for job in todo:
            if stop.is_set():
                return
            yield job, job.render(size=size, spp=spp, variant=variant)
        return
    keep_workers_off_current_folder()
    # Spawned, since a forked Mitsuba hangs; few jobs are submitted in advance, so that Ctrl-C takes effect soon.
    with ProcessPoolExecutor(jobs, get_context("spawn"), _begin, (threads,)) as pool:
        waiting: dict[Future[bytes], RenderJob] = {}
        for job in todo:
            if stop.is_set():
                break
            waiting[pool.submit(job.render, size=size, spp=spp, variant=variant)] = job
            if len(waiting) > jobs:
                for done in wait(waiting, return_when=FIRST_COMPLETED).done:
                    yield waiting.pop(done), done.result()
        for done, job in waiting.items():
            yield job, done.result()


def _begin(threads: int | None) -> None:
    # Ctrl-C reaches the whole process group; only the parent handles it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit_threads(threads)


def _limit_threads(count: int | None) -> None:
    if count is not None:
        import drjit

        drjit.set_thread_count(count)
