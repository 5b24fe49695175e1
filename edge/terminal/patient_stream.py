"""Standard output and standard error as the control loop may use them: full, or read by nobody, they never hold it up."""

import io
import os
import select
import socket
import stat
import time
from contextlib import suppress
from typing import TextIO, cast

PATIENCE_S = 0.2
"""Longest wait for a terminal or a pipe to take a text, in seconds, all pauses in it together: less than the age at which a
picture is too old to act on. What has once kept the program waiting is not waited for again until it takes text."""


def patient(stream: TextIO) -> TextIO:
    """The stream as ``PatientStream``, for what is typed to write to files."""
    return cast("TextIO", PatientStream(stream))


class PatientStream(io.TextIOBase):
    """Writes to a stream, and drops what that does not take: a terminal that hangs, or a pipe that nobody reads, must not stop
    the control loop.

    Args:
        stream: standard output or standard error. What has no descriptor (in tests) is written to as it is.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._descriptor: int | None = None
        self._socket: socket.socket | None = None
        self._is_stuck = False
        with suppress(OSError, ValueError):
            self._open(stream.fileno())

    def write(self, text: str) -> int:
        """Write a text, or as much of it as is taken in time.

        Raises:
            OSError: it cannot be written: nobody reads it any more, or the disk is full.
        """
        if self._descriptor is None and self._socket is None:
            return self._stream.write(text)
        self._send(text.encode(self.encoding, errors="backslashreplace"))
        return len(text)

    def flush(self) -> None:
        """Nothing is kept back."""
        if self._descriptor is None and self._socket is None:
            self._stream.flush()

    def close(self) -> None:
        """Give up what was opened for it; the stream itself stays open. May be called more than once."""
        if self._socket is not None:
            self._socket.close()
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._socket = self._descriptor = None
        super().close()

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """The stream's own descriptor."""
        return self._stream.fileno()

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """What texts are encoded as: as the stream does, or the terminal would show something else."""
        return self._stream.encoding or "utf-8"

    def _open(self, descriptor: int) -> None:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISSOCK(mode):
            self._socket = socket.socket(fileno=os.dup(descriptor))
        elif stat.S_ISFIFO(mode) or stat.S_ISCHR(mode):
            # Opened a second time: a descriptor's flags are shared with whoever started this program, who expects it to block.
            flags = os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
            self._descriptor = os.open(f"/proc/self/fd/{descriptor}", flags)

    def _send(self, data: bytes) -> None:
        left_s = 0.0 if self._is_stuck else PATIENCE_S
        while data:
            try:
                data = data[self._send_some(data) :]
                self._is_stuck = False
            except BlockingIOError:
                if left_s <= 0:
                    self._is_stuck = True
                    return
                # A long text fills a terminal's buffer many times, each time for a moment.
                begun_s = time.monotonic()
                select.select([], [self], [], left_s)
                left_s -= time.monotonic() - begun_s

    def _send_some(self, data: bytes) -> int:
        if self._socket is not None:
            return self._socket.send(data, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
        assert self._descriptor is not None, "written to as it is"
        return os.write(self._descriptor, data)
