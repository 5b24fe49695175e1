"""The program of a delegate process. A delegate is loaded only here, so that a crash or hang affects no other process.

``python -m edge.inference.delegate_main CONNECTION MODEL DELEGATE RUNTIME THREADS``, where the first two are open file
descriptors. It sends ``("ready", inputs, outputs, trial)`` after the trial, or ``("failed", reason)``; then for each
input that it receives ``("answer", outputs)`` or ``("failed", reason)``. It ends when the other side closes the
connection.
"""

import os
import signal
import sys
from contextlib import suppress
from multiprocessing.connection import Connection

from edge.errors import SorterError
from edge.inference.runtime import find_runtime
from edge.inference.trial import make_runner, run_trial


def serve_requests(connection: Connection, model: int, delegate: str, runtime: str, threads: int) -> None:
    """Load the model on the delegate, and answer requests until the other side closes the connection.

    Args:
        connection: connection to the ``DelegateProcess``.
        model: file descriptor of a file that contains the flatbuffer.
        delegate: path or name of the delegate's library.
        runtime: distribution name, see ``edge.inference.runtime``.
        threads: number of CPU threads for operators that the delegate does not run, >= 1.
    """
    flatbuffer = os.pread(model, os.fstat(model).st_size, 0)
    try:
        interpreter = find_runtime(runtime).interpreter(flatbuffer, threads=threads, delegate=delegate)
        details = interpreter.get_input_details(), interpreter.get_output_details()
        run = make_runner(interpreter)
        connection.send(("ready", *details, run_trial(interpreter)))
        while True:
            connection.send(("answer", run(connection.recv())))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except (SorterError, RuntimeError, ValueError) as error:
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.send(("failed", " ".join(str(error).split())[:300]))


if __name__ == "__main__":
    # systemd sends SIGTERM to all processes of the service; this one ends when the bin closes the connection.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # The destructor of the runtime's delegate class raises if the library could not be loaded, which is reported anyway.
    sys.unraisablehook = lambda _: None
    given = sys.argv[1:]
    serve_requests(Connection(int(given[0])), int(given[1]), given[2], given[3], int(given[4]))
