"""The loop that keeps a bin sorting until it is asked to stop."""

import logging
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from edge.actuation.phase import DiverterState
from edge.alarms import Alarm
from edge.errors import RepeatedErrorsError
from edge.service.assembly import Assembly
from edge.service.judgement import is_misnamed, true_label
from edge.values import Frame, SortEvent

log = logging.getLogger(__name__)

POLL_S = 0.1
"""Longest wait for a frame, in seconds; without frames the flaps are advanced this often."""

MAX_CONSECUTIVE_ERRORS = 5
"""The program ends after this many consecutive unexpected errors, and systemd restarts it: fewer may be one odd frame or
one full disk, more will not pass by themselves."""


@dataclass(slots=True)
class RunStats:
    """What a run has done so far.

    Attributes:
        misnamed: items of the simulated bin sent to the bin of their true label, but under another one's name.
    """

    frames: int = 0
    items: int = 0
    errors: int = 0
    elapsed_s: float = 0.0
    per_bin: Counter[str] = field(default_factory=Counter)
    per_reason: Counter[str] = field(default_factory=Counter)
    alarms: Counter[Alarm] = field(default_factory=Counter)
    misnamed: int = 0

    def add(self, event: SortEvent) -> None:
        """Count one item."""
        self.items += 1
        self.per_bin[event.bin] += 1
        self.per_reason[event.reason] += 1


def run_loop(
    assembly: Assembly,
    stop: threading.Event,
    *,
    duration_s: float | None = None,
    items: int | None = None,
    on_step: Callable[[RunStats, SortEvent | None], None] = lambda tally, event: None,
) -> RunStats:
    """Sort until ``stop`` is set, ``duration_s`` seconds of the bin's clock or ``items`` items are over, or no frame can come.

    An item under way is seen off before leaving on ``items``. ``on_step`` is called after every step. Only usable frames
    reach the sorter (``CameraHealth``).

    Raises:
        FaultySorterError: ``MAX_CONSECUTIVE_ERRORS`` consecutive steps failed with an unexpected error.
        CameraError: the camera cannot come back.
    """
    camera, sorter, clock = assembly.camera, assembly.sorter, assembly.clock
    attempts = _Attempts(assembly)
    tally = RunStats(alarms=assembly.alarms.counts)
    start_s = clock.now_s()
    sequence = -1
    while not stop.is_set():
        frame = camera.read(newer_than=sequence, timeout_s=POLL_S)
        if frame is not None:
            sequence = frame.sequence
            tally.frames += 1
        fit = assembly.health.check(frame, clock.now_s())
        assembly.lag.check(fit, clock.now_s())
        assembly.alarms.update(Alarm.CAMERA, _camera_sentence(assembly))
        assembly.alarms.update(Alarm.RECORDS, assembly.events.notice)
        event = attempts.step(fit)
        assembly.progress.observe(event)
        assembly.heads.poll(sorter)
        if assembly.models is not None:
            assembly.models.poll(sorter)
        tally.errors = attempts.errors
        if event is not None:
            tally.add(event)
            if (truth := true_label(assembly)) is not None:
                tally.misnamed += is_misnamed(event, truth, assembly.config.decision)
        tally.elapsed_s = clock.now_s() - start_s
        on_step(tally, event)
        idle = assembly.diverter.state is DiverterState.HOME and not sorter.busy
        # Without frames an interlock does not end, and a fault may not: the way out homes the flaps.
        under_way = (
            assembly.diverter.state in (DiverterState.OPEN, DiverterState.CLOSING) and not assembly.diverter.inhibited
        )
        if frame is None and camera.exhausted and not under_way:
            break
        if duration_s is not None and tally.elapsed_s >= duration_s:
            break
        if items is not None and tally.items >= items and idle:
            break
    return tally


class _Attempts:
    """Steps that may fail unexpectedly: a single odd frame must not stop the bin, and a bug must be loud."""

    def __init__(self, assembly: Assembly) -> None:
        self._sorter = assembly.sorter
        self._alarms = assembly.alarms
        self._in_a_row = 0
        self.errors = 0

    def step(self, frame: Frame | None) -> SortEvent | None:
        """``Sorter.step``; an error in it is logged with its traceback and counted."""
        try:
            event = self._sorter.step(frame)
        except Exception as error:
            self._note(error)
            return None
        if frame is not None and self._in_a_row:
            self._in_a_row = 0
            self._alarms.update(Alarm.PROGRAM, None)
        return event

    def _note(self, error: Exception) -> None:
        self.errors += 1
        self._in_a_row += 1
        what = f"{type(error).__name__}: {error}"
        log.exception("unexpected error, please report it")
        self._alarms.update(Alarm.PROGRAM, f"the program failed on a frame and goes on: {what}")
        if self._in_a_row >= MAX_CONSECUTIVE_ERRORS:
            raise RepeatedErrorsError(
                f"{MAX_CONSECUTIVE_ERRORS} steps in a row failed, the last with {what}"
            ) from error
        self._sorter.discard_votes()


def _camera_sentence(assembly: Assembly) -> str | None:
    """What is wrong with the camera, with the driver's words; else how late its pictures are."""
    sentence, reason = assembly.health.message, assembly.camera.failure
    if sentence is None:
        return assembly.lag.message
    return f"{sentence} ({reason})" if reason is not None else sentence


@contextmanager
def stop_on_signals() -> Iterator[threading.Event]:
    """An event that SIGTERM, SIGINT (Ctrl-C) and SIGHUP set; the handlers before are restored afterwards.

    SIGINT and SIGHUP stay ignored where they are ignored: whoever starts the bin with ``nohup``, or in the background of a
    script, wants it to outlive the terminal.
    """
    stop = threading.Event()

    def handle(number: int, _frame: object) -> None:
        stop.set()  # before anything that may wait or fail
        log.info("%s: stopping", signal.Signals(number).name)

    of_terminal = [one for one in (signal.SIGINT, signal.SIGHUP) if signal.getsignal(one) is not signal.SIG_IGN]
    before = {number: signal.signal(number, handle) for number in (signal.SIGTERM, *of_terminal)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
