"""The program of a worker: only here is a delegate loaded, so that one that crashes or hangs takes nothing else along.

``python -m edge.inference.worker_main CONNECTION MODEL DELEGATE RUNTIME THREADS``, where the first two are open file
descriptors. It says ``("ready", inputs, outputs, answers)`` once it has answered to the trial, or ``("failed",
why)``; then to each input that it is sent ``("answer", output)`` or ``("failed", why)``. It ends when the other side
closes the connection.
"""

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.errors import SorterError
from edge.inference.runtime import find_runtime

TRIALS = 8
"""Inputs of the trial."""

BLOCKS = 4
"""A trial's input is so many by so many blocks of plain colour: what the models that ship answer to most differently."""


def trial(interpreter: Any) -> NDArray[np.int8]:
    """What an interpreter answers to inputs that are always the same: int8 (TRIALS, labels)."""
    run = runner(interpreter)
    _, height, width, channels = interpreter.get_input_details()[0]["shape"]
    random = np.random.default_rng(0)
    rows, columns = np.arange(height) * BLOCKS // height, np.arange(width) * BLOCKS // width
    answers = []
    for _ in range(TRIALS):
        blocks = random.integers(-128, 128, (BLOCKS, BLOCKS, channels), np.int8)
        answers.append(run(blocks[rows][:, columns][np.newaxis])[0])
    return np.array(answers)


def runner(interpreter: Any) -> Callable[[NDArray[np.int8]], NDArray[np.int8]]:
    """A function from input to output, int8 (1, size, size, 3) -> (1, labels)."""
    entry, exit_ = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]

    def run(pixels: NDArray[np.int8]) -> NDArray[np.int8]:
        interpreter.set_tensor(entry, pixels)
        interpreter.invoke()
        output: NDArray[np.int8] = interpreter.get_tensor(exit_)
        return output

    return run


def serve_requests(connection: Connection, model: int, delegate: str, runtime: str, threads: int) -> None:
    """Answer until the other side has gone."""
    flatbuffer = os.pread(model, os.fstat(model).st_size, 0)
    try:
        interpreter = find_runtime(runtime).interpreter(flatbuffer, threads=threads, delegate=delegate)
        ends = interpreter.get_input_details(), interpreter.get_output_details()
        run = runner(interpreter)
        connection.send(("ready", *ends, trial(interpreter)))
        while True:
            connection.send(("answer", run(connection.recv())))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except (SorterError, RuntimeError, ValueError) as error:
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.send(("failed", " ".join(str(error).split())[:300]))


if __name__ == "__main__":
    # Whoever stops the bin stops it, and it lets go of the worker when it no longer needs it.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # The runtime's own class for a delegate stumbles over itself when the library could not be loaded; that is told anyway.
    sys.unraisablehook = lambda _: None
    given = sys.argv[1:]
    serve_requests(Connection(int(given[0])), int(given[1]), given[2], given[3], int(given[4]))
