"""``python -m edge`` is ``sorter``."""

import os

from edge.terminal.launch import launch


def main() -> int:
    """Run the command line; the exit code."""
    # Read when numpy is loaded. The matrices of a bin are small: threads that wait for each other take three times the processor
    # time to fit a head, and hold up the loop if they are another program's.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    return launch("edge.cli")


if __name__ == "__main__":
    raise SystemExit(main())
