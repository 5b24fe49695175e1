"""``doctor``: is this machine fit to be a bin?"""

import argparse
import logging
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from edge.commands.options import add_config_options
from edge.config.default import find_config, is_packaged
from edge.config.invocation import invocation
from edge.doctor.check_context import make_check_context
from edge.doctor.checks import CHECKS, run_checks
from edge.doctor.finding import CheckStatus, Finding
from edge.doctor.first_steps import first_steps
from edge.doctor.host import Host
from edge.doctor.report import FindingReport, tree_of
from edge.terminal.console import make_console
from edge.terminal.output import say, say_json
from hardware.printable import printable

if TYPE_CHECKING:
    from rich.table import Table


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Complete the parser of ``doctor``."""
    parser.description = (
        "Look at everything that the bin needs, and say what to do about what is wrong. No flap moves, and a "
        "service that runs is left alone. Before there is a camera, it says what to do first. Exit code 1 when a check failed."
    )
    parser.add_argument(
        "checks", nargs="*", metavar="CHECK", help=f"look at these alone: {', '.join(CHECKS)} (default: at everything)"
    )
    add_config_options(parser)
    parser.add_argument("--all", action="store_true", help="show every check, also those that are fine")
    parser.add_argument("--json", action="store_true", help="a list of JSON objects, nothing else on standard output")
    parser.add_argument(
        "--wiring",
        type=_svg,
        metavar="FILE.svg",
        help="check nothing: draw which part goes to which pin of the header with this configuration, and print it",
    )
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Examine, tell; exit code 1 when a check failed. With ``--wiring`` draw instead.

    Raises:
        ConfigError, InputMissingError: there is no configuration to draw.
        OSError: the picture cannot be written.
    """
    unknown = [name for name in arguments.checks if name not in CHECKS]
    if unknown:
        arguments.parser.error(f"there is no check {unknown[0]!r}; there are {', '.join(CHECKS)}")
    if arguments.wiring is not None:
        return _draw(arguments.wiring, find_config(arguments.config), arguments.overrides)
    if not arguments.debug:
        logging.getLogger().setLevel(logging.ERROR)
    console, findings = make_console(), []
    live = console.is_terminal and not arguments.json
    subject = make_check_context(Host(), find_config(arguments.config), arguments.overrides)

    def tell(text: "str | Table") -> None:
        # A terminal is given whole words; a file or a pipe, whole lines.
        if live:
            console.print(text, highlight=False)
        elif not arguments.json:
            say(str(text), flush=True)

    first = None if arguments.all or arguments.checks else first_steps(subject)
    report = FindingReport(tell, first, is_table=live, has_all=arguments.all)
    with console.status("looking ...") if live else nullcontext() as status:
        told = (lambda name: status.update(f"looking at {name} ...")) if status is not None else lambda name: None
        for finding in run_checks(subject, names=arguments.checks or CHECKS, on_check=told):
            findings.append(finding)
            report.add(finding)
    if arguments.json:
        say_json([tree_of(finding) for finding in findings])
    else:
        report.end(invocation("doctor", "--all", config=subject.config_file))
    return _exit_code(findings)


def _draw(target: Path, config_file: Path, overrides: Sequence[str]) -> int:
    from edge.calibrate.config_writer import write_atomic
    from edge.config.file import load_config
    from edge.wiring.wiring_picture import wiring_picture, wiring_table

    config = load_config(config_file, overrides)
    name = "the default that ships" if is_packaged(config_file) else printable(config_file.name)
    write_atomic(target, wiring_picture(config, f"Wiring of {name}").svg().encode())
    say("\n".join([*wiring_table(config), f"{target} is written: the same as a picture."]))
    return 0


def _svg(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() != ".svg":
        raise argparse.ArgumentTypeError(f"expected a file name that ends in .svg, got {text!r}")
    return path


def _exit_code(findings: Iterable[Finding]) -> int:
    return int(any(finding.status is CheckStatus.FAILURE for finding in findings))
