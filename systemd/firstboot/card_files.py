"""The first-boot files of one card: those that ship, with the card's values in their lines."""

import json
import re
from pathlib import Path

from card import Card

HERE = Path(__file__).resolve().parent


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
