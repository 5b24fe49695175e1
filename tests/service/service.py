"""The service in the container: systemctl, journal, event log and configuration."""

import json
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from tests.service.nspawn import NspawnMachine
from tests.service.shell import ServiceCheckError

CONFIG = "etc/sorter/config.yaml"
EVENTS = "var/lib/sorter/events.sqlite"


@dataclass(frozen=True)
class JournalLine:
    """A line of the journal.

    Attributes:
        time_s: time of the line, in seconds of the machine's monotonic clock.
        text: its message.
        fields: all of its fields.
    """

    time_s: float
    text: str
    fields: dict[str, Any]


class Service:
    """The sorter in a container.

    Args:
        machine: the running container.
    """

    def __init__(self, machine: NspawnMachine) -> None:
        self.machine = machine

    def show(self, name: str) -> str:
        """A property of the unit, as ``systemctl show`` prints it."""
        return self.machine.run(f"systemctl show sorter --value --property {name}").strip()

    @property
    def pid(self) -> int:
        """Process id in the container; 0 if the service is not running."""
        return int(self.show("MainPID"))

    def restart(self) -> float:
        """Restart the service and wait until it is ready; time of the call, in seconds of the monotonic clock."""
        begun_s = time.monotonic()
        self.machine.run("systemctl restart sorter", timeout_s=60)
        return begun_s

    def journal(self, since_s: float = 0.0) -> list[JournalLine]:
        """Lines of the service, and of systemd about it, oldest first, since ``since_s`` seconds of the monotonic clock."""
        text = self.machine.run("journalctl --quiet --unit sorter --output json --boot")
        lines = []
        for row in text.splitlines():
            fields = json.loads(row)
            time_s = int(fields.get("_SOURCE_MONOTONIC_TIMESTAMP", fields["__MONOTONIC_TIMESTAMP"])) / 1e6
            if time_s >= since_s and isinstance(fields.get("MESSAGE"), str):
                lines.append(JournalLine(time_s, fields["MESSAGE"], fields))
        return lines

    def wait_for_line(self, text: str, *, since_s: float, timeout_s: float) -> JournalLine:
        """Wait for the first line that contains ``text``.

        Raises:
            ServiceCheckError: there is none within ``timeout_s`` seconds.
        """

        def look() -> JournalLine | None:
            return next((line for line in self.journal(since_s) if text in line.text), None)

        found = self.machine.wait_for(f"journal line with {text!r}", look, timeout_s=timeout_s)
        assert found is not None
        return found

    def query(self, sql: str) -> list[dict[str, Any]]:
        """Rows of the event log."""
        path = self.machine.root / EVENTS
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(sql)]

    @property
    def session(self) -> dict[str, Any]:
        """The newest session of the event log."""
        return self.query("SELECT * FROM session ORDER BY id DESC LIMIT 1")[0]

    def wait_for_item(self, *, session: int | None = None, timeout_s: float = 30) -> dict[str, Any]:
        """Wait for a sorted item of a session (None: the newest one); its event.

        Raises:
            ServiceCheckError: there is none within ``timeout_s`` seconds.
        """

        def look() -> list[dict[str, Any]]:
            number = self.session["id"] if session is None else session
            return self.query(
                f"SELECT * FROM event WHERE session = {number} AND outcome = 'done' ORDER BY id DESC LIMIT 1"
            )

        return self.machine.wait_for("a sorted item", look, timeout_s=timeout_s)[0]

    @property
    def config(self) -> str:
        """Text of the configuration file."""
        return (self.machine.root / CONFIG).read_text()

    @config.setter
    def config(self, text: str) -> None:
        (self.machine.root / CONFIG).write_text(text)

    def configure(self, old: str, new: str) -> str:
        """Replace a text in the configuration file; the previous content of the file.

        Raises:
            ServiceCheckError: the file does not contain that text exactly once.
        """
        before = self.config
        if before.count(old) != 1:
            raise ServiceCheckError(f"the installed configuration has {old!r} {before.count(old)} times; expected once")
        self.config = before.replace(old, new)
        return before


def expect(good: object, text: str) -> None:
    """Check a condition of a step.

    Raises:
        ServiceCheckError: ``good`` is false.
    """
    if not good:
        raise ServiceCheckError(text)
