"""Who changed what, and when: a bounded list in the state folder."""

import json
import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TypedDict

from edge.files.bounded import read_bounded
from edge.files.state_files import is_in_the_way, own_as_folder, set_aside
from hardware.clock import Clock
from hardware.printable import one_line

log = logging.getLogger(__name__)

MOST_BYTES = 500_000
"""Size at which the list begins anew, in bytes, some 4,000 entries; the one before is kept beside it."""

MOST_CHARACTERS = 500
"""Longest text of an entry."""


class AuditEntry(TypedDict):
    """One change.

    ``who``: the account, or how somebody came in without one. ``wall_s``: since 1970 UTC. ``what``: in English, for whoever
    reads the file. ``text`` and ``values``: the same, to be translated, see ``Audit.add``; empty in older entries.
    """

    wall_s: float
    who: str
    address: str
    what: str
    text: str
    values: dict[str, str]


class Audit:
    """The list of changes. Methods may be called from any thread.

    Args:
        path: the file; its folder exists.
        clock: its wall clock is used.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._lock = threading.Lock()

    def add(self, who: str, address: str, text: str, **values: object) -> None:
        """Add an entry, and return when it is on disk. One that cannot be written is in the log alone, and stops nothing.

        Args:
            who: the account.
            address: from where.
            text: what was done, in English, marked for translation, with ``%(name)s`` where values belong.
            values: the values; one named ``role`` is to be translated, too.
        """
        shown = {name: _short(str(value)) for name, value in values.items()}
        entry = AuditEntry(
            wall_s=round(self._clock.wall_s(), 3),
            who=_short(who),
            address=_short(address),
            what=_short(text % shown if shown else text),
            text=text,
            values=shown,
        )
        log.info("page: %s (%s): %s", entry["who"], entry["address"], entry["what"])
        try:
            with self._lock:
                self._append(f"{json.dumps(entry)}\n".encode())
        except OSError as error:
            log.warning("list of changes %s: cannot be written: %s", self._path, error)

    def newest(self, most: int) -> list[AuditEntry]:
        """The last entries, newest first; what is damaged is left out.

        Args:
            most: number of entries.
        """
        found: list[AuditEntry] = []
        for path in (self._path, self._before):
            found += list(_entries(path))[::-1]
        return found[:most]

    @property
    def _before(self) -> Path:
        return self._path.with_name(f"{self._path.name}.1")

    def _append(self, line: bytes) -> None:
        if is_in_the_way(self._path):
            set_aside(self._path)
        with suppress(FileNotFoundError):
            if self._path.stat().st_size + len(line) > MOST_BYTES:
                os.replace(self._path, self._before)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(self._path, flags, 0o600)
        try:
            own_as_folder(descriptor, self._path.parent)
            os.write(descriptor, line)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def in_words(entry: AuditEntry, translate: Callable[[str], str]) -> str:
    """What was done, in a language.

    Args:
        entry: the entry.
        translate: gives a text of ours in that language.
    """
    if not entry["text"]:
        return entry["what"]
    values = {name: translate(value) if name == "role" else value for name, value in entry["values"].items()}
    try:
        return translate(entry["text"]) % values if values else translate(entry["text"])
    except (ValueError, KeyError, TypeError):
        return entry["what"]


def _short(text: str) -> str:
    return one_line(text)[:MOST_CHARACTERS]


def _entries(path: Path) -> Iterator[AuditEntry]:
    try:
        lines = read_bounded(path, 2 * MOST_BYTES).splitlines()
    except (OSError, ValueError):
        return
    for line in lines:
        with suppress(ValueError, KeyError, TypeError, RecursionError):
            entry = json.loads(line)
            yield AuditEntry(
                wall_s=float(entry["wall_s"]),
                who=str(entry["who"]),
                address=str(entry["address"]),
                what=str(entry["what"]),
                text=str(entry.get("text", "")),
                values={str(name): str(value) for name, value in dict(entry.get("values", {})).items()},
            )
