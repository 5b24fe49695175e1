"""The command line of the bin: ``python -m edge`` or ``sorter``."""

import argparse
import logging
import sys
from collections.abc import Sequence

from edge.commands import (
    backup,
    bench,
    calibrate,
    classify,
    completion,
    doctor,
    events,
    init,
    model,
    release,
    run,
    simulate,
    status,
    teach,
)
from edge.commands.examples import EXAMPLES, PROGRAM
from edge.errors import SorterError
from edge.records.journal import set_up_logging
from edge.terminal.console import say_error, say_os_error
from edge.terminal.launch import EX_IOERR, INTERRUPTED
from edge.terminal.parser import PrintableParser, add_examples, add_version, commands_of
from hardware.errors import HardwareConfigError, HardwareError

EX_UNAVAILABLE = 69
EX_CONFIG = 78


def build_parser() -> argparse.ArgumentParser:
    """The whole command line; the docs are tested against it."""
    parser: argparse.ArgumentParser = PrintableParser(prog="sorter", description="Sort waste: camera in, flaps out.")
    parser.add_argument("--debug", action="store_true", help="on an error print the whole trace; log more")
    add_version(parser)
    add_examples(parser, PROGRAM)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", title="commands")
    for module in (
        run,
        init,
        classify,
        bench,
        events,
        status,
        model,
        simulate,
        doctor,
        calibrate,
        teach,
        backup,
        release,
    ):
        module.add_parser(commands)
    completion.add_parser(commands, parser)
    for name, command in commands_of(parser):
        add_examples(command, EXAMPLES.get(name, ()))
    for sub in commands.choices.values():
        # Also after the command, where people type it; SUPPRESS keeps it from undoing the one before.
        sub.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code. Errors are one line on stderr, codes after sysexits.h (see edge/errors.py)."""
    arguments = build_parser().parse_args(argv)
    set_up_logging(debug=arguments.debug)
    try:
        code: int = arguments.run(arguments)
        return code
    except (SorterError, HardwareError) as error:
        if arguments.debug:
            logging.getLogger(__name__).exception("the command failed")
        if isinstance(error, SorterError):
            for problem in error.problems:
                say_error("sorter: error", problem)
            return error.exit_code
        say_error("sorter: error", error)
        return EX_CONFIG if isinstance(error, HardwareConfigError) else EX_UNAVAILABLE
    except OSError as error:
        # What is left: our own output cannot be written (a full disk), or a file vanished under us.
        if isinstance(error, BrokenPipeError):
            # Whoever read our output (head, less) has left; Python would complain once more at exit.
            sys.stdout = None
            return 0
        if arguments.debug:
            logging.getLogger(__name__).exception("the command failed")
        say_os_error("sorter: error", error)
        sys.stdout = None
        return EX_IOERR
    except KeyboardInterrupt:
        return INTERRUPTED
