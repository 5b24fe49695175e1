"""Starts a command line: standard streams that are there, and Ctrl-C from the first moment on.

Only what Python has loaded anyway is imported here: until ``launch`` is reached, Ctrl-C is a trace.
"""

import io
import os
import signal
import sys
from importlib import import_module
from types import FrameType

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""

EX_IOERR = 74


SETTINGS = {
    # The matrices of a bin are small: threads that wait for each other take three times the processor time to fit a head, and
    # hold up the loop if they are another program's.
    "OPENBLAS_NUM_THREADS": "1",
    # None is used. Looking for them reads the folder of all packages: 3 MB, and a slow card's time.
    "PYDANTIC_DISABLE_PLUGINS": "__all__",
}
"""What libraries read of the environment as the bin loads them; what is set already stays."""


def set_up_libraries() -> None:
    """Set ``SETTINGS``. Call it before anything that may import numpy or pydantic."""
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)


def launch(module: str) -> int:
    """Import the module of a command line, and run its ``main``.

    Args:
        module: its name, e.g. ``edge.cli``.

    Returns:
        The exit code.
    """
    with loading():
        open_missing_streams()
        main = import_module(module).main
    try:
        code: int = main()
    except KeyboardInterrupt:  # before it has come to the commands, which have their own words for it
        return INTERRUPTED
    finally:
        _end_at_interrupt()  # Python's own way out is no place for a trace either
    return _flushed(code)


class loading:  # noqa: N801  # reads as a statement
    """While modules are imported, Ctrl-C ends the program at once and quietly.

    An exception would not do: libraries that are being imported swallow it, or turn it into an ImportError.
    """

    def __enter__(self) -> None:
        self._ends = _end_at_interrupt()

    def __exit__(self, *_: object) -> None:
        if self._ends:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def open_missing_streams() -> None:
    """Connect standard streams that are closed to /dev/null.

    Otherwise the first files that are opened, say the event log, get their numbers, and what libraries write to standard
    error goes into them.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: this one
    sys.stdin = sys.stdin or _stream(0, "r")
    sys.stdout = sys.stdout or _stream(1, "w")
    sys.stderr = sys.stderr or _stream(2, "w")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # Names that the terminal's encoding has no letters for must not end the program.
            stream.reconfigure(errors="backslashreplace")


def _stream(number: int, mode: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.FileIO(number, mode, closefd=False), encoding="utf-8", write_through=True)


def _end_at_interrupt() -> bool:
    """From now on Ctrl-C ends the program at once; False where it is left alone."""
    # Where it is ignored (a job in the background), and where somebody else listens.
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        return False
    try:
        signal.signal(signal.SIGINT, _leave)
    except ValueError:  # not in the main thread, where alone Python delivers signals
        return False
    return True


def _leave(number: int, frame: FrameType | None) -> None:
    os._exit(INTERRUPTED)


def _flushed(code: int) -> int:
    """The exit code after the last output is out; Python itself would complain at exit, with a trace."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        sys.stdout = None  # whoever read it (head, less) has left
    except OSError as error:
        sys.stdout = None
        print(f"standard output: cannot be written: {error.strerror}", file=sys.stderr)
        return code or EX_IOERR
    return code
