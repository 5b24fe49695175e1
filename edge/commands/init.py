"""``init``: a configuration of one's own to start from."""

import argparse
import os
from pathlib import Path

from edge.config.default import DEFAULT_CONFIG, PACKAGED_CONFIG
from edge.config.invocation import invocation
from edge.terminal.console import say


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``init`` to the command line."""
    parser = commands.add_parser(
        "init",
        help="write a config.yaml to start from",
        description="Write a config.yaml to start from: the working default, the simulated bin, with every key explained. "
        "Records of a bin go to the folder state/ beside it.",
    )
    parser.add_argument(
        "folder", nargs="?", type=Path, default=Path(), metavar="DIR", help="where to; made if missing (default: here)"
    )
    parser.add_argument(
        "--force", action="store_true", help="replace a config.yaml that is there; it is kept as config.yaml.bak"
    )
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Write it and say what comes next; a file that is there is a usage error without ``--force``.

    Raises:
        OSError: it cannot be written.
    """
    # Other commands start without what calibrate needs.
    from edge.calibrate.config_writer import write_atomic

    path: Path = arguments.folder / DEFAULT_CONFIG
    there = os.path.lexists(path)
    if there and not arguments.force:
        arguments.parser.error(f"{path} is there already; --force replaces it")
    if there:
        # A bin may have been calibrated with it.
        os.replace(path, path.with_name(f"{path.name}.bak"))
    write_atomic(path, PACKAGED_CONFIG.read_bytes())
    say(f"{path} is written: the simulated bin, every key with its unit and range.")
    if there:
        say(f"The file before is kept as {path}.bak.")
    steps = {
        "run": "sorts in the simulated bin",
        "calibrate": "fits it to a real bin: camera, tray, flaps, sensors",
        "doctor": "looks for what keeps this machine from sorting",
    }
    typed = {invocation(name, config=path): does for name, does in steps.items()}
    width = max(map(len, typed))
    say("\n".join(["Next:", *(f"  {command:<{width}}  {does}" for command, does in typed.items())]))
    return 0
