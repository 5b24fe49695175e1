"""Watches a bin sort in simulation and notes every invariant that it violates."""

import math
from collections import deque
from pathlib import Path

from edge.actuation.phase import DiverterState
from edge.service.assembly import Assembly
from edge.simulation.command_rules import CommandRules
from edge.simulation.decision_ledger import DecisionLedger
from edge.simulation.failing_event_log import FailingEventLog
from edge.simulation.invariants import Invariant, InvariantViolation, ViolationLog
from edge.simulation.motion_judge import BODY_FAULTS, MotionBounds, MotionJudge, StatedException
from edge.simulation.outcome_audit import REPORT_WITHIN_S, OutcomeAudit
from edge.simulation.resource_bounds import ResourceBounds
from edge.values import SortEvent
from hardware.world.fault import ActiveFault
from hardware.world.flap_command import FlapCommand
from hardware.world.flap_motion import FlapMotion
from hardware.world.score import ItemOutcome
from hardware.world.world import World

CHECK_BOUNDS_EVERY = 512
"""Steps from one check of memory and open files to the next: half a minute of pictures."""

ON_TOLERANCE_S = 0.15
"""How much later than its longest time a drive may be released, in seconds: the loop's period and a step of the world."""

STOP_OFF_S = 0.05
"""How long a stop button that is off may still count as on, in seconds: its contact may bounce."""


class InvariantChecker:
    """Notes violations; never stops anything.

    Args:
        world: the simulated bin.
        events_path: the event log's file.
        bounds: what the program is allowed by its configuration.
        retries: number of times that a flap may open again for an item that did not fall.

    Attributes:
        exceptions: how often each stated exception to ``NO_PERSON`` applied.
        decisions: number of the world's item (None: an empty tray) -> the events of its decisions.
        lost: numbers of the items that were neither handled once nor reported; complete after ``end``.
        reported: numbers of the items during which, or soon after which, an alarm was raised or the program did not run.
    """

    def __init__(self, world: World, *, events_path: Path, bounds: MotionBounds, retries: int) -> None:
        self._world = world
        self._log = ViolationLog(world)
        self._ledger = DecisionLedger(world, self._log, events_path)
        self._rules = CommandRules(world, self._log, self._ledger, bounds=bounds, retries=retries)
        self._max_on_s = bounds.max_on_s
        self._judge = MotionJudge(self._log, bounds)
        self.exceptions = self._judge.exceptions
        self._audit = OutcomeAudit()
        self._bounds = ResourceBounds(self._log)
        self.decisions = self._ledger.decisions
        self.lost = self._audit.lost
        self.reported = self._audit.reported
        self._assembly: Assembly | None = None
        self._steps = 0
        # Checked after the step: whatever goes wrong here must not look like an error of the program.
        self._moves: deque[FlapCommand | FlapMotion] = deque()
        self._recorded_at: deque[int] = deque()
        self._decided = 0
        world.on_command = self._note_command
        world.on_motion = self._moves.append
        self._to_be_told = False
        self._stopped_locked = False
        # When the program took its last two steps: the last may be the moment at which it ends.
        self._looked_s = deque([-math.inf], maxlen=2)
        self._deaf: set[ActiveFault] = set()
        self._stopped_deaf = False

    @property
    def violations(self) -> list[InvariantViolation]:
        """What was violated, in order."""
        return self._log.violations

    def start(self, assembly: Assembly) -> None:
        """The program was started."""
        self._check_moves()
        self._assembly = assembly
        self._decided = 0
        self._rules.forget_openings()
        self._ledger.start()

    def step(self, event: SortEvent | None) -> None:
        """The program has taken one step; ``event`` is its decision in it."""
        assert self._assembly is not None
        self._looked_s.append(self._world.now_s)
        if event is not None:
            self._ledger.note(event, self._assembly.events.session)
            self._decided += 1
        if event is not None or self._assembly.diverter.state is not DiverterState.HOME:
            self._world.advance()  # reads the pins
        self._check_moves()
        self._note_interventions()
        self._audit.close(self._world.now_s - REPORT_WITHIN_S)
        if self._assembly.alarms.most_urgent is not None:
            self._audit.note_alarm(self._world.now_s)
        elif self._to_be_told:
            self._log.add(Invariant.TOLD, "no alarm is active")
        self._to_be_told = False
        self._steps += 1
        if self._steps % CHECK_BOUNDS_EVERY == 0:
            self._check_bounds()

    def on_item_outcome(self, outcome: ItemOutcome) -> None:
        """An item is gone."""
        self._audit.add(outcome)

    def stop(self, error: BaseException | None, *, expected: bool) -> None:
        """The program has ended, with ``error`` when it was by one. It may be restarted.

        Flaps that move from here on come home while it ends, whatever is in view.
        """
        self._check_moves()
        # It is called before the flaps come home, and for an error once more after that.
        if self._assembly is not None:
            self._note_hindrances()
        self._assembly = None
        self._ledger.stop()
        if error is not None and not expected:
            self._log.add(Invariant.RUNS, f"{type(error).__name__}: {error}")

    def _note_hindrances(self) -> None:
        """Note what keeps the flaps from coming home as the program ends: the next start brings them home."""
        active = self._world.faults.active
        # A press between two looks is seen at the next one.
        pressed = self._world.faults.active_since(self._looked_s[0] - STOP_OFF_S)
        self._stopped_locked = any(one.kind == "stop_button" for one in pressed)
        # Each flap is sent home again, after its travel at the earliest.
        second_s = self._world.now_s + min(flap.travel_s for flap in self._world.flaps.values())
        self._stopped_deaf = any(one.kind == "pin_error" and one.end_s > second_s for one in active)

    def give_up(self, reason: str) -> None:
        """The program cannot be kept running."""
        self._log.add(Invariant.RUNS, reason)

    def note_down(self) -> None:
        """The program does not run at the moment."""
        self._audit.note_down(self._world.now_s)

    def end(self) -> None:
        """The scenario is over, and the flaps have had the time to come home."""
        world = self._world
        self._check_moves()
        self._audit.close(world.now_s)
        # A program can do no more about a stuck flap than to command it home.
        sound = BODY_FAULTS.isdisjoint(world.faults.kinds)
        must_be_home = not self._stopped_locked and not self._stopped_deaf
        for bin, flap in world.flaps.items():
            if flap.is_driven or (must_be_home and (flap.commanded_opening > 0 or (sound and not flap.is_home))):
                self._log.add(Invariant.HOME, f"{bin} stands {flap.opening:.0%} open{', driven' * flap.is_driven}")
        score = world.score()
        if score.two_moving and sound:
            self._log.add(Invariant.ONE_MOVES, "two flaps were under way at once")
        deaf_s = sum(fault.end_s - fault.begin_s for fault in self._deaf)
        for bin, on_s in score.longest_on_s.items():
            if on_s > self._max_on_s.get(bin, math.inf) + deaf_s + ON_TOLERANCE_S:
                self._log.add(Invariant.ON_TIME, f"{bin} was on for {on_s:.1f} s of {self._max_on_s[bin]:g}")
        self._ledger.end()
        self._check_bounds()

    def _note_interventions(self) -> None:
        """Note what excuses the program.

        After a stop, or when somebody has seen to it, a flap may open again for an item; after a service what lies on the tray is
        decided again. A pin that takes no command cannot be let go.
        """
        kinds = {active.kind for active in self._world.faults.active}
        self._deaf.update(active for active in self._world.faults.active if active.kind == "pin_error")
        if kinds & {"stop_button", "service_button", "hand"}:
            self._rules.forget_openings()
        if "service_button" in kinds:
            self._ledger.forget_counts()

    def _check_moves(self) -> None:
        running = self._assembly is not None
        while self._moves:
            move = self._moves.popleft()
            if isinstance(move, FlapMotion):
                self._judge.judge_motion(move, running=running)
                continue
            recorded = self._recorded_at.popleft()
            if move.opens and recorded < self._decided:
                text = f"{move.bin} opens, {self._decided} decisions, {recorded} events on the disk"
                self._log.add(Invariant.RECORDED_FIRST, text, time_s=move.time_s)
            self._rules.check(move, running=running)
            self._to_be_told |= self._judge.judge_command(move, running=running) is StatedException.RELEASED

    def _note_command(self, command: FlapCommand) -> None:
        # How many events were on the disk at the command's own moment is not known any more when it is checked.
        events = None if self._assembly is None else self._assembly.events
        self._recorded_at.append(events.recorded if isinstance(events, FailingEventLog) else self._decided + 1)
        self._moves.append(command)

    def _check_bounds(self) -> None:
        camera = None if self._assembly is None else self._assembly.camera
        self._bounds.check(getattr(camera, "frames_held", 0))
