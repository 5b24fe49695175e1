"""Signals that end calibration (Ctrl-C, a closed terminal, SIGTERM): at once, but never while a flap moves home."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """Let the first of the signals in the ``with`` block raise KeyboardInterrupt; later ones are ignored.

    A closed terminal sends SIGHUP more than once: the second must not interrupt the clean-up after the first.

    Yields:
        An event that is set when KeyboardInterrupt was raised.
    """
    leaving = threading.Event()

    def leave(number: int, frame: FrameType | None) -> None:
        if not leaving.is_set():
            leaving.set()
            raise KeyboardInterrupt(signal.Signals(number).name)

    before = {number: signal.signal(number, leave) for number in STOPPING}
    try:
        yield leaving
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def defer_signals() -> Iterator[None]:
    """Run the ``with`` block to its end; the first signal that arrives meanwhile is raised afterwards."""
    received: list[int] = []
    # Handlers instead of a mask: a signal blocked in this thread would be delivered to the camera's thread.
    before = {number: signal.signal(number, lambda one, _: received.append(one)) for number in STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if received:
            signal.raise_signal(received[0])
