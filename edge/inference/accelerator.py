"""The accelerator: runs the model in the processor's place, may be lost at any time, and is taken back when it answers again."""

import logging
import os

import numpy as np

from edge.backoff import BackOff
from edge.config.schema import ModelConfig
from edge.errors import ConfigError, InputMissingError, UnavailableError
from edge.inference.bundle import Bundle, read_bundle
from edge.inference.runtime import Runtime
from edge.inference.worker import DelegateProcess
from edge.inference.worker_main import trial
from hardware.clock import Clock

log = logging.getLogger(__name__)

START_S = 30.0
"""So long a worker may take to load its delegate and to answer to the trial, in seconds: a cold Coral gets its firmware first."""

ANSWER_S = 0.5
"""So long it may take for a view, in seconds. It needs milliseconds; a frame is too old to act on after about as long."""

AGREE = 0.75
"""Its answers may differ from the processor's, on the mean, by this share of what the trial's answers differ among themselves.
The processor's own kernels reach 0.34; an answer that is always the same reaches about 1."""

STEADY_S = 60.0
"""Lost again before so many seconds are over, the pauses between tries go on growing."""


class Accelerator:
    """A delegate, and the model that was compiled for it. Making it starts nothing.

    Args:
        delegate: the library, as the loader finds it.
        compiled: the model for it.
        original: the model that this was compiled from; the processor's answers are what the accelerator's are held against.
        runtime: what runs both.
        threads: for what the delegate leaves to the processor, >= 1.
        clock: time.
        start_s, answer_s: longest waits, see ``START_S`` and ``ANSWER_S``.

    Raises:
        ModelError: the runtime refuses the original.
    """

    def __init__(
        self,
        delegate: str,
        compiled: Bundle,
        original: Bundle,
        *,
        runtime: Runtime,
        threads: int,
        clock: Clock,
        start_s: float = START_S,
        answer_s: float = ANSWER_S,
    ) -> None:
        self.delegate = delegate
        self._expected = trial(runtime.interpreter(original.flatbuffer, threads=threads)).astype(int)
        # In memory as every model is: what becomes of the file changes nothing until the next start.
        self._model = open(os.memfd_create("model"), "wb", buffering=0)  # noqa: SIM115  # close() closes it
        self._model.write(compiled.flatbuffer)
        self._runtime = runtime
        self._threads = threads
        self._clock = clock
        self._start_s = start_s
        self._answer_s = answer_s
        self._again = BackOff(clock)
        self._worker: DelegateProcess | None = None
        self._until_s: float | None = None
        """The worker is starting, and has time until then."""
        self._since_s: float | None = None
        """The worker has been in use since then."""

    def open(self) -> DelegateProcess:
        """A worker that has passed the trial; waits for it.

        Raises:
            UnavailableError: there is none.
        """
        try:
            worker = self._start()
            if not worker.ready(self._start_s):
                raise UnavailableError(f"not ready within {self._start_s:g} s")
            return self._judge(worker)
        except UnavailableError as error:
            self.close()
            raise UnavailableError(
                f"model.delegate: {self.delegate}: {error}; see that it is installed and plugged in and that no other "
                "program holds it, or set model.delegate to null: the processor runs the model then"
            ) from error

    def reopen(self) -> DelegateProcess | None:
        """After it was lost: a worker that has passed the trial, as soon as there is one. Never waits; call it often."""
        if self._since_s is not None:
            if self._clock.now_s() - self._since_s >= STEADY_S:
                self._again.reset()
            self._since_s = None
            self._pause("is lost")
        if self._again.waiting:
            return None
        try:
            if self._until_s is None:
                # The last one has had the pause to leave its device in order. While it lives it may hold that.
                if self._worker is None or self._worker.kill():
                    self._start()
            elif self._worker is not None and self._worker.ready():
                return self._judge(self._worker)
            elif self._clock.now_s() >= self._until_s:
                raise UnavailableError(f"not ready within {self._start_s:g} s")
        except UnavailableError as error:
            self._pause(f"does not come back: {error}")
        return None

    def close(self) -> None:
        """Let it go for good. May be called twice."""
        if self._worker is not None:
            self._worker.close()
        self._model.close()

    def _start(self) -> DelegateProcess:
        self._worker = DelegateProcess(
            self._model.fileno(),
            delegate=self.delegate,
            runtime=self._runtime.name,
            threads=self._threads,
            answer_s=self._answer_s,
        )
        self._until_s = self._clock.now_s() + self._start_s
        return self._worker

    def _judge(self, worker: DelegateProcess) -> DelegateProcess:
        """Hold its answers against the processor's; it is in use from here on."""
        got, expected = worker.trial.astype(int), self._expected
        if got.shape != expected.shape:
            raise UnavailableError(f"it answers {got.shape[1]} numbers, the processor {expected.shape[1]}")
        off = float(np.abs(got - expected).mean())
        most = AGREE * float(np.abs(expected - expected.mean(axis=0)).mean())
        if off > most:
            raise UnavailableError(
                f"its answers are not the processor's: {off:.1f} counts off on the mean, expected at most {most:.1f}"
            )
        log.info("model.delegate: %s answers as the processor does, %.1f counts off on the mean", self.delegate, off)
        self._until_s, self._since_s = None, self._clock.now_s()
        return worker

    def _pause(self, why: str) -> None:
        if self._worker is not None:
            self._worker.request_exit()
        self._until_s = None
        log.warning("model.delegate: %s %s; next try in %g s", self.delegate, why, self._again.fail())


def make_accelerator(settings: ModelConfig, original: Bundle, *, runtime: Runtime, clock: Clock) -> Accelerator | None:
    """The configured accelerator for the configured model; None where none is configured.

    Args:
        settings: the section ``model``.
        original: its file, read.
        runtime, clock: as ``Accelerator`` takes them.

    Raises:
        InputMissingError: there is no model for it.
        ModelError: that is damaged.
        ConfigError: it is not one for an accelerator, or was compiled from another model.
    """
    file = settings.delegate_file
    if settings.delegate is None or file is None:
        return None
    make_it = f"make it with sorter-convert {original.path} --edgetpu"
    if not file.is_file():
        raise InputMissingError(f"model.delegate_file: {file}: no such file; {make_it}")
    compiled = read_bundle(file)
    if not compiled.is_compiled:
        raise ConfigError(f"model.delegate_file: {file} is not compiled for an Edge TPU; {make_it}")
    if compiled.manifest.compiled_from != original.manifest.sha256:
        raise ConfigError(
            f"model.delegate_file: {file} was compiled from another model than model.file {original.path}; {make_it}"
        )
    return Accelerator(settings.delegate, compiled, original, runtime=runtime, threads=settings.threads, clock=clock)
