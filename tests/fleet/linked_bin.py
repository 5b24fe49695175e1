"""A bin of the fleet with an event log on the disk and ``sorter link`` as a process of its own, which may be killed."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from edge.link.position import PositionFile
from edge.records.event_log import EventLog
from edge.records.event_schema import EventRow
from edge.values import SortEvent
from tests.builders.configuration import write_config
from tests.fleet.event_stream import Kind


class LinkedBin:
    """One of them.

    Args:
        name: of the bin.
        folder: for all that it keeps.
        rows: items of a run, which it sorts over and over.
        port: of the broker.
        metrics_port: where its figures are.

    Attributes:
        kills: how often the link was killed.
    """

    def __init__(self, name: str, folder: Path, rows: Sequence[EventRow], *, port: int, metrics_port: int) -> None:
        folder.mkdir(parents=True)
        self.name = name
        self.metrics_port = metrics_port
        self.kills = 0
        self._rows = rows
        self._number = 0
        self._log = EventLog(folder / "events.sqlite")
        self._log.start_session(wall_s=1.0, model="m")
        self._positions = PositionFile(folder / "link" / "position.json")
        link = {"host": "127.0.0.1", "port": port, "name": name, "metrics_port": metrics_port}
        log = {"file": str(folder / "events.sqlite"), "images": str(folder / "images")}
        config = write_config(folder / "config.yaml", {"link": link, "event_log": log})
        self._command = [sys.executable, "-m", "edge", "link", "--config", str(config)]
        self._said = (folder / "link.log").open("w")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of the link's process."""
        assert self._process is not None
        return self._process.pid

    @property
    def is_through(self) -> bool:
        """Whether the broker has taken everything over, as far as the link has written it down."""
        return self._positions.read().id == self._number

    def start(self) -> None:
        """Start the link."""
        # As the service has it.
        environment = {**os.environ, "MALLOC_ARENA_MAX": "1", "MALLOC_TRIM_THRESHOLD_": "131072"}
        self._process = subprocess.Popen(self._command, stdout=self._said, stderr=self._said, env=environment)

    def sort(self, items: int) -> None:
        """Sort some."""
        names = {one.name for one in fields(SortEvent)}
        for _ in range(items):
            self._number += 1
            row: dict[str, Any] = dict(self._rows[self._number % len(self._rows)])
            changes = {"number": self._number, "wall_s": time.time()}
            event = SortEvent(**{name: value for name, value in row.items() if name in names} | changes)
            self._log.record(event)
            self._log.record_outcome(self._number, row["outcome"], fell=row["fell"])

    def kill(self) -> None:
        """Kill the link with SIGKILL, and start it again."""
        self._end(with_kill=True)
        self.kills += 1
        self.start()

    def kinds(self) -> Counter[Kind]:
        """How many of each kind are in its log."""
        return Counter((one["label"], one["bin"], one["outcome"]) for one in self._log.events())

    def close(self) -> None:
        """End it. May be called more than once."""
        self._end(with_kill=False)
        self._log.close()
        self._said.close()

    def _end(self, *, with_kill: bool) -> None:
        if self._process is not None:
            self._process.kill() if with_kill else self._process.terminate()
            self._process.wait(30)
        self._process = None
