#!/usr/bin/env python3
"""Makes the first-boot files of many cards from one table, a folder for each.

python3 systemd/firstboot/make_cards.py bins.csv cards/ [--archive sorter.tar.gz] [--watchdog] [--log-in-memory]

The table is a CSV file as any spreadsheet saves it; bins.csv beside this file is an example. Nothing is written before every row
is in order. Needs Python 3.11 or newer, and nothing else.
"""

import argparse
import base64
import binascii
import csv
import json
import re
import shutil
import struct
import sys
import tarfile
import zlib
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).resolve().parent

REQUIRED = ("host_name", "key")
COLUMNS = (*REQUIRED, "bin_name", "wifi_name", "wifi_password", "wifi_country", "timezone")

EX_DATA = 65
"""Exit code: the table is wrong (sysexits.h)."""

HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
"""A name in the network: RFC 1123, in small letters, since capitals are no difference there."""

KEY_BYTES = {"ssh-ed25519": 32}
"""Kind of a public key -> bytes of its number, where all have the same."""

KEY_KINDS = (*KEY_BYTES, "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa")

RSA_BYTES = 256
"""Bytes of the modulus from which OpenSSH still takes an RSA key: 2048 bits."""

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


def read_table(path: Path) -> list[Card]:
    """Read a table and check every row.

    Raises:
        OSError: it cannot be read.
        CardError: it is no such table, or rows are wrong; a line for each error, with its line in the table.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise CardError(f"{path}: is not UTF-8; save it as 'CSV UTF-8'") from error
    head = lines[0] if lines else ""
    # Spreadsheets separate by semicolons where the comma is the decimal point.
    rows = csv.DictReader(lines, delimiter=";" if head.count(";") > head.count(",") else ",", restkey="", strict=True)
    names = [name.strip() for name in rows.fieldnames or ()]
    rows.fieldnames = names
    unknown, missing = [name for name in names if name not in COLUMNS], [name for name in REQUIRED if name not in names]
    if unknown or missing or len(set(names)) < len(names):
        what = [f"{', '.join(missing)} missing"] if missing else []
        what += [f"{name!r} unknown" for name in unknown]
        raise CardError(f"{path} line 1: {'; '.join(what) or 'a column twice'}; columns are {', '.join(COLUMNS)}")
    cards: list[Card] = []
    errors: list[str] = []
    seen: dict[str, int] = {}
    try:
        for row in rows:
            values = {name: row[name] or "" for name in names}
            # A password may begin or end with a space.
            values = {name: value if name == "wifi_password" else value.strip() for name, value in values.items()}
            if not any(values.values()):
                continue
            problems = ["more values than columns"] if row.get("") else []
            card = Card(**(values | {"key": _key_text(values["key"], path.parent)}))
            problems += check_card(card)
            if card.host_name in seen:
                problems.append(f"host_name {card.host_name!r}: line {seen[card.host_name]} has it already")
            seen.setdefault(card.host_name, rows.line_num)
            errors += [f"{path} line {rows.line_num}: {problem}" for problem in problems]
            cards.append(card)
    except csv.Error as error:
        errors.append(f"{path} line {rows.line_num}: {error}")
    if errors:
        raise CardError("\n".join(errors))
    if not cards:
        raise CardError(f"{path}: has no row below its columns")
    return cards


def check_card(card: Card) -> Iterator[str]:
    """What is wrong with a row, each with what was expected."""
    if not HOST_NAME.fullmatch(card.host_name):
        yield f"host_name {card.host_name!r}: expected small letters, digits and hyphens, at most 63, e.g. bin-07"
    yield from _check_key(card.key)
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


def _key_text(value: str, folder: Path) -> str:
    """The key, from the file that the row names beside the table if it does."""
    if " " in value or not value.endswith(".pub"):
        return value
    try:
        return (folder / value).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return value


def _check_key(key: str) -> Iterator[str]:
    """A public key as OpenSSH writes it: kind, number in base64, comment."""
    if "PRIVATE KEY" in key:
        yield "key: this is the private key, which stays on your computer; expected the line of the file that ends in .pub"
        return
    kind, _, rest = key.partition(" ")
    expected = "expected the line of a .pub file ('ssh-ed25519 AAAA... you@office'), or the file's name"
    if kind not in KEY_KINDS or not key.isprintable():
        yield f"key {key[:30]!r}: {expected}"
        return
    try:
        parts = list(_parts(base64.b64decode(rest.split(" ")[0], validate=True)))
    except (binascii.Error, struct.error, ValueError):
        yield f"key {kind}: is cut or changed; {expected}"
        return
    number = parts[-1] if len(parts) > 1 else b""
    if not number or parts[0] != kind.encode() or len(number) != KEY_BYTES.get(kind, len(number)):
        yield f"key {kind}: is cut or changed; {expected}"
    elif kind == "ssh-rsa" and len(number.lstrip(b"\0")) < RSA_BYTES:
        bits = len(number.lstrip(b"\0")) * 8
        yield f"key ssh-rsa: has {bits} bits, expected 2048 or more; make one with ssh-keygen -t ed25519"


def _parts(blob: bytes) -> Iterator[bytes]:
    """The fields of a public key, each after its length (RFC 4253)."""
    at = 0
    while at < len(blob):
        (length,) = struct.unpack_from(">I", blob, at)
        part = blob[at + 4 : at + 4 + length]
        if len(part) < length:
            raise ValueError("is cut")
        yield part
        at += 4 + length


def make_files(card: Card, options: str) -> dict[str, str]:
    """Name -> text of a card's first-boot files: those that ship, with the row's values in their lines."""
    user_data = (HERE / "user-data").read_text(encoding="utf-8")
    user_data = _set_line(user_data, r"hostname: .*", f"hostname: {_quoted(card.host_name)}")
    user_data = _set_line(user_data, r"timezone: .*", f"timezone: {_quoted(card.timezone or 'Etc/UTC')}")
    user_data = _set_line(
        user_data, r"    # ssh_authorized_keys: .*", f"    ssh_authorized_keys: [{_quoted(card.key)}]"
    )
    user_data = _set_line(user_data, r"    # (sudo: ALL=\(ALL\) NOPASSWD:ALL)", r"    \1", plain=False)
    user_data = _set_line(user_data, r"      --persistent-journal", f"      {options}")
    if card.bin_name:
        info = f"  - path: /etc/machine-info\n    content: |\n      PRETTY_HOSTNAME={_quoted(card.bin_name)}"
        user_data = _set_line(user_data, r"write_files:", f"write_files:\n{info}")
    network = (HERE / "network-config").read_text(encoding="utf-8")
    if card.wifi_name:
        network = re.sub(r"^#", "", network.partition("\n")[2], flags=re.MULTILINE)
        network = _set_line(
            network, r" *regulatory-domain: .*", f"      regulatory-domain: {_quoted(card.wifi_country)}"
        )
        network = _set_line(network, r' *"name of your network":', f"        {_quoted(card.wifi_name)}:")
        network = _set_line(network, r" *password: .*", f"          password: {_quoted(card.wifi_password)}")
    meta = _set_line(
        (HERE / "meta-data").read_text(encoding="utf-8"),
        r"instance-id: .*",
        f"instance-id: {_quoted(f'{card.host_name}-1')}",
    )
    return {"user-data": user_data, "network-config": network, "meta-data": meta}


def _set_line(text: str, pattern: str, line: str, *, plain: bool = True) -> str:
    """Replace the one line that matches a pattern."""
    made, count = re.subn(f"^{pattern}$", (lambda match: line) if plain else line, text, flags=re.MULTILINE)
    if count != 1:
        raise RuntimeError(f"the first-boot files beside this program have {count} lines {pattern!r}, expected one")
    return made


def _quoted(text: str) -> str:
    """A text as YAML reads it back: JSON is YAML, and what cannot be printed was refused. Without quotes, NO would be false."""
    return json.dumps(text, ensure_ascii=False)


def write_cards(cards: list[Card], folder: Path, *, options: str, archive: Path | None) -> None:
    """Write a folder for each card, which only you may read: it holds the Wi-Fi's password.

    Raises:
        OSError: it cannot be written.
    """
    for card in cards:
        place = folder / card.host_name
        place.mkdir(mode=0o700, parents=True)
        for name, text in make_files(card, options).items():
            (place / name).write_text(text, encoding="utf-8", newline="\n")
        if archive is not None:
            shutil.copyfile(archive, place / "sorter.tar.gz")


def check_archive(path: Path) -> None:
    """Raises CardError: it is no archive of the project that the first boot could unpack and install."""
    expected = "expected one as 'git archive --prefix sorter/ --output sorter.tar.gz HEAD' makes it"
    try:
        with tarfile.open(path, "r:gz") as archive:
            # The first boot leaves the outermost folder out.
            names = {name.partition("/")[2] for name in archive.getnames()}
    except (OSError, EOFError, zlib.error, tarfile.TarError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise CardError(f"--archive {path}: {reason}; {expected}") from error
    if "systemd/install.sh" not in names:
        raise CardError(f"--archive {path}: has no FOLDER/systemd/install.sh; {expected}")


def main() -> int:
    """Read the table, write the folders; exit code 65 if the table is wrong."""
    parser = argparse.ArgumentParser(prog="make_cards.py", description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("table", type=Path, metavar="TABLE", help=f"CSV file with the columns {', '.join(COLUMNS)}")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where to; must be empty or missing")
    parser.add_argument("--archive", type=Path, metavar="FILE", help="archive of the project, copied into each folder")
    parser.add_argument("--watchdog", action="store_true", help="every board restarts when its system hangs")
    parser.add_argument("--log-in-memory", action="store_true", help="leave the log where the system has it, in memory")
    arguments = parser.parse_args()
    options = [] if arguments.log_in_memory else ["--persistent-journal"]
    options += ["--watchdog"] if arguments.watchdog else []
    try:
        cards = read_table(arguments.table)
        if arguments.archive is not None:
            check_archive(arguments.archive)
        if arguments.folder.exists() and any(arguments.folder.iterdir()):
            raise CardError(f"{arguments.folder}: is not empty; name another folder")
        write_cards(cards, arguments.folder, options=" ".join(options), archive=arguments.archive)
    except CardError as error:
        sys.stderr.write("".join(f"make_cards: {line}\n" for line in str(error).splitlines()))
        return EX_DATA
    except OSError as error:
        sys.stderr.write(f"make_cards: {error.filename}: {error.strerror}\n")
        return EX_DATA
    archive = (
        ""
        if arguments.archive
        else ", and your sorter.tar.gz too, which is not in there (--archive FILE puts it there)"
    )
    place = f"{arguments.folder}/HOST_NAME"
    sys.stdout.write(f"{len(cards)} cards: copy what is in {place} onto the bootfs of each card{archive}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
