"""``python -m edge`` is ``sorter``."""

from edge.terminal.launch import launch, set_up_libraries


def main() -> int:
    """Run the command line; the exit code."""
    set_up_libraries()
    return launch("edge.cli")


if __name__ == "__main__":
    raise SystemExit(main())
