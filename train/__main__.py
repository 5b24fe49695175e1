"""``python -m train`` is ``sorter-train``."""

from edge.terminal.launch import launch


def main() -> int:
    """Run the command line; the exit code."""
    return launch("train.cli")


# Processes that make views start from here too.
if __name__ == "__main__":
    raise SystemExit(main())
