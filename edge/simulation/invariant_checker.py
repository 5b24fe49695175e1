"""The referee: watches a bin sort in simulation and notes every rule that it breaks."""

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from edge.actuation.phase import DiverterState
from edge.records.event_log import EventLog
from edge.service.assembly import Assembly
from edge.values import SortEvent

MOST_FRAMES_HELD = 24
"""So many pictures may be held at once: the newest, the views that are voted on, and what a film or a record keeps."""

MORE_FILES = 12
"""So many files may be open beyond those at the first look."""

LOOK_EVERY = 512
"""Steps from one look at open files to the next."""

TOLD_AFTER_S = 2.0
"""So long after an item has gone a trouble may be told that counts as a report of it, in seconds: that something has
vanished is known only afterwards."""

OPEN_FILES = Path("/proc/self/fd")

BODY_FAULTS = frozenset({"slow", "stuck_open", "stuck_closed", "power_dip", "pin_error"})
"""Faults under which a flap is not where its pin says, so that no program can know what moves."""

LOCKS = frozenset({"lid", "stop_button"})
"""Switches that hold the flaps while they are on; on the way out a relay drops all the same."""

_JITTER_S = 1e-6


class Invariant(StrEnum):
    """What must always hold."""

    FRESH = "no flap opens on a picture that is too old"
    AT_REST = "no flap opens before the item is at rest"
    ONE_MOVES = "never two flaps in motion"
    NO_HAND = "no flap sets off while a hand is in view"
    LOCKED = "no flap sets off while the lid is open or the stop button is on"
    DECIDED = "no flap opens without a decision"
    ONE_DECISION = "an item is decided at most once"
    OPENINGS = "a flap opens once for an item, and again only for one that did not fall"
    RECORDED = "each decision is exactly one event on the disk"
    HOME = "every flap is home and undriven in the end"
    BOUNDED = "memory and open files are bounded"
    RUNS = "the program does not fail for a reason that nobody foresaw"


@dataclass(frozen=True, slots=True)
class InvariantViolation:
    """A rule that was broken.

    Attributes:
        time_s: when, in seconds from the start of the scenario.
        invariant: which.
        text: what happened.
    """

    time_s: float
    invariant: Invariant
    text: str


class InvariantChecker:
    """Notes breaches; never stops anything.

    Args:
        world: the simulated bin.
        events_path: the event log's file.
        max_frame_age_s: oldest picture that a flap may open on, in seconds.
        retries: how often a flap may open again for an item that did not fall.

    Attributes:
        breaches: what was broken, in order.
        decisions: number of the world's item (None: nothing on the tray) -> the events of its decisions.
        lost: numbers of the items that were neither handled once nor reported; complete after ``end``.
        reported: numbers of the items during which, or soon after which, the operator was told of a trouble or the program
            did not run.
    """

    def __init__(self, world: Any, *, events_path: Path, max_frame_age_s: float, retries: int) -> None:
        self._world = world
        self._events_path = events_path
        self._max_frame_age_s = max_frame_age_s
        self._retries = retries
        self.breaches: list[InvariantViolation] = []
        self.decisions: defaultdict[int | None, list[SortEvent]] = defaultdict(list)
        self._keys: defaultdict[int | None, set[tuple[int, int]]] = defaultdict(set)
        self.lost: list[int] = []
        self.reported: list[int] = []
        self._assembly: Assembly | None = None
        self._reader: EventLog | None = None
        self._decided: defaultdict[int | None, int] = defaultdict(int)
        self._opened: defaultdict[int | None, int] = defaultdict(int)
        self._last: int | None = None
        self._until_s: dict[str, float] = {}
        self._trouble_s = float("-inf")
        self._unexplained: deque[Any] = deque()
        self._earlier = sum(1 for _ in self._rows()) if events_path.exists() else 0
        self._steps = 0
        self._files: int | None = None
        # Judged after the step: whatever goes wrong here must not look like the program's fault.
        self._commands: deque[Any] = deque()
        world.on_command = self._commands.append

    def start(self, assembly: Assembly) -> None:
        """The program has been started, for the first time or anew."""
        self._judge_commands()
        self._assembly = assembly
        # What the last run decided may be decided anew when it did not get that far.
        self._decided.clear()
        self._opened.clear()
        self._last = None
        self._close_reader()
        self._reader = EventLog(self._events_path, read_only=True)

    def step(self, event: SortEvent | None) -> None:
        """The program has taken one step; ``event`` is what it decided in it."""
        assert self._assembly is not None
        world = self._world
        if event is not None:
            self._note(event)
        if event is not None or self._assembly.diverter.state is not DiverterState.HOME:
            world.advance()  # hears the pins
        self._judge_commands()
        self._see_interventions()
        self._give_up_on(self._now_s - TOLD_AFTER_S)
        if self._assembly.alarms.most_urgent is not None:
            self._trouble_s = self._now_s
            self.reported += [fate.number for fate in self._unexplained]
            self._unexplained.clear()
        self._steps += 1
        if self._steps % LOOK_EVERY == 0:
            self._look_at_bounds()

    def on_item_outcome(self, fate: Any) -> None:
        """An item has gone (``hardware.world.score.ItemOutcome``)."""
        handled_once = len(fate.bins) == 1 and fate.openings > 0
        if self._trouble_s >= fate.arrive_s:
            self.reported.append(fate.number)
        elif not (handled_once or fate.bin == "withdrawn"):
            self._unexplained.append(fate)

    def stop(self, error: BaseException | None, *, foreseen: bool) -> None:
        """The program has ended; with ``error`` when it was by one. It may be started anew.

        Flaps that move from here on come home on the way out, whatever is in view.
        """
        self._judge_commands()
        self._assembly = None
        self._close_reader()
        if error is not None and not foreseen:
            self._breach(Invariant.RUNS, f"{type(error).__name__}: {error}")

    def give_up(self, why: str) -> None:
        """The program cannot be kept running."""
        self._breach(Invariant.RUNS, why)

    def down(self) -> None:
        """The program does not run at the moment."""
        self._trouble_s = self._now_s

    def end(self) -> None:
        """All is over, and the flaps have had the time to come home."""
        world = self._world
        self._judge_commands()
        self._give_up_on(self._now_s)
        # Whose flap is stuck has done all that can be done when it was told to go home.
        sound = not world.faults.kinds & BODY_FAULTS
        for bin, flap in world.flaps.items():
            if flap.is_driven or flap.commanded_opening > 0 or (sound and not flap.is_home):
                self._breach(Invariant.HOME, f"{bin} stands {flap.opening:.0%} open{', driven' * flap.is_driven}")
        if world.score().two_moving and sound:
            self._breach(Invariant.ONE_MOVES, "two flaps were under way at once")
        rows = list(islice(self._rows(), self._earlier, None))
        decided = sum(map(len, self.decisions.values()))
        # An interrupted event is one whose flap did not move after all, because the disk or a pin took its time.
        interrupted = sum(1 for row in rows if row["outcome"] == "interrupted")
        if not len(rows) - interrupted <= decided <= len(rows):
            self._breach(Invariant.RECORDED, f"{decided} decisions, {len(rows)} events on the disk")
        self._look_at_bounds()

    def _see_interventions(self) -> None:
        """What somebody stopped may open anew; after a service what lies on the tray is decided anew."""
        kinds = {spell.fault.kind for spell in self._world.faults.active}
        if kinds & {"stop_button", "service_button"}:
            self._opened.clear()
        if "service_button" in kinds:
            self._decided.clear()

    def _give_up_on(self, gone_by_s: float) -> None:
        """Nobody has told of the items that had gone by then."""
        while self._unexplained and self._unexplained[0].end_s <= gone_by_s:
            self.lost.append(self._unexplained.popleft().number)

    def _judge_commands(self) -> None:
        while self._commands:
            self._judge(self._commands.popleft())

    def _judge(self, command: Any) -> None:
        """A pin has told a flap to set off (``hardware.world.flap_command.Command``)."""
        where = f"{command.bin} {'opens' if command.opens else 'goes home'}"
        breach = partial(self._breach, time_s=command.time_s)
        if self._assembly is not None and command.with_hand:
            breach(Invariant.NO_HAND, f"{where}, a hand covers {command.seen.hand:.0%} of the picture")
        if self._assembly is not None and command.faults & LOCKS:
            breach(Invariant.LOCKED, f"{where}, {' and '.join(sorted(command.faults & LOCKS))} on")
        for bin, until_s in self._until_s.items():
            if bin != command.bin and until_s > command.time_s + _JITTER_S:
                breach(Invariant.ONE_MOVES, f"{where} while {bin} is under way")
        self._until_s[command.bin] = command.time_s + command.travel_s
        if not command.opens:
            return
        age_s = float("inf") if command.seen is None else command.time_s - command.seen.shown_s
        if age_s > self._max_frame_age_s + _JITTER_S:
            breach(Invariant.FRESH, f"{where}, the newest picture shows what was {age_s:.2f} s ago")
        if not command.at_rest:
            breach(Invariant.AT_REST, f"{where} while item {command.item} moves")
        # With nothing on the tray it is about what was there last: that it fell may be hard to see.
        item = self._last if command.item is None else command.item
        self._opened[item] += 1
        if not self._decided[item]:
            breach(Invariant.DECIDED, f"{where}, item {command.item}")
        elif self._opened[item] > self._decided[item] * (1 + self._retries):
            breach(Invariant.OPENINGS, f"{where}, for the {self._opened[item]}. time for item {item}")

    @property
    def _now_s(self) -> float:
        return float(self._world.now_s)

    def _note(self, event: SortEvent) -> None:
        """The program has decided."""
        item = self._world.number_on_tray
        self.decisions[item].append(event)
        self._decided[item] += 1
        self._last = item
        assert self._reader is not None
        assert self._assembly is not None
        key = (self._assembly.events.session, event.number)
        self._keys[item].add(key)
        # Only for an item that was decided before is it worth to go through the whole log.
        since_s = 0.0 if self._decided[item] > 1 else event.wall_s
        rows = [
            row
            for row in self._reader.events(since_wall_s=since_s)
            if (row["session"], row["number"]) in self._keys[item]
        ]
        # A decision whose flap was stopped before anything fell is taken back, and its event says so.
        taken_back = sum(row["outcome"] == "interrupted" for row in rows)
        if item is not None and self._decided[item] - taken_back > 1:
            self._breach(Invariant.ONE_DECISION, f"item {item} is decided for the {self._decided[item]}. time")
        same = [row for row in rows if (row["session"], row["number"]) == key]
        if len(same) != 1:
            self._breach(Invariant.RECORDED, f"item {item}: {len(same)} events on the disk")

    def _rows(self) -> Iterator[dict[str, Any]]:
        with EventLog(self._events_path, read_only=True) as events:
            yield from events.events()

    def _look_at_bounds(self) -> None:
        held = 0 if self._assembly is None else getattr(self._assembly.camera, "frames_held", 0)
        if held > MOST_FRAMES_HELD:
            self._breach(Invariant.BOUNDED, f"{held} pictures are held")
        if not OPEN_FILES.is_dir():
            return
        files = len(list(OPEN_FILES.iterdir()))
        self._files = files if self._files is None else self._files
        if files > self._files + MORE_FILES:
            self._breach(Invariant.BOUNDED, f"{files} files are open, {self._files} were at first")

    def _close_reader(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _breach(self, invariant: Invariant, text: str, *, time_s: float | None = None) -> None:
        when_s = (self._now_s if time_s is None else time_s) - self._world.start_s
        self.breaches.append(InvariantViolation(round(when_s, 3), invariant, text))
