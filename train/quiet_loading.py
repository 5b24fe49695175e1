"""Imports of Keras and TensorFlow without their noise on the terminal; errors stay."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from edge.config.python_child import WORKING_FOLDER, python_child
from edge.terminal.launch import loading

STDERR = 2
"""File descriptor of standard error, which C++ writes to."""


@contextmanager
def quiet_loading() -> Iterator[None]:
    """As ``edge.terminal.launch.loading``, for imports of Keras.

    A process of its own filters what is written to standard error meanwhile: should an import abort (TensorFlow on a processor
    without AVX), the reason still comes through.
    """
    with loading():
        if "keras" in sys.modules:
            yield
            return
        sys.stderr.flush()
        terminal = os.dup(STDERR)
        command = python_child("train.noise")
        reader = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=terminal, cwd=WORKING_FOLDER)
        assert reader.stdin is not None
        os.dup2(reader.stdin.fileno(), STDERR)
        reader.stdin.close()
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(terminal, STDERR)
            os.close(terminal)
            reader.wait()
