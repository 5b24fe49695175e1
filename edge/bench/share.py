"""The share of a core that the line takes, at a camera's pace."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter, process_time

from hardware.clock import Clock


@dataclass(frozen=True, slots=True)
class CpuUsage:
    """What a paced run took.

    Attributes:
        cpu: process CPU time over wall time; 1 is one core.
        fps: frames per second that were kept up.
        frames, invokes, items: how many.
    """

    cpu: float
    fps: float
    frames: int
    invokes: int = 0
    items: int = 0


def paced(
    step: Callable[[], None], *, fps: float, seconds: float, clock: Clock, on_frame: Callable[[], None] = lambda: None
) -> CpuUsage:
    """Call ``step`` ``fps`` times a second of the clock for ``seconds`` (> 0), and tell what it cost."""
    never = threading.Event()
    start_s, wall_s, cpu_s = clock.now_s(), perf_counter(), process_time()
    frames = round(fps * seconds)
    for number in range(frames):
        step()
        clock.wait(never, start_s + (number + 1) / fps - clock.now_s())
        on_frame()
    cpu_s, wall_s = process_time() - cpu_s, perf_counter() - wall_s
    return CpuUsage(round(cpu_s / wall_s, 4), round(frames / wall_s, 2), frames)
