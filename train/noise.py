"""Log lines of TensorFlow that nobody can act on, and a program that passes on all others.

Of Python's own library alone: the program is run by itself, in ten milliseconds.
"""

import re
import signal
import sys
from typing import BinaryIO

NOISE = re.compile(
    rb"WARNING: All log messages before absl::InitializeLog\(\)"
    rb"|I\d{4} [\d:.]+ |[\d-]+ [\d:.]+: I "  # informational; the second form until TensorFlow 2.20
    rb"|.*Unable to register cu\w+ factory"  # harmless: two parts of TensorFlow know the same library
)
"""How such lines begin. ``TF_CPP_MIN_LOG_LEVEL`` holds only once TensorFlow has started its log (tensorflow #100442)."""


def pass_on(source: BinaryIO, target: BinaryIO) -> None:
    """Write every line of ``source`` that is no noise, until it ends."""
    for line in source:
        if not NOISE.match(line):
            target.write(line)
            target.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the command whose lines these are
    pass_on(sys.stdin.buffer, sys.stderr.buffer)
