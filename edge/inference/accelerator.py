"""The accelerator: runs the model instead of the CPU. It may fail at any time, and is used again when it has recovered."""

import logging
import os

from edge.backoff import BackOff
from edge.config.schema import ModelConfig
from edge.errors import ConfigError, InputMissingError, UnavailableError
from edge.inference.bundle import Bundle, read_bundle
from edge.inference.delegate_process import DelegateProcess
from edge.inference.runtime import Runtime
from edge.inference.trial import compare_trials, run_trial
from hardware.clock import Clock

log = logging.getLogger(__name__)

START_TIMEOUT_S = 30.0
"""Timeout for loading the delegate and running the trial, in seconds. A Coral loads its firmware first."""

ANSWER_TIMEOUT_S = 0.5
"""Timeout for one view, in seconds. It takes milliseconds; after this time the frame is too old anyway (max_frame_age_s)."""

STEADY_S = 60.0
"""Time of faultless operation after which the pauses between retries start from the shortest again, in seconds."""


class Accelerator:
    """A delegate, and the model compiled for it. The constructor starts no process.

    Args:
        delegate: path or name of the delegate's library.
        compiled: the model compiled for it.
        original: the model it was compiled from; the CPU's outputs for it are the reference of the trial.
        runtime: runtime for both.
        threads: number of CPU threads for operators that the delegate does not run, >= 1.
        clock: time source.
        start_s: timeout for the start of a process, see ``START_TIMEOUT_S``.
        answer_s: timeout for one view, see ``ANSWER_TIMEOUT_S``.

    Raises:
        ModelError: the runtime refuses the original model.
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
        start_s: float = START_TIMEOUT_S,
        answer_s: float = ANSWER_TIMEOUT_S,
    ) -> None:
        self.delegate = delegate
        self._expected = run_trial(runtime.interpreter(original.flatbuffer, threads=threads))
        self._outputs = original.manifest.outputs
        # In memory, like every model: changes of the file have no effect until the next start.
        self._model = open(os.memfd_create("model"), "wb", buffering=0)  # noqa: SIM115  # close() closes it
        self._model.write(compiled.flatbuffer)
        self._runtime = runtime
        self._threads = threads
        self._clock = clock
        self._start_s = start_s
        self._answer_s = answer_s
        self._back_off = BackOff(clock)
        self._process: DelegateProcess | None = None
        self._start_deadline_s: float | None = None
        """Deadline of the process that is starting; None if none is."""
        self._used_since_s: float | None = None
        """Time since which the process has been in use; None if it is not."""

    def open(self) -> DelegateProcess:
        """Start a process, and wait until it has passed the trial.

        Raises:
            UnavailableError: it failed, or did not pass the trial.
        """
        try:
            process = self._start()
            if not process.ready(self._start_s):
                raise UnavailableError(f"not ready within {self._start_s:g} s")
            return self._check_trial(process)
        except UnavailableError as error:
            self.close()
            raise UnavailableError(
                f"model.delegate: {self.delegate}: {error}; check that it is installed and plugged in, and that no other "
                "program uses it, or set model.delegate to null to run the model on the CPU"
            ) from error

    def reopen(self) -> DelegateProcess | None:
        """Restart after a failure. Never waits: call it regularly.

        Returns:
            A process that has passed the trial; None while there is none.
        """
        if self._used_since_s is not None:
            if self._clock.now_s() - self._used_since_s >= STEADY_S:
                self._back_off.reset()
            self._used_since_s = None
            self._schedule_retry("failed")
        if self._back_off.waiting:
            return None
        try:
            if self._start_deadline_s is None:
                # The old process had the pause to exit. While it exists, it may still hold the device.
                if self._process is None or self._process.kill():
                    self._start()
            elif self._process is not None and self._process.ready():
                return self._check_trial(self._process)
            elif self._clock.now_s() >= self._start_deadline_s:
                raise UnavailableError(f"not ready within {self._start_s:g} s")
        except UnavailableError as error:
            self._schedule_retry(f"cannot be restarted: {error}")
        return None

    def close(self) -> None:
        """End the process. May be called more than once."""
        if self._process is not None:
            self._process.close()
        self._model.close()

    def _start(self) -> DelegateProcess:
        self._process = DelegateProcess(
            self._model.fileno(),
            delegate=self.delegate,
            runtime=self._runtime.name,
            threads=self._threads,
            answer_s=self._answer_s,
        )
        self._start_deadline_s = self._clock.now_s() + self._start_s
        return self._process

    def _check_trial(self, process: DelegateProcess) -> DelegateProcess:
        """Compare the outputs of the trial with the CPU's. The process is in use from here on."""
        deviation = compare_trials(process.trial, self._expected, self._outputs)
        log.info("model.delegate: %s passed the trial, %.1f counts from the CPU on average", self.delegate, deviation)
        self._start_deadline_s, self._used_since_s = None, self._clock.now_s()
        return process

    def _schedule_retry(self, problem: str) -> None:
        if self._process is not None:
            self._process.request_exit()
        self._start_deadline_s = None
        log.warning("model.delegate: %s %s; next try in %g s", self.delegate, problem, self._back_off.fail())


def make_accelerator(settings: ModelConfig, original: Bundle, *, runtime: Runtime, clock: Clock) -> Accelerator | None:
    """Make the configured accelerator.

    Args:
        settings: section ``model`` of the configuration.
        original: the model of ``settings.file``.
        runtime, clock: see ``Accelerator``.

    Returns:
        The accelerator; None if none is configured.

    Raises:
        InputMissingError: ``settings.delegate_file`` does not exist.
        ModelError: it is damaged.
        ConfigError: it is not compiled for an accelerator, or was compiled from another model.
    """
    file = settings.delegate_file
    if settings.delegate is None or file is None:
        return None
    hint = f"make it with sorter-convert {original.path} --edgetpu"
    if not file.is_file():
        raise InputMissingError(f"model.delegate_file: {file}: no such file; {hint}")
    compiled = read_bundle(file)
    if not compiled.is_compiled:
        raise ConfigError(f"model.delegate_file: {file} is not compiled for an Edge TPU; {hint}")
    if compiled.manifest.compiled_from != original.manifest.sha256:
        raise ConfigError(
            f"model.delegate_file: {file} was compiled from another model than model.file {original.path}; {hint}"
        )
    return Accelerator(settings.delegate, compiled, original, runtime=runtime, threads=settings.threads, clock=clock)
