"""``sorter page``: the bin's page, for a browser."""

import argparse
import asyncio
from contextlib import nullcontext
from pathlib import Path

from edge.commands.options import add_config_options, chosen_config
from edge.page.bin_settings import BinSettings, SettingsReader
from edge.terminal.output import say
from hardware.clock import SystemClock

PORT = 8080


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Complete the parser of ``page``."""
    parser.description = "Serve the bin's page until told to stop (Ctrl-C, SIGTERM)."
    add_config_options(parser)
    parser.add_argument("--events", type=Path, metavar="FILE", help="show an event log, e.g. a copy, without any bin")
    parser.add_argument(
        "--state", type=Path, metavar="DIR", help="folder of accounts and changes; default: page, beside the event log"
    )
    parser.add_argument(
        "--host", default="*", help="address to listen on, once there is a password; default: every one"
    )
    parser.add_argument("--port", type=int, default=PORT, help=f"port to listen on; default: {PORT}")
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Serve the page."""
    reader = None if arguments.events is not None else SettingsReader(chosen_config(arguments), arguments.overrides)
    # While the child reads the configuration.
    from edge.bin_socket.address import find_socket
    from edge.bin_socket.client import BinClient
    from edge.page.access.door import PageDoor
    from edge.page.app import make_app
    from edge.page.page_state import PageState
    from edge.page.server import LOOPBACK, PagePort, serve

    settings = BinSettings.of_events(arguments.events) if reader is None else reader.result()
    door = PageDoor(arguments.state or settings.event_log.parent / "page", SystemClock())
    client = None if reader is None else BinClient(arguments.socket or find_socket(settings.event_log))
    app = make_app(PageState(settings, client, door))

    def host() -> str:
        return arguments.host if len(door.accounts) or door.first_visit.left_s else LOOPBACK

    async def serve_page() -> None:
        async with client or nullcontext():
            await serve(app, [PagePort(arguments.port)], host)

    address = f"http://localhost:{arguments.port}/"
    if len(door.accounts):
        say(f"page: {address}", flush=True)
    else:
        say(
            f"page: {address}first-visit?code={door.first_visit.code} (first visit; code {door.first_visit.code})",
            flush=True,
        )
    asyncio.run(serve_page())
    return 0
