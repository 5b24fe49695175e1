"""``init``: a configuration of one's own to start from."""

import argparse
import os
import re
from pathlib import Path

from edge.calibrate.config_writer import write_atomic
from edge.config.default import DEFAULT_CONFIG, EXAMPLES, PACKAGED_CONFIG
from edge.config.invocation import invocation
from edge.terminal.output import say

SERVICE_FOLDER, SERVICE_STATE = Path("/etc/sorter"), "/var/lib/sorter"
"""Where the service reads its configuration, and the only folder that it may write to."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Complete the parser of ``init``."""
    parser.description = (
        "Write a config.yaml to start from: the working default, the simulated bin, with every key explained, or a "
        "short one of a real bin (--example). Records of a bin go to the folder state/ beside it."
    )
    parser.add_argument(
        "folder", nargs="?", type=Path, default=Path(), metavar="DIR", help="where to; made if missing (default: here)"
    )
    parser.add_argument(
        "--force", action="store_true", help="replace a config.yaml that is there; it is kept as config.yaml.bak"
    )
    parser.add_argument(
        "--example",
        choices=sorted(EXAMPLES),
        metavar="NAME",
        help=f"the configuration of a real bin instead: {', '.join(sorted(EXAMPLES))}",
    )
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Write it and say what comes next; a file that is there is a usage error without ``--force``.

    Raises:
        OSError: it cannot be written.
    """
    path: Path = arguments.folder / DEFAULT_CONFIG
    there = os.path.lexists(path)
    if there and not arguments.force:
        arguments.parser.error(f"{path} is there already; --force replaces it")
    if there:
        # A bin may have been calibrated with it.
        os.replace(path, path.with_name(f"{path.name}.bak"))
    example: str | None = arguments.example
    write_atomic(path, _content(PACKAGED_CONFIG if example is None else EXAMPLES[example], arguments.folder))
    if example is None:
        say(f"{path} is written: the simulated bin, every key with its unit and range.")
    else:
        say(f"{path} is written: the example {example}. Compare its pins and camera with your bin.")
    if there:
        say(f"The file before is kept as {path}.bak.")
    steps = {
        "run": "sorts in the simulated bin",
        "calibrate": "fits it to a real bin: camera, tray, flaps, sensors",
        "doctor": "looks for what keeps this machine from sorting",
    }
    if example is not None:
        wiring = {"doctor --wiring wiring.svg": "draws which part goes to which pin"}
        steps = wiring | {name: steps[name] for name in ("doctor", "calibrate")} | {"run": "sorts"}
    typed = {invocation(*words.split(), config=path): does for words, does in steps.items()}
    width = max(map(len, typed))
    say("\n".join(["Next:", *(f"  {command:<{width}}  {does}" for command, does in typed.items())]))
    return 0


def _content(source: Path, folder: Path) -> bytes:
    """The text of a configuration as it goes to a folder: in the service's, state goes where the service may write."""
    content = source.read_bytes()
    if folder.resolve() != SERVICE_FOLDER:
        return content
    return re.sub(rb"(?m)^( *[a-z_]+: *)state/", rb"\1" + f"{SERVICE_STATE}/".encode(), content)
