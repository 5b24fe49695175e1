"""``doctor``: is this machine fit to be a bin?"""

import argparse
import logging
from contextlib import nullcontext

from edge.commands.options import add_config_options
from edge.config.default import find_config
from edge.terminal.console import make_console, say, say_json


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``doctor`` to the command line."""
    parser = commands.add_parser(
        "doctor",
        help="look for what keeps this machine from sorting",
        description="Look at everything that the bin needs, and say what to do about what is wrong. No flap moves, and a "
        "service that runs is left alone. Exit code 1 when something failed.",
    )
    add_config_options(parser)
    parser.add_argument("--json", action="store_true", help="a list of JSON objects, nothing else on standard output")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Examine, tell; exit code 1 when a check failed."""
    # Only now: what the other commands start with must not grow by what only this one needs.
    from edge.doctor.check_context import make_check_context
    from edge.doctor.checks import run_checks
    from edge.doctor.finding import CheckStatus
    from edge.doctor.host import Host
    from edge.doctor.report import line_of, summary_of, table_of, tree_of

    if not arguments.debug:
        logging.getLogger().setLevel(logging.ERROR)
    console, findings = make_console(), []
    live = console.is_terminal and not arguments.json
    with console.status("looking ...") if live else nullcontext() as status:
        subject = make_check_context(Host(), find_config(arguments.config), arguments.overrides)
        told = (lambda name: status.update(f"looking at {name} ...")) if status is not None else lambda name: None
        for finding in run_checks(subject, on_check=told):
            findings.append(finding)
            if not live and not arguments.json:
                say(line_of(finding), flush=True)
    if arguments.json:
        say_json([tree_of(finding) for finding in findings])
    elif live:
        console.print(table_of(findings))
        console.print(summary_of(findings))
    else:
        say(summary_of(findings))
    return int(any(finding.status is CheckStatus.FAILURE for finding in findings))
