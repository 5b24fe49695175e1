"""CPU usage of the line at a camera's frame rate."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter, process_time

from hardware.clock import Clock


@dataclass(frozen=True, slots=True)
class CpuUsage:
    """CPU usage of a paced run.

    Attributes:
        cpu: process CPU time divided by wall time; 1 is one core.
        fps: frames per second that were reached.
        frames: number of frames.
        invokes: number of times the model was run.
        items: number of items decided.
    """

    cpu: float
    fps: float
    frames: int
    invokes: int = 0
    items: int = 0


def paced(step: Callable[[], None], *, fps: float, seconds: float, clock: Clock) -> CpuUsage:
    """Call ``step`` at a fixed rate and measure the CPU usage of the process: nothing else may run in it.

    Args:
        step: processes one frame.
        fps: calls per second of the clock, > 0.
        seconds: length of the run in seconds, > 0.
        clock: clock that paces the run.
    """
    never = threading.Event()
    start_s, wall_s, cpu_s = clock.now_s(), perf_counter(), process_time()
    frames = round(fps * seconds)
    for number in range(frames):
        step()
        clock.wait(never, start_s + (number + 1) / fps - clock.now_s())
    cpu_s, wall_s = process_time() - cpu_s, perf_counter() - wall_s
    return CpuUsage(round(cpu_s / wall_s, 4), round(frames / wall_s, 2), frames)
