"""``completion``: the script with which a shell completes the commands."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from edge.errors import UnavailableError
from edge.models import model_path
from edge.simulation.scenarios import scenario_path
from edge.terminal.parser import complete_all

SHELLS = ("bash", "zsh", "tcsh")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Complete the parser of ``completion``."""
    parser.description = (
        "Print a script with which the shell completes commands and options; write it to where the shell looks "
        "for it. It completes what this version knows: write it again after an upgrade."
    )
    parser.add_argument("shell", choices=SHELLS, help="the shell")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the script.

    Raises:
        UnavailableError: shtab, which writes it, is not installed.
    """
    # Only now: no other command needs it.
    try:
        import shtab
    except ModuleNotFoundError as error:
        raise UnavailableError("completion: the package shtab is not installed: pip install shtab") from error

    complete_all(arguments.program)
    for action in _actions(arguments.program):
        if action.type in (Path, model_path, scenario_path) and action.choices is None:
            action.complete = shtab.FILE  # type: ignore[attr-defined]
    sys.stdout.write(shtab.complete(arguments.program, shell=arguments.shell) + "\n")
    return 0


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Every argument of the command line, those of its commands included."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _actions(command)
