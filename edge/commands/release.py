"""The command ``release``: every drive falls silent."""

import argparse
import logging
from contextlib import ExitStack

from edge.commands.options import add_config_options, chosen_config
from edge.config.file import load_config
from edge.errors import UnavailableError
from edge.service.drivers import DriverFactory, SharedDrives, prefix_errors_with_key
from hardware.clock import SystemClock
from hardware.errors import HardwareError
from hardware.registry import PIN_FACTORIES, load

log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Complete the parser of ``release``."""
    parser.description = (
        "Let go of every drive: boards that make pulses by themselves stop, relays rest. Nothing is moved "
        "on purpose; a flap with a spring closes. The service does this whenever the sorter has ended, however it ended."
    )
    add_config_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Make every drive's driver, which drives nothing, and close it again.

    Raises:
        UnavailableError: some drive could not be let go; all others were.
    """
    config = load_config(chosen_config(arguments), arguments.overrides)
    failures: list[str] = []
    with ExitStack() as stack:
        clock = SystemClock()
        with prefix_errors_with_key("flaps.pin_factory"):
            pin_factory = load(PIN_FACTORIES, config.flaps.pin_factory)()
        stack.callback(pin_factory.close)
        shared = SharedDrives(stack, config.drives, pin_factory=pin_factory, clock=clock)
        factory = DriverFactory(stack, pin_factory=pin_factory, clock=clock, shared=shared)
        for name, one in config.bins.items():
            # One drive that does not answer must not keep the others under current.
            try:
                factory.flap(name, one.flap).detach()
            except HardwareError as error:
                failures.append(str(error))
    if failures:
        raise UnavailableError(f"not every drive was let go: {'; '.join(failures)}")
    log.info("every drive is let go")
    return 0
