"""``page``: the bin's page, for a browser."""

import argparse
import asyncio
import logging
import os
import socket
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from edge.commands.options import add_config_options, add_neighbour_options, chosen_config
from edge.files.page_folder import ACCOUNTS, FOLDER, page_folder
from edge.page.bin_settings import BinSettings, SettingsReader
from edge.terminal.output import say
from hardware.clock import SystemClock

if TYPE_CHECKING:
    from edge.page.access.door import PageDoor
    from edge.page.server import PagePort

PORT = 8080

EVERYWHERE = "*"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Complete the parser of ``page``."""
    parser.description = (
        "Serve the bin's page until told to stop (Ctrl-C, SIGTERM). Until there is a password, whoever can read what this "
        "prints makes the first account."
    )
    add_config_options(parser)
    parser.add_argument("--events", type=Path, metavar="FILE", help="show an event log, e.g. a copy, without any bin")
    add_neighbour_options(parser, keeps="accounts and changes", folder=FOLDER)
    parser.add_argument(
        "--host",
        default=EVERYWHERE,
        metavar="ADDRESS",
        help="listen on this address alone; default: every one, and this machine alone while there is no password",
    )
    parser.add_argument("--port", type=_port, default=PORT, metavar="N", help=f"port; default: {PORT}")
    parser.add_argument(
        "--name", action="append", default=[], dest="names", metavar="HOST", help="a further host name of this machine"
    )
    parser.add_argument("--tls", action="store_true", help="with TLS, by a certificate that is made on this machine")
    parser.add_argument(
        "--certificate", type=Path, metavar="FILE", help="with TLS, by this certificate (PEM), and --key"
    )
    parser.add_argument("--key", type=Path, metavar="FILE", help="the key of --certificate (PEM)")
    parser.add_argument(
        "--plain-port", type=_port, metavar="N", help="with TLS: lead visitors of this port to the one with TLS"
    )
    parser.add_argument(
        "--until-exit",
        type=int,
        metavar="PID",
        help="stop when this process ends; close standard output once it is served",
    )
    parser.add_argument(
        "--reset",
        action="store_true",
        help="remove every account, so that the next visit is a first one; serves nothing",
    )
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Serve the page, or reset it.

    Raises:
        ConfigError: the configuration is not valid.
        UnavailableError: it cannot be listened on, or there is no certificate.
        OSError: accounts and keys cannot be read or written.
    """
    _refuse_misfits(arguments)
    reader = None if arguments.events is not None else SettingsReader(chosen_config(arguments), arguments.overrides)
    # Loaded while a child reads the configuration.
    from edge.page.access.accounts import Accounts
    from edge.page.access.door import PageDoor
    from edge.page.server import LOOPBACK, serve

    settings = BinSettings.of_events(arguments.events) if reader is None else reader.result()
    folder = arguments.state or page_folder(settings.event_log)
    if arguments.reset:
        Accounts(folder / ACCOUNTS).clear()
        say(
            "every account is removed. Start the page again (sudo systemctl restart sorter-page): its log shows a new code"
        )
        return 0
    door = PageDoor(folder, SystemClock())
    ports = _ports(arguments, folder)

    def host() -> str:
        return arguments.host if len(door.accounts) or door.first_visit.left_s else LOOPBACK

    from edge.bin_socket.address import socket_path
    from edge.bin_socket.client import BinClient
    from edge.page.app import make_app
    from edge.page.figures.vitals import Vitals, watching
    from edge.page.page_state import PageState

    client = None if reader is None else BinClient(arguments.socket or socket_path(settings.event_log, {}))
    tls_port = arguments.port if ports[0].tls else None
    vitals = None if client is None else Vitals(folder, settings.event_log.parent, SystemClock())
    app = make_app(PageState(settings, client, door, vitals), host_names=arguments.names, tls_port=tls_port)

    async def serve_page() -> None:
        async with client or nullcontext(), watching(vitals, client):
            await serve(app, ports, host, until_exit=arguments.until_exit, on_ready=lambda: _say_ready(arguments, door))

    if arguments.until_exit is not None and sys.stderr is not None and sys.stderr.isatty():
        logging.getLogger().setLevel(logging.WARNING)  # the terminal is another program's
    asyncio.run(serve_page())
    return 0


def _refuse_misfits(arguments: argparse.Namespace) -> None:
    """Options that say nothing without each other are wrong usage."""
    if (arguments.certificate is None) != (arguments.key is None):
        arguments.parser.error("--certificate and --key: expected both or neither")
    if arguments.plain_port is not None and not (arguments.tls or arguments.certificate):
        arguments.parser.error("--plain-port: expected --tls or --certificate with it")


def _ports(arguments: argparse.Namespace, folder: Path) -> "list[PagePort]":
    """The ports to listen on, the page's own first. Says the fingerprint of the certificate."""
    from edge.page.server import PagePort

    if not (arguments.tls or arguments.certificate):
        return [PagePort(arguments.port)]
    from edge.page.certificate import fingerprint, self_made, tls_context

    certificate, key = arguments.certificate, arguments.key
    if certificate is None:
        own = socket.gethostname()
        certificate, key = self_made(folder, (own, f"{own}.local", "localhost", *arguments.names))
    ports = [PagePort(arguments.port, tls_context(certificate, key))]
    say(f"page: certificate {certificate}, SHA-256 {fingerprint(certificate)}", flush=True)
    return ports if arguments.plain_port is None else [*ports, PagePort(arguments.plain_port)]


def _say_ready(arguments: argparse.Namespace, door: "PageDoor") -> None:
    """Say where the page is, and who may make its first account."""
    scheme = "https" if arguments.tls or arguments.certificate else "http"
    shown = arguments.host if arguments.host != EVERYWHERE else socket.gethostname()
    if arguments.until_exit is not None:
        shown = "localhost"
    address = f"{scheme}://{shown}:{arguments.port}/"
    if len(door.accounts):
        say(f"page: {address}", flush=True)
    else:
        say(f"page: {address}first-visit?code={door.first_visit.code}", flush=True)
        say(f"page: nobody has a password yet; the code of the first visit is {door.first_visit.code}", flush=True)
    if arguments.until_exit is not None:
        # Whoever waits for the address by reading to the end can go on.
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.close(null)


def _port(text: str) -> int:
    """An option's value: the number of a port."""
    try:
        value = int(text)
    except ValueError:
        value = 0
    if not 1 <= value <= 65_535:
        raise argparse.ArgumentTypeError(f"expected a port from 1 to 65535, got {text!r}")
    return value
