"""Time and memory of one call, measured and bounded."""

import ctypes
import resource
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

MOST_BLOCKED_S = 30.0
"""Longest time that a call may take by the clock, in seconds: it waits for something that never comes."""

MOST_ADDRESS_SPACE = 4 << 30
"""Memory, in bytes beyond what the process has, at which it gets no more: the machine must survive the test."""


class LimitExceededError(BaseException):
    """A call took too long or too much memory. No ``Exception``: readers that catch every one of those must not hide it."""


@contextmanager
def bounded(*, cpu_s: float, memory_mb: float) -> Iterator[None]:
    """Raise if the block takes more.

    Args:
        cpu_s: processor time in seconds, of all threads of the process: other programs on the machine do not count.
        memory_mb: resident memory beyond that at the beginning, at its peak within the block, in MB.

    Raises:
        LimitExceededError: it took more.
    """
    before_mb = _memory_mb("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # proc(5): resets the peak
    limits = resource.getrlimit(resource.RLIMIT_AS)
    space = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    handlers = {number: signal.signal(number, _too_slow) for number in (signal.SIGPROF, signal.SIGALRM)}
    resource.setrlimit(resource.RLIMIT_AS, (space + MOST_ADDRESS_SPACE, limits[1]))
    signal.setitimer(signal.ITIMER_PROF, cpu_s)
    signal.setitimer(signal.ITIMER_REAL, MOST_BLOCKED_S)
    begin_s = time.process_time()
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        resource.setrlimit(resource.RLIMIT_AS, limits)
        for number, handler in handlers.items():
            signal.signal(number, handler)
    # A library's own code is not interrupted, and garbage collection may have swallowed the exception.
    if time.process_time() - begin_s > cpu_s:
        raise LimitExceededError(f"took {time.process_time() - begin_s:.1f} s of processor time, more than {cpu_s:g}")
    if (took_mb := _memory_mb("VmHWM") - before_mb) > memory_mb:
        raise LimitExceededError(f"took {took_mb:.0f} MB, more than {memory_mb:g}")


def give_back_freed_memory() -> None:
    """Let the system have what was freed before: a reader that takes no more than that would not be seen to take anything.

    The Makefile lets the tests keep it. Only glibc can be asked; others give it back by themselves.
    """
    with suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def _too_slow(number: int, frame: FrameType | None) -> None:
    raise LimitExceededError("took too much processor time" if number == signal.SIGPROF else "waits for ever")


def _memory_mb(name: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1000
    raise AssertionError(f"no {name} in /proc/self/status")
