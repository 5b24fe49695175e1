"""Where a visitor comes from: this machine, a network that it is part of, or further away."""

import socket
import struct
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from pathlib import Path

from starlette.requests import HTTPConnection

ROUTES = Path("/proc/net/route")
"""The kernel's IPv4 routes."""

ADDRESSES = Path("/proc/net/if_inet6")
"""The machine's IPv6 addresses."""

FORWARDED = ("forwarded", "x-forwarded-for")
"""Headers by which a proxy says that it asks for somebody else."""


def address_of(connection: HTTPConnection) -> str:
    """The address that a request or WebSocket comes from; empty where there is none."""
    return "" if connection.client is None else connection.client.host


def is_on_this_machine(connection: HTTPConnection) -> bool:
    """Whether somebody on this machine asks, and not for somebody else."""
    address = _parsed(address_of(connection))
    is_forwarded = any(name in connection.headers for name in FORWARDED)
    return address is not None and address.is_loopback and not is_forwarded


def is_near(address: str, *, routes: Path = ROUTES, addresses: Path = ADDRESSES) -> bool:
    """Whether an address is this machine's, or in a network that it reaches without a router.

    Args:
        address: the address.
        routes, addresses: the kernel's tables.
    """
    found = _parsed(address)
    if found is None:
        return False
    networks = _networks_v4(routes) if isinstance(found, IPv4Address) else _networks_v6(addresses)
    return found.is_loopback or found.is_link_local or any(found in network for network in networks)


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def _networks_v4(table: Path) -> Iterator[IPv4Network]:
    """Networks of routes without a gateway. Numbers in the table are hexadecimal, in the machine's order of bytes."""
    for line in _lines(table)[1:]:
        _, destination, gateway, _, _, _, _, mask, *_ = line.split()
        if int(gateway, 16) == 0 and int(mask, 16) != 0:
            packed = [socket.inet_ntoa(struct.pack("=L", int(number, 16))) for number in (destination, mask)]
            yield IPv4Network("/".join(packed), strict=False)


def _networks_v6(table: Path) -> Iterator[IPv6Network]:
    for line in _lines(table):
        address, _, prefix, *_ = line.split()
        yield IPv6Network((int(address, 16), int(prefix, 16)), strict=False)


def _lines(table: Path) -> list[str]:
    try:
        return table.read_text(encoding="ascii").splitlines()
    except OSError:
        return []  # a machine without this kind of network
