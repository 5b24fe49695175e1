"""``python -m convert`` is ``sorter-convert``."""

from edge.terminal.launch import launch


def main() -> int:
    """Run the command line; the exit code."""
    return launch("convert.cli")


if __name__ == "__main__":
    raise SystemExit(main())
