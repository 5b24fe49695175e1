"""``python -m edge`` is ``sorter``."""

from edge.terminal.launch import launch


def main() -> int:
    """Run the command line; the exit code."""
    return launch("edge.cli")


if __name__ == "__main__":
    raise SystemExit(main())
