"""The guard's thread: enforces the permit also while the loop waits for something."""

import logging
import threading
from types import TracebackType
from typing import Self

from edge.guard.guard import Guard

log = logging.getLogger(__name__)

PERIOD_S = 0.05
"""Interval of the checks, in seconds: a servo turns by some ten degrees meanwhile."""


class GuardThread:
    """Calls ``Guard.watch`` every ``PERIOD_S`` seconds of real time, from entering to leaving the context."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="guard", daemon=True)

    @property
    def is_daemon(self) -> bool:
        """Whether a program that ends without leaving the context is not kept from it."""
        return self._thread.daemon

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._guard.is_needed.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(PERIOD_S):
            self._guard.is_needed.wait()
            try:
                self._guard.watch()
            except Exception:
                # It must outlive a driver's bug: it is what stops the others.
                log.exception("guard: unexpected error, please report it")
