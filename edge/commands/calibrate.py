"""``calibrate``: fit the configuration to the bin that stands there."""

import argparse
import logging
from contextlib import suppress

from edge.calibrate.steps import NAMES
from edge.commands.options import add_config_options
from edge.config.default import find_config, is_packaged
from edge.config.invocation import invocation
from edge.errors import InputMissingError


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``calibrate`` to the command line."""
    parser = commands.add_parser(
        "calibrate",
        help="find the camera, frame the tray, set the flaps, try the sensors; writes config.yaml",
        description="Fit the configuration to the bin, step by step, over any terminal. Each step can be skipped, repeated "
        "and left (Ctrl-C), and is written by itself. The sorter must not run meanwhile: sudo systemctl stop sorter",
    )
    parser.add_argument(
        "steps",
        nargs="*",
        metavar="STEP",
        help="; ".join(f"{name}: {what}" for name, what in NAMES.items()) + " (default: all)",
    )
    add_config_options(parser)
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Go through the steps.

    Raises:
        InputMissingError: there is no configuration to write to.
        SorterError: as of ``Wizard``.
        HardwareError, ConfigError: a step did not work, or what it found does not fit, and it was given up.
    """
    # Every start of the bin would pay for what only this command needs.
    from edge.calibrate.dialogue import Terminal
    from edge.calibrate.wizard import Wizard

    unknown = [name for name in arguments.steps if name not in NAMES]
    if unknown:
        arguments.parser.error(f"there is no step {unknown[0]}; there are {', '.join(NAMES)}")
    config_file = find_config(arguments.config)
    if is_packaged(config_file):
        raise InputMissingError(
            f"there is no config.yaml here to write to: '{invocation('init')}' writes one to start from, "
            "or name yours with --config"
        )
    if not arguments.debug:
        logging.getLogger().setLevel(logging.WARNING)
    terminal = Terminal()
    try:
        failed = Wizard(config_file, terminal, overrides=arguments.overrides).run(arguments.steps or tuple(NAMES))
    except KeyboardInterrupt:
        with suppress(OSError):  # the terminal itself may be what has gone
            terminal.show("\nLeft. What was written stays; of this step nothing was.")
        raise
    for title, error in failed.items():
        raise type(error)(f"calibrate: not done: {', '.join(failed)}; {title} failed on {error}") from error
    run_it = invocation("run", config=config_file)
    terminal.show(f"\nDone. Let it sort: {run_it}, or sudo systemctl start sorter")
    return 0
