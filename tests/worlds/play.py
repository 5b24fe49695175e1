"""Plays one random world, and says what came of it."""

import logging
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from edge.config.schema import Config
from edge.inference.classifier import Classifier
from edge.service import assembly, factories
from edge.simulation.random_worlds import RandomWorld, random_world
from edge.simulation.result import ScenarioResult
from edge.simulation.scenario_config import scenario_config
from edge.simulation.scenario_runner import run_scenario
from tests.paths import ROOT

SHARED_MEMORY = Path("/dev/shm")
"""Where the state of a world lies, if there is one: ten thousand worlds need not wear a disk."""


@dataclass(frozen=True)
class WorldReport:
    """What came of one world."""

    seed: int
    violations: list[tuple[float, str, str]]
    exceptions: dict[str, int]
    simulated_s: float
    cpu_s: float
    items: int
    openings: int
    moves_under_people: int
    longest_on_s: float
    lost: int
    error: str | None = None
    kinds: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.violations and self.error is None


def play(world: RandomWorld) -> ScenarioResult:
    """Play a world from start to end; its state is thrown away."""
    folder = SHARED_MEMORY if SHARED_MEMORY.is_dir() else None
    before, assembly.load_classifier = assembly.load_classifier, _shared_classifier
    try:
        with tempfile.TemporaryDirectory(prefix="world-", dir=folder) as state:
            config = scenario_config(
                world.scenario, ROOT / "config.yaml", Path(state), realtime=False, overrides=world.overrides
            )
            return run_scenario(world.scenario, config)
    finally:
        assembly.load_classifier = before


def report(seed: int) -> WorldReport:
    """Play the world of a number."""
    logging.getLogger().setLevel(logging.CRITICAL)
    begin_s = time.process_time()
    world = random_world(seed)
    try:
        result = play(world)
    except Exception as error:
        return WorldReport(
            seed, [], {}, 0, time.process_time() - begin_s, 0, 0, 0, 0, 0, f"{type(error).__name__}: {error}"
        )
    return WorldReport(
        seed,
        [(one.time_s, one.invariant.name, one.text) for one in result.violations],
        {one.name: count for one, count in sorted(result.exceptions.items())},
        round(result.simulated_s, 2),
        round(time.process_time() - begin_s, 3),
        result.score.items,
        sum(outcome.openings for outcome in result.score.outcomes),
        result.score.moves_with_hand,
        round(max(result.score.longest_on_s.values(), default=0.0), 2),
        len(result.lost),
        kinds=sorted({fault.kind for fault in world.scenario.faults}),
    )


def report_line(seed: int) -> dict[str, Any]:
    """The report of a number's world, ready for JSON. Here, because a process that is started anew finds it by its module."""
    return asdict(report(seed))


class _SharedClassifier:
    """The one of this process: a model takes longer to load than to sort three items, and keeps nothing from view to view."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier

    def close(self) -> None:
        """The next world needs it."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._classifier, name)


def _shared_classifier(config: Config, file: Path | None = None) -> Any:
    key = str(config.model.file)
    if key not in _CLASSIFIERS:
        _CLASSIFIERS[key] = factories.load_classifier(config, file)
    return _SharedClassifier(_CLASSIFIERS[key])


_CLASSIFIERS: dict[str, Classifier] = {}
