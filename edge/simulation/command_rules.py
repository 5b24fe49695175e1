"""Checks each command to a flap against the truth at its moment."""

import math
from collections import defaultdict
from functools import partial

from edge.simulation.decision_ledger import DecisionLedger
from edge.simulation.invariants import Invariant, ViolationLog
from edge.simulation.motion_judge import MotionBounds
from hardware.world.flap_command import FlapCommand
from hardware.world.world import World

LOCKS = frozenset({"lid", "stop_button"})
"""Switches that hold the flaps while they are on; while the program ends, a relay drops all the same."""

_JITTER_S = 1e-6
"""Time differences below this are rounding, in seconds."""

PERIOD_S = 0.1
"""Longest period of the loop, in seconds: what a drive's own sequence commands between two steps, such as a carousel's gate, is
stopped in the next."""


class CommandRules:
    """Checks ``FRESH``, ``AT_REST``, ``ONE_MOVES``, ``LOCKED``, ``DECIDED`` and ``OPENINGS``.

    Args:
        world: the simulated bin.
        violations: where violations go.
        ledger: the decisions.
        bounds: what the program is allowed by its configuration.
        retries: number of times that a flap may open again for an item that did not fall.
    """

    def __init__(
        self, world: World, violations: ViolationLog, ledger: DecisionLedger, *, bounds: MotionBounds, retries: int
    ) -> None:
        self._world = world
        self._violations = violations
        self._ledger = ledger
        self._bounds = bounds
        self._retries = retries
        self._opened: defaultdict[int | None, int] = defaultdict(int)
        self._until_s: dict[str, float] = {}

    def forget_openings(self) -> None:
        """Allow a flap to open again for what lies on the tray."""
        self._opened.clear()

    def check(self, command: FlapCommand, *, running: bool) -> None:
        """Check a command; ``running``: whether the program runs, or else ends and brings the flaps home."""
        where = f"{command.bin} {'opens' if command.opens else 'goes home'}"
        violated = partial(self._violations.add, time_s=command.time_s)
        # A drive that was let go for its own sake is told of (``TOLD``).
        locks = self._locks(command)
        if running and locks and not self._bounds.is_release(command):
            violated(Invariant.LOCKED, f"{where}, {' and '.join(locks)} on")
        for bin, until_s in self._until_s.items():
            if bin != command.bin and until_s > command.time_s + _JITTER_S:
                violated(Invariant.ONE_MOVES, f"{where} while {bin} is under way")
        self._until_s[command.bin] = command.time_s + command.travel_s
        if not command.opens:
            return
        age_s = self._age_s(command)
        if age_s > self._bounds.max_frame_age_s + PERIOD_S + _JITTER_S:
            violated(Invariant.FRESH, f"{where}, the newest picture shows what was {age_s:.2f} s ago")
        if not command.at_rest:
            violated(Invariant.AT_REST, f"{where} while item {command.item} moves")
        # With nothing on the tray it is about the last item there: that it fell may be hard to see.
        item = self._ledger.last_item if command.item is None else command.item
        self._opened[item] += 1
        if not self._ledger.count(item):
            violated(Invariant.DECIDED, f"{where}, item {command.item}")
        elif self._opened[item] > self._ledger.count(item) * (1 + self._retries):
            violated(Invariant.OPENINGS, f"{where}, for the {self._opened[item]}. time for item {item}")

    def _locks(self, command: FlapCommand) -> list[str]:
        """The switches that forbade a command, and had done so for long enough to be read."""
        known_s = command.time_s - PERIOD_S
        on = {one.kind for one in self._world.faults.active if one.kind in LOCKS and one.begin_s <= known_s}
        return sorted(on & command.faults)

    def _age_s(self, command: FlapCommand) -> float:
        """How old what the newest picture shows is, in seconds."""
        if command.seen is None:
            return math.inf
        # No program can tell that a stamp lies: a bin with such a camera has a lid or a light barrier instead.
        goes_by_stamp = self._bounds.has_lid and "lag" in command.faults
        return command.time_s - (command.seen.time_s if goes_by_stamp else command.seen.shown_s)
