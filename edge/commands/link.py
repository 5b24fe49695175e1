"""``link``: the way out to MQTT, Home Assistant and Prometheus."""

import argparse
import asyncio
import random

from edge.commands.options import add_config_options, add_neighbour_options, chosen_config
from edge.config.config_child import ConfigChild
from edge.errors import UnavailableError
from edge.link.link_settings import CHILD, LinkSettings
from edge.terminal.output import say
from hardware.clock import SystemClock

FOLDER = "link"
"""Name of the folder of the position in the event log, beside it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Complete the parser of ``link``."""
    parser.description = (
        "Tell the network of the bin as the section link of its configuration says, until told to stop (Ctrl-C, SIGTERM). "
        "Ends at once where that says nothing."
    )
    add_config_options(parser)
    add_neighbour_options(parser, keeps="what it remembers", folder=FOLDER)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the link.

    Raises:
        ConfigError: the configuration is not valid.
        UnavailableError: the figures cannot be served, or paho-mqtt is not installed.
    """
    child = ConfigChild(CHILD, chosen_config(arguments), arguments.overrides)
    # Loaded while a child reads the configuration.
    from edge.bin_socket.address import socket_path
    from edge.bin_socket.client import BinClient
    from edge.link.position import PositionFile
    from edge.link.reconnect import ReconnectPause

    settings = LinkSettings.of_answer(child.answer())
    if not settings.is_on:
        say("link: nothing is configured (link.host, link.metrics_port), nothing to do")
        return 0
    try:
        from edge.link.service import LinkService
    except ModuleNotFoundError as error:
        raise UnavailableError("paho-mqtt is not installed; expected the extra link: pip install '.[link]'") from error

    async def serve() -> None:
        async with BinClient(arguments.socket or socket_path(settings.event_log, {})) as client:
            service = LinkService(
                settings,
                client,
                PositionFile((arguments.state or settings.event_log.parent / FOLDER) / "position.json"),
                clock=SystemClock(),
                pause=ReconnectPause(random.Random()),
            )
            await service.run(on_ready=lambda line: say(line, flush=True))

    asyncio.run(serve())
    return 0
