"""Check of the way out to the network: its package, its files, and whether the broker answers."""

import socket
from collections.abc import Iterator
from pathlib import Path

from edge.config.neighbours import LinkConfig
from edge.doctor.check_context import NO_CONFIG, CheckContext
from edge.doctor.finding import Finding, not_applicable, ok, warning

CONNECT_S = 3.0
"""Longest wait for the broker, in seconds."""

PACKAGE = "paho-mqtt"

EVERYBODY = 0o004
"""Mode of a file that everybody may read."""


def check_link(context: CheckContext) -> Iterator[Finding]:
    """Check what ``sorter link`` needs. The bin sorts without it, so that nothing here is a failure."""
    if context.config is None:
        yield not_applicable("link", NO_CONFIG)
        return
    link = context.config.link
    if not link.is_on:
        yield not_applicable("link", "not configured (link.host, link.metrics_port)")
        return
    found = [*_package(context), *_files(link), *_open_password(link), *_broker(link)]
    yield from found
    if not found:
        figures = "" if link.metrics_port is None else f"figures at port {link.metrics_port} of this machine"
        broker = "" if link.host is None else f"broker {link.host}:{link.broker_port} answers"
        yield ok("link", ", ".join(filter(None, (broker, figures))))


def _package(context: CheckContext) -> Iterator[Finding]:
    if context.host.version_of(PACKAGE) is None:
        yield warning(
            "link", f"{PACKAGE} is not installed", "install the sorter with its extra link, or run install.sh"
        )


def _files(link: LinkConfig) -> Iterator[Finding]:
    for key in ("ca", "password_file", "certificate", "key", "metrics_token_file"):
        path: Path | None = getattr(link, key)
        if path is None:
            continue
        if not path.is_file():
            yield warning("link", f"link.{key} {path}: there is no such file", "put it there, or name another")
        elif key in ("password_file", "key", "metrics_token_file") and path.stat().st_mode & EVERYBODY:
            advice = f"'sudo chown root:sorter {path}' and 'sudo chmod 640 {path}'"
            yield warning("link", f"link.{key} {path}: everybody may read it", advice)


def _open_password(link: LinkConfig) -> Iterator[Finding]:
    if link.host not in (None, "localhost", "127.0.0.1") and link.password_file is not None and not link.tls:
        found = "the password goes over the network as it is, without link.tls"
        yield warning("link", found, "set link.tls, and link.ca where the broker's certificate is your own")


def _broker(link: LinkConfig) -> Iterator[Finding]:
    if link.host is None:
        return
    try:
        socket.create_connection((link.host, link.broker_port), CONNECT_S).close()
    except OSError as error:
        found = f"broker {link.host}:{link.broker_port} does not answer: {error.strerror or error}"
        yield warning(
            "link", found, "see link.host and link.port, and whether the broker runs; events wait until it does"
        )
