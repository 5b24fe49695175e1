"""A worker: an interpreter on a delegate, in a process of its own (``edge.inference.worker_main``)."""

import signal
import socket
import struct
import subprocess
import sys
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.errors import UnavailableError

LEAVE_S = 1.0
"""A worker that is let go has so long to leave its device in order, in seconds; then it is killed."""


class DelegateProcess:
    """Does what the classifier asks of an interpreter. Making it starts the process and waits for nothing.

    Args:
        model: file descriptor of a file with the flatbuffer.
        delegate: the library, as the loader finds it.
        runtime: distribution name, see ``edge.inference.runtime``.
        threads: for what the delegate leaves to the processor, >= 1.
        answer_s: longest wait for an answer, and for what is sent to be taken, in seconds.

    Raises:
        UnavailableError: the system has no room for another process.
    """

    def __init__(self, model: int, *, delegate: str, runtime: str, threads: int, answer_s: float) -> None:
        self._answer_s = answer_s
        self._input = self._output = np.empty(0, np.int8)
        self._ready: tuple[Any, Any, NDArray[np.int8]] | None = None
        ours, theirs = socket.socketpair()
        # A worker that hangs does not read either, and a large view does not fit into the socket's buffer.
        limit = struct.pack("ll", *divmod(int(answer_s * 1e6), 10**6))
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
        self._connection = Connection(ours.detach())
        arguments = [theirs.fileno(), model, delegate, runtime, threads]
        with theirs:
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "edge.inference.worker_main", *map(str, arguments)],
                    pass_fds=(theirs.fileno(), model),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    # Ctrl-C reaches every process of the terminal's group, and the bin wants to end in order.
                    start_new_session=True,
                )
            except OSError as error:
                raise UnavailableError(f"its process cannot be started: {error.strerror}") from error

    def ready(self, timeout_s: float = 0.0) -> bool:
        """Has it answered to the trial? Waits for that at most ``timeout_s`` seconds.

        Raises:
            UnavailableError: it will never be ready.
        """
        try:
            if self._ready is None and self._connection.poll(timeout_s):
                inputs, outputs, answers = self._receive("ready")
                self._ready = inputs, outputs, answers
        except (EOFError, OSError) as error:
            if not self._has_ended(timeout_s):
                return False  # what became of it is known a little later
            raise UnavailableError(self._end) from error
        return self._ready is not None

    @property
    def trial(self) -> NDArray[np.int8]:
        """What it answered to the trial, int8 (n, labels)."""
        return self._known[2]

    def get_input_details(self) -> Any:
        """As an interpreter says."""
        return self._known[0]

    def get_output_details(self) -> Any:
        """As an interpreter says."""
        return self._known[1]

    def set_tensor(self, index: int, value: NDArray[np.int8]) -> None:
        """Set the only input."""
        self._input = value

    def invoke(self) -> None:
        """Run the graph.

        Raises:
            UnavailableError: it fails, crashes, or takes too long; it is gone then.
        """
        answers = False
        try:
            with suppress(BlockingIOError):  # it does not take what is sent
                self._connection.send(self._input)
                answers = self._connection.poll(self._answer_s)
            if answers:
                (self._output,) = self._receive("answer")
        except (EOFError, OSError) as error:
            self._has_ended(self._answer_s)
            raise UnavailableError(self._end) from error
        if not answers:
            self.kill()
            raise UnavailableError(f"no answer within {self._answer_s:g} s")

    def get_tensor(self, index: int) -> NDArray[np.int8]:
        """The only output."""
        return self._output

    def request_exit(self) -> None:
        """Let the process end by itself; does not wait for that."""
        self._connection.close()

    def kill(self) -> bool:
        """End the process at once, unless it has ended; does not wait for that. Has it? One that is stuck in the kernel takes
        its time to die: ask again."""
        self.request_exit()
        self._process.kill()
        return self._process.poll() is not None

    def close(self, *, leave_s: float = LEAVE_S) -> None:
        """End the process: by itself within ``leave_s`` seconds, or else it is killed. May be called twice."""
        self.request_exit()
        if not self._has_ended(leave_s) and not self.kill():
            self._has_ended(LEAVE_S)

    @property
    def _known(self) -> tuple[Any, Any, NDArray[np.int8]]:
        assert self._ready is not None, "it must be ready first"
        return self._ready

    def _receive(self, expected: str) -> Any:
        kind, *values = self._connection.recv()
        if kind != expected:
            self.request_exit()
            raise UnavailableError(str(values[0]))
        return values

    def _has_ended(self, timeout_s: float) -> bool:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout_s)
        return self._process.returncode is not None

    @property
    def _end(self) -> str:
        """What became of a process that has hung up."""
        code = self._process.returncode
        if code is None:
            return "its process has hung up and does not end"
        if code >= 0:
            return f"its process ended with exit code {code}"
        return f"its process died of {signal.Signals(-code).name}"
