"""Which decisions were made about which item of the world, and whether the event log has each of them once."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from edge.records.event_log import EventLog
from edge.records.event_schema import EventRow
from edge.simulation.invariants import Invariant, ViolationLog
from edge.values import SortEvent
from hardware.world.world import World


class DecisionLedger:
    """Checks ``ONE_DECISION`` and ``RECORDED``.

    Args:
        world: the simulated bin.
        violations: where violations go.
        events_path: the event log's file.

    Attributes:
        decisions: number of the world's item (None: an empty tray) -> the events of its decisions.
        last_item: the item of the last decision since the program was started; None: an empty tray, or no decision.
    """

    def __init__(self, world: World, violations: ViolationLog, events_path: Path) -> None:
        self._world = world
        self._violations = violations
        self._events_path = events_path
        self.decisions: defaultdict[int | None, list[SortEvent]] = defaultdict(list)
        self.last_item: int | None = None
        self._keys: defaultdict[int | None, set[tuple[int, int]]] = defaultdict(set)
        self._counts: defaultdict[int | None, int] = defaultdict(int)
        self._reader: EventLog | None = None
        self._rows_before = len(list(self._rows())) if events_path.exists() else 0

    def count(self, item: int | None) -> int:
        """Number of decisions about an item since the program was started or serviced."""
        return self._counts[item]

    def start(self) -> None:
        """The program was started: what the last run decided may be decided again when it did not get that far."""
        self.forget_counts()
        self.last_item = None
        self.stop()
        self._reader = EventLog(self._events_path, read_only=True)

    def stop(self) -> None:
        """The program has ended."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def forget_counts(self) -> None:
        """Allow what lies on the tray to be decided again."""
        self._counts.clear()

    def note(self, event: SortEvent, session: int) -> None:
        """The program has decided, in a session of the event log."""
        # As of an opening: what is decided is what the newest picture shows.
        item = self._world.number_shown
        self.decisions[item].append(event)
        self._counts[item] += 1
        self.last_item = item
        assert self._reader is not None
        key = (session, event.number)
        self._keys[item].add(key)
        # The whole log is read only for an item that was decided before.
        since_s = 0.0 if self._counts[item] > 1 else event.wall_s
        rows = [
            row
            for row in self._reader.events(since_wall_s=since_s)
            if (row["session"], row["number"]) in self._keys[item]
        ]
        # A decision whose flap was stopped before anything fell is taken back, and its event says so.
        taken_back = sum(row["outcome"] == "interrupted" for row in rows)
        if item is not None and self._counts[item] - taken_back > 1:
            self._violations.add(Invariant.ONE_DECISION, f"item {item} is decided for the {self._counts[item]}. time")
        same = [row for row in rows if (row["session"], row["number"]) == key]
        if len(same) != 1:
            self._violations.add(Invariant.RECORDED, f"item {item}: {len(same)} events on the disk")

    def end(self) -> None:
        """Compare the number of decisions with the event log."""
        rows = list(islice(self._rows(), self._rows_before, None))
        outcomes = [row["outcome"] for row in rows]
        if len({(row["session"], row["number"]) for row in rows}) != len(rows):
            self._violations.add(Invariant.RECORDED, "an event is on the disk twice")
        decided = sum(map(len, self.decisions.values()))
        # An interrupted event is one whose flap did not move after all, because the disk or a pin took its time.
        interrupted = outcomes.count("interrupted")
        if not len(outcomes) - interrupted <= decided <= len(outcomes):
            self._violations.add(Invariant.RECORDED, f"{decided} decisions, {len(outcomes)} events on the disk")

    def _rows(self) -> Iterator[EventRow]:
        """Each event in the log."""
        with EventLog(self._events_path, read_only=True) as events:
            yield from events.events()
