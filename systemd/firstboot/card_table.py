"""The table of the cards, as a spreadsheet saves it."""

import csv
from pathlib import Path

from card import Card, CardError, check_card

REQUIRED = ("host_name", "key")
COLUMNS = (*REQUIRED, "bin_name", "wifi_name", "wifi_password", "wifi_country", "timezone")


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


def _key_text(value: str, folder: Path) -> str:
    """The key, from the file that the row names beside the table if it does."""
    if " " in value or not value.endswith(".pub"):
        return value
    try:
        return (folder / value).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return value
