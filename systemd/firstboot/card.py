"""What a card is to hold, and what is wrong with it."""

import re
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from public_key import check_key

HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
"""A name in the network: RFC 1123, in small letters, since capitals are no difference there."""

LEAST_PASSWORD, MOST_PASSWORD = 8, 63
"""Characters of a WPA password (IEEE 802.11)."""

MOST_SSID_BYTES = 32
MOST_BIN_NAME = 64
"""Characters of a bin's name: hostnamectl shows it as the machine's pretty name."""

QUOTED = '"\\$`'
"""Characters that mean something in /etc/machine-info, and that no bin's name needs."""


class CardError(ValueError):
    """A table, or a row of it, cannot be used. Its text says what was expected."""


@dataclass(frozen=True)
class Card:
    """One row of the table.

    Attributes:
        host_name: the bin's name in the network.
        key: public key of whoever may log in.
        bin_name: what people call the bin; empty: nothing.
        wifi_name, wifi_password, wifi_country: the network; empty: a cable.
        timezone: e.g. ``Europe/Berlin``; empty: UTC.
    """

    host_name: str
    key: str
    bin_name: str = ""
    wifi_name: str = ""
    wifi_password: str = ""
    wifi_country: str = ""
    timezone: str = ""


def check_card(card: Card) -> Iterator[str]:
    """What is wrong with a row, each with what was expected."""
    if not HOST_NAME.fullmatch(card.host_name):
        yield f"host_name {card.host_name!r}: expected small letters, digits and hyphens, at most 63, e.g. bin-07"
    yield from check_key(card.key)
    if len(card.bin_name) > MOST_BIN_NAME or not card.bin_name.isprintable() or set(QUOTED) & set(card.bin_name):
        odd = [one for one in card.bin_name if one in QUOTED or not one.isprintable()]
        what = f"has {odd[0]!a}" if odd else f"has {len(card.bin_name)} characters"
        expected = f"at most {MOST_BIN_NAME} characters, all printable, none of {' '.join(QUOTED)}"
        yield f"bin_name {card.bin_name!r}: {what}; expected {expected}"
    if card.timezone and not (card.timezone in _zones() if _zones() else re.fullmatch(r"[\w+/-]+", card.timezone)):
        yield f"timezone {card.timezone!r}: expected one of 'timedatectl list-timezones', e.g. Europe/Berlin"
    yield from _check_wifi(card)


def _check_wifi(card: Card) -> Iterator[str]:
    if not card.wifi_name:
        if card.wifi_password or card.wifi_country:
            yield "wifi_name: missing, but there is a password or a country; leave all three empty for a cable"
        return
    if len(card.wifi_name.encode()) > MOST_SSID_BYTES or not card.wifi_name.isprintable():
        yield f"wifi_name: expected at most {MOST_SSID_BYTES} bytes, and nothing that cannot be printed"
    # Never the password itself: this goes to a terminal, and perhaps into a log.
    length = len(card.wifi_password)
    odd = [at for at, one in enumerate(card.wifi_password, 1) if not (one.isascii() and one.isprintable())]
    if odd or not LEAST_PASSWORD <= length <= MOST_PASSWORD:
        what = f"has {length} characters" + (f", number {odd[0]} is none of ASCII" if odd else "")
        yield f"wifi_password: {what}; expected {LEAST_PASSWORD} to {MOST_PASSWORD} of ASCII"
    if not re.fullmatch(r"[A-Z]{2}", card.wifi_country) or (_countries() and card.wifi_country not in _countries()):
        expected = "expected the two capitals of a country, e.g. GB (not UK): without it the radio stays off"
        yield f"wifi_country {card.wifi_country!r}: {expected}"


@cache
def _zones() -> set[str]:
    """Time zones that this computer knows; empty where Python finds none."""
    return zoneinfo.available_timezones()


@cache
def _countries() -> set[str]:
    """Codes of ISO 3166 from the time zones' folder; empty where there is none."""
    files = [Path(folder, "iso3166.tab") for folder in zoneinfo.TZPATH]
    text = next((file.read_text(encoding="utf-8") for file in files if file.is_file()), "")
    return {line[:2] for line in text.splitlines() if not line.startswith("#")}
