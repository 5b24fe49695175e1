"""What came of a scenario."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from edge.simulation.invariants import InvariantViolation
from edge.simulation.motion_judge import StatedException
from edge.simulation.scenario import Scenario
from edge.values import SortEvent
from hardware.world.score import SimulationScore


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """What came of a scenario.

    Attributes:
        scenario: which.
        simulated_s, real_s: its duration on the world's clock and in real time, in seconds.
        frames: number of pictures that the program got.
        starts: number of times that the program was started.
        exits: the errors that it ended with, in order.
        score: the true outcomes, counted.
        violations: the invariants that it broke.
        exceptions: how often each stated exception to "no drive moves while people are over the tray" applied.
        lost: numbers of the items that were neither handled once nor reported.
        reported: numbers of the items during which an alarm was raised, or the program did not run.
        decisions: number of the item (None: an empty tray) -> the events of its decisions.
        events: rows of the event log, oldest first.
    """

    scenario: Scenario
    simulated_s: float
    real_s: float
    frames: int
    starts: int
    exits: tuple[str, ...]
    score: SimulationScore
    violations: tuple[InvariantViolation, ...]
    exceptions: Mapping[StatedException, int]
    lost: tuple[int, ...]
    reported: tuple[int, ...]
    decisions: Mapping[int | None, tuple[SortEvent, ...]]
    events: tuple[Mapping[str, object], ...]

    @property
    def ok(self) -> bool:
        """No invariant broken, and every item handled once or reported."""
        return not self.violations and not self.lost

    def as_dict(self) -> dict[str, object]:
        """Ready for JSON: ``scenario``, ``shows``, ``seed``, ``ok``, ``simulated_s``, ``real_s``, ``frames``, ``starts``,
        ``exits``; ``score`` (counts and shares), ``items`` (the outcome of each, with ``reported`` and the ``events``
        numbers of its decisions), ``events`` (the event log's rows), ``breaches`` (``time_s``, ``invariant``, ``text``),
        ``exceptions`` (name -> how often it applied), ``lost``."""
        score = asdict(self.score)
        outcomes = score.pop("outcomes")
        del score["falls"]
        items = [
            outcome
            | {
                "reported": outcome["number"] in self.reported,
                "events": [event.number for event in self.decisions.get(outcome["number"], ())],
            }
            for outcome in outcomes
        ]
        return {
            "scenario": self.scenario.name,
            "shows": self.scenario.shows,
            "seed": self.scenario.seed,
            "ok": self.ok,
            "simulated_s": round(self.simulated_s, 3),
            "real_s": round(self.real_s, 3),
            "frames": self.frames,
            "starts": self.starts,
            "exits": list(self.exits),
            "score": score,
            "items": items,
            "events": list(self.events),
            "breaches": [asdict(one) | {"invariant": one.invariant.name.lower()} for one in self.violations],
            "exceptions": {one.name.lower(): count for one, count in sorted(self.exceptions.items())},
            "lost": list(self.lost),
        }
