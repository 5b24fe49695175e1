"""The command line of the bin: ``python -m edge`` or ``sorter``."""

import argparse
import logging
import sys
from collections.abc import Sequence
from functools import partial

from edge.commands.examples import EXAMPLES, PROGRAM
from edge.errors import SorterError
from edge.records.journal import set_up_logging
from edge.terminal.launch import EX_IOERR, INTERRUPTED
from edge.terminal.output import say_error, say_os_error
from edge.terminal.parser import (
    CommandParser,
    PrintableParser,
    add_examples,
    add_version,
    commands_of,
    complete_all,
    complete_command,
)
from hardware.errors import HardwareConfigError, HardwareError

EX_UNAVAILABLE = 69
EX_CONFIG = 78

COMMANDS = {
    "run": "sort until told to stop (Ctrl-C, SIGTERM)",
    "init": "write a config.yaml to start from",
    "classify": "classify pictures",
    "bench": "measure how fast this machine sorts",
    "events": "what was sorted",
    "status": "how the bin is, in one line, with an exit code for a monitor",
    "model": "inspect a model file",
    "page": "serve the bin's page, for a browser",
    "link": "tell the network of the bin: MQTT, Home Assistant, Prometheus",
    "update": "signed updates: look, take, watch, go back",
    "simulate": "run scenarios in the simulated bin",
    "doctor": "look for what keeps this machine from sorting",
    "calibrate": "find the camera, frame the tray, set the flaps, try the sensors; writes config.yaml",
    "config": "show, change and take back what the configuration says",
    "teach": "teach the bin what lies on its tray",
    "backup": "put configuration, models and events into one file",
    "restore": "put a backup in its places",
    "release": "let go of every drive, after a program that did not end properly",
    "completion": "print a script with which the shell completes commands and options",
}
"""Every command and its line in the list of them. Its module, of the same name in ``edge.commands``, is loaded when it is asked
for: a service pays for no other command, neither in time nor in memory."""


def build_parser(*, whole: bool = True) -> argparse.ArgumentParser:
    """The command line.

    Args:
        whole: with the options of every command, as the docs are tested against; False: each command loads its module and gets
            its options when it parses.
    """
    parser = PrintableParser(prog="sorter", description="Sort waste: camera in, flaps out.")
    parser.add_argument("--debug", action="store_true", help="on an error print the whole trace; log more")
    add_version(parser)
    add_examples(parser, PROGRAM)
    parser.set_defaults(program=parser)  # what completion completes
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="COMMAND", title="commands", parser_class=CommandParser
    )
    for name, line in COMMANDS.items():
        commands.add_parser(name, help=line, complete=partial(_complete, name))
    if whole:
        complete_all(parser)
    return parser


def _complete(name: str, parser: argparse.ArgumentParser) -> None:
    """Give a command's parser its description, options and examples."""
    complete_command(f"edge.commands.{name}", parser)
    for below, command in list(commands_of(parser, f"{name} ")) or [(name, parser)]:
        add_examples(command, EXAMPLES.get(below, ()))


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code. Errors are one line on stderr, codes after sysexits.h (see edge/errors.py)."""
    arguments = build_parser(whole=False).parse_args(argv)
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
