"""An interpreter on a delegate, in a separate process that runs ``edge.inference.delegate_main``."""

import os
import signal
import socket
import struct
import subprocess
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from edge.config.python_child import WORKING_FOLDER, python_child
from edge.errors import UnavailableError
from edge.inference.interpreter import TensorDetails
from edge.inference.trial import Outputs

EXIT_TIMEOUT_S = 1.0
"""Time for the process to release its device and exit before it is killed, in seconds."""


class _Description(NamedTuple):
    """Content of the message ``ready``."""

    inputs: list[TensorDetails]
    outputs: list[TensorDetails]
    trial: Outputs


class DelegateProcess:
    """An ``Interpreter`` in a separate process. The constructor starts the process and does not wait for it.

    Args:
        model: file descriptor of a file that contains the flatbuffer.
        delegate: path or name of the delegate's library.
        runtime: distribution name, see ``edge.inference.runtime``.
        threads: number of CPU threads for operators that the delegate does not run, >= 1.
        answer_s: timeout for sending an input, and for the answer, in seconds.

    Raises:
        UnavailableError: the process cannot be started.
    """

    def __init__(self, model: int, *, delegate: str, runtime: str, threads: int, answer_s: float) -> None:
        self._answer_s = answer_s
        self._input: NDArray[np.int8] = np.empty(0, np.int8)
        self._outputs: dict[int, NDArray[np.int8]] = {}
        self._description: _Description | None = None
        ours, theirs = socket.socketpair()
        # Sending needs a timeout too: a process that hangs does not read, and a large view exceeds the socket's buffer.
        timeout = struct.pack("ll", *divmod(int(answer_s * 1e6), 10**6))
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, timeout)
        self._connection = Connection(ours.detach())
        # A name is looked up by the loader; a path must mean the same in the process's own folder.
        library = os.path.abspath(delegate) if os.sep in delegate else delegate
        arguments = [theirs.fileno(), model, library, runtime, threads]
        with theirs:
            try:
                self._process = subprocess.Popen(
                    python_child("edge.inference.delegate_main", *map(str, arguments)),
                    cwd=WORKING_FOLDER,
                    pass_fds=(theirs.fileno(), model),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    # Ctrl-C reaches all processes of the terminal's group, but the bin closes this one itself.
                    start_new_session=True,
                )
            except OSError as error:
                raise UnavailableError(f"its process cannot be started: {error.strerror}") from error

    def ready(self, timeout_s: float = 0.0) -> bool:
        """Whether the process has finished the trial.

        Args:
            timeout_s: longest wait for it, in seconds.

        Raises:
            UnavailableError: the process failed.
        """
        try:
            if self._description is None and self._connection.poll(timeout_s):
                self._description = _Description(*self._receive("ready"))
        except (EOFError, OSError) as error:
            if not self._has_ended(timeout_s):
                return False  # its exit code is not available yet
            raise UnavailableError(self._exit_reason) from error
        return self._description is not None

    @property
    def trial(self) -> Outputs:
        """Outputs of the trial. Requires ``ready``."""
        return self._ready_description.trial

    def get_input_details(self) -> list[TensorDetails]:
        """Describe the inputs. Requires ``ready``."""
        return self._ready_description.inputs

    def get_output_details(self) -> list[TensorDetails]:
        """Describe the outputs. Requires ``ready``."""
        return self._ready_description.outputs

    def set_tensor(self, index: int, value: NDArray[np.int8]) -> None:
        """Set the only input; ``index`` is ignored."""
        self._input = value

    def invoke(self) -> None:
        """Run the graph.

        Raises:
            UnavailableError: it failed, crashed, or timed out. The process is unusable then.
        """
        answers = False
        try:
            with suppress(BlockingIOError):  # sending timed out
                self._connection.send(self._input)
                answers = self._connection.poll(self._answer_s)
            if answers:
                (answer,) = self._receive("answer")
                indices = (details["index"] for details in self._ready_description.outputs)
                self._outputs = dict(zip(indices, answer, strict=True))
        except (EOFError, OSError) as error:
            self._has_ended(self._answer_s)
            raise UnavailableError(self._exit_reason) from error
        if not answers:
            self.kill()
            raise UnavailableError(f"no answer within {self._answer_s:g} s")

    def get_tensor(self, index: int) -> NDArray[np.int8]:
        """An output of the last ``invoke``."""
        return self._outputs[index]

    def request_exit(self) -> None:
        """Ask the process to exit. Does not wait."""
        self._connection.close()

    def kill(self) -> bool:
        """Kill the process. Does not wait.

        Returns:
            True if the process has ended. One that is blocked in the kernel takes longer: call again.
        """
        self.request_exit()
        self._process.kill()
        return self._process.poll() is not None

    def close(self, *, timeout_s: float = EXIT_TIMEOUT_S) -> None:
        """End the process, and kill it if it has not exited after ``timeout_s`` seconds. May be called more than once."""
        self.request_exit()
        if not self._has_ended(timeout_s) and not self.kill():
            self._has_ended(EXIT_TIMEOUT_S)

    @property
    def _ready_description(self) -> "_Description":
        assert self._description is not None, "the process must be ready first"
        return self._description

    # Any: the values are unpickled; ``expected`` determines their types, see ``edge.inference.delegate_main``.
    def _receive(self, expected: str) -> list[Any]:
        """The values of the next message, which must be of the kind ``expected``. Raises UnavailableError if it failed."""
        kind, *values = self._connection.recv()
        if kind != expected:
            self.request_exit()
            raise UnavailableError(str(values[0]))
        return list(values)

    def _has_ended(self, timeout_s: float) -> bool:
        """Whether the process has ended, after waiting for it at most ``timeout_s`` seconds."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout_s)
        return self._process.returncode is not None

    @property
    def _exit_reason(self) -> str:
        """Why the process closed the connection."""
        code = self._process.returncode
        if code is None:
            return "its process closed the connection but does not exit"
        if code >= 0:
            return f"its process ended with exit code {code}"
        return f"its process died of {signal.Signals(-code).name}"
