"""``calibrate``: fit the configuration to the bin that stands there."""

import argparse
import ipaddress
import logging
from contextlib import nullcontext, suppress
from urllib.parse import urlsplit

from edge.calibrate.dialogue import Terminal
from edge.calibrate.picture_page import EVERY_ADDRESS, PicturePage
from edge.calibrate.steps import NAMES
from edge.calibrate.summary import summary
from edge.calibrate.wizard import Wizard
from edge.commands.options import add_config_options
from edge.config.default import find_config, is_packaged
from edge.config.invocation import invocation
from edge.errors import InputMissingError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Complete the parser of ``calibrate``."""
    parser.description = (
        "Fit the configuration to the bin, step by step, over any terminal. Each step can be skipped, repeated "
        "and left (Ctrl-C), and is written by itself. The sorter must not run meanwhile: sudo systemctl stop sorter"
    )
    parser.add_argument(
        "steps",
        nargs="*",
        metavar="STEP",
        help="; ".join(f"{name}: {what}" for name, what in NAMES.items()) + " (default: all)",
    )
    add_config_options(parser)
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--page",
        type=_place,
        metavar="ADDRESS[:PORT]",
        help="this machine's address at which a page shows the pictures while calibrate runs, e.g. 127.0.0.1:8080 "
        "(default: every address, and a free port)",
    )
    where.add_argument("--no-page", action="store_true", help="serve no page; pictures are only written to files")
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Go through the steps.

    Raises:
        InputMissingError: there is no configuration to write to.
        SorterError: as of ``Wizard``.
        HardwareError, ConfigError: a step did not work, or what it found does not fit, and it was given up.
    """
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
    address, port = arguments.page or (EVERY_ADDRESS, 0)
    with nullcontext() if arguments.no_page else PicturePage(address=address, port=port) as page:
        wizard = Wizard(config_file, terminal, overrides=arguments.overrides, page=page)
        try:
            failed = wizard.run(arguments.steps or tuple(NAMES))
        except KeyboardInterrupt:
            with suppress(OSError):  # the terminal itself may be what has gone
                terminal.show("\nLeft. What was written stays; of this step nothing was.")
            raise
    run_it = f"let it sort: {invocation('run', config=config_file)}, or sudo systemctl start sorter"
    terminal.show("\n".join(["\n== Summary", *summary(wizard.outcomes, then=run_it)]))
    for title, error in failed.items():
        raise type(error)(f"calibrate: not done: {', '.join(failed)}; {title} failed on {error}") from error
    return 0


def _place(text: str) -> tuple[str, int]:
    """An IP address, with or without a port; 0 takes a free one."""
    try:
        parts = urlsplit(f"//{text}")
        address, port = str(ipaddress.ip_address(parts.hostname or "")), parts.port or 0
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"expected an IP address of this machine, and a port if you like, e.g. 127.0.0.1:8080, got {text!r}"
        ) from None
    return address, port
