"""Ctrl-C, a closed terminal, a SIGTERM: each leaves at once, yet never in the middle of a flap's way home."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """Signals that stop the program raise KeyboardInterrupt, once; the event says that it was raised.

    A terminal that is closed sends SIGHUP more than once: the second must not disturb what the first has begun to end.
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
    """What is begun here is ended; a signal that comes meanwhile counts afterwards."""
    came: list[int] = []
    # Handlers and no mask: a signal blocked in this thread would be taken by the camera's.
    before = {number: signal.signal(number, lambda one, _: came.append(one)) for number in STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])
