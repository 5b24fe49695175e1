"""Plays a scenario: the whole bin in the simulated world, watched by the referee."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from edge.config.file import load_config
from edge.config.schema import Config
from edge.errors import ConfigError, RepeatedErrorsError, SorterError
from edge.records.event_log import EventLog
from edge.service.assembly import Assembly, assemble
from edge.service.factories import make_world
from edge.service.loop import RunStats, run_loop
from edge.simulation.failing_event_log import FailingLog
from edge.simulation.host_faults import HostFaultInjector
from edge.simulation.invariant_checker import InvariantChecker, InvariantViolation
from edge.simulation.scenario import Scenario
from edge.values import SortEvent
from hardware.clock import Clock, ManualClock, SystemClock
from hardware.errors import HardwareError

log = logging.getLogger(__name__)

IDLE_FRAME_S = 1.5
"""Time between pictures while nothing happens, in simulated seconds; the bin complains when none comes for 2 s."""

LONGEST_ITEM_S = 120.0
"""So long an item may take, on the whole, before the scenario is ended: something is wrong with the world itself."""

MOST_STARTS = 1000
"""A program that has been started so often does not run at all."""


class ScenarioObserver(Protocol):
    """Looks on while a scenario is played, e.g. to film it."""

    def step(self, assembly: Assembly, event: SortEvent | None) -> None:
        """The program has taken a step, in which it may have decided."""
        ...

    def on_item_outcome(self, fate: Any) -> None:
        """An item has gone (``hardware.world.score.ItemOutcome``)."""
        ...


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """How a scenario went.

    Attributes:
        scenario: which.
        simulated_s, real_s: how long it took, on the world's clock and on the wall.
        frames: pictures that the program got.
        starts: how often the program was started.
        exits: the errors that it ended with, in order.
        score: the truth, counted (``hardware.world.score.Score``).
        breaches: the rules that it broke.
        lost: numbers of the items that were neither handled once nor reported.
        reported: numbers of the items during which the operator was told of a trouble, or the program did not run.
        decisions: number of the item -> the events of its decisions; None: nothing lay there.
        events: the event log, oldest first.
    """

    scenario: Scenario
    simulated_s: float
    real_s: float
    frames: int
    starts: int
    exits: tuple[str, ...]
    score: Any
    breaches: tuple[InvariantViolation, ...]
    lost: tuple[int, ...]
    reported: tuple[int, ...]
    decisions: dict[int | None, tuple[SortEvent, ...]]
    events: tuple[dict[str, Any], ...]

    @property
    def ok(self) -> bool:
        """No rule broken, and every item handled once or reported."""
        return not self.breaches and not self.lost

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON: ``scenario``, ``shows``, ``seed``, ``ok``, ``simulated_s``, ``real_s``, ``frames``, ``starts``,
        ``exits``; ``score`` (counts and shares), ``items`` (the fate of each, with ``reported`` and the ``events`` numbers
        of its decisions), ``events`` (the event log's rows), ``breaches`` (``time_s``, ``invariant``, ``text``), ``lost``."""
        score = self.score.as_dict()
        fates = score.pop("fates")
        del score["falls"]
        items = [
            fate
            | {
                "reported": fate["number"] in self.reported,
                "events": [event.number for event in self.decisions.get(fate["number"], ())],
            }
            for fate in fates
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
            "breaches": [asdict(breach) | {"invariant": breach.invariant.name.lower()} for breach in self.breaches],
            "lost": list(self.lost),
        }


def scenario_config(scenario: Scenario, base: Path, state: Path, *, realtime: bool, overrides: Sequence[str]) -> Config:
    """The configuration that a scenario is played with.

    Args:
        scenario: its ``config`` wins over ``base``.
        base: the configuration file.
        state: folder for event log and pictures.
        realtime: at the speed of this world.
        overrides: as of ``--set``; they win over the scenario.

    Raises:
        ConfigError, InputMissingError: it does not fit.
    """
    try:
        return load_config(
            base,
            [
                *scenario.overrides(),
                *overrides,
                "camera.kind=sim",
                "flaps.pin_factory=mock",
                f"simulation.speed={int(realtime)}",
                f"simulation.noise={scenario.light.noise}",
                f"simulation.light_drift={scenario.light.drift}",
                f"event_log.file={state / 'events.sqlite'}",
                f"event_log.images={state / 'images'}",
                f"tray.memory={state / 'tray.npz'}",
            ],
        )
    except ConfigError as error:
        raise ConfigError(f"scenario {scenario.name}: config: {error}") from error


def run_scenario(
    scenario: Scenario,
    config: Config,
    *,
    watchers: Sequence[ScenarioObserver] = (),
    on_progress: Callable[[int], None] = lambda gone: None,
    stop: threading.Event | None = None,
) -> ScenarioResult:
    """Play a scenario from its start to its end.

    Args:
        scenario: what happens.
        config: of ``scenario_config``.
        watchers: who look on.
        on_progress: called with the number of items that have come and gone.
        stop: ends the scenario early; None: nobody does.

    Raises:
        SorterError, HardwareError: the bin or the world cannot be made.
    """
    return _Play(scenario, config, watchers, on_progress, stop or threading.Event()).run()


class _Play:
    def __init__(
        self,
        scenario: Scenario,
        config: Config,
        watchers: Sequence[ScenarioObserver],
        on_progress: Callable[[int], None],
        stop: threading.Event,
    ) -> None:
        realtime = config.simulation.speed == 1
        if realtime and any(fault.kind == "clock_step" for fault in scenario.faults):
            raise ConfigError(f"scenario {scenario.name}: clock_step needs simulated time; leave --realtime out")
        self._scenario = scenario
        self._config = config
        self._watchers = watchers
        self._on_progress = on_progress
        self._stop = stop
        self._realtime = realtime
        self._clock: Any = SystemClock() if realtime else ManualClock(wall_s=scenario.wall_s)
        self._world: Any = None
        self._referee: InvariantChecker | None = None
        self._machine: HostFaultInjector | None = None
        self._disk: FailingLog | None = None
        self._frames = self._starts = self._gone = 0
        self._exits: list[str] = []
        self._fates: deque[Any] = deque()
        self._own_error: Exception | None = None
        self._earlier = 0

    def run(self) -> ScenarioResult:
        begin_s = time.perf_counter()
        start_s = self._clock.now_s()
        items = len(self._scenario.arrivals())
        last_s = max([0.0, *(arrival["at_s"] or 0.0 for arrival in self._scenario.arrivals())])
        last_s = max([last_s, *((fault.at_s or 0.0) + (fault.for_s or 0.0) for fault in self._scenario.faults)])
        end_s = start_s + (self._scenario.duration_s or last_s + LONGEST_ITEM_S * (items + 1))
        with EventLog(self._config.event_log.file) as events:
            # Flaps stand open after a stop that was no clean one, and the record says so.
            events.start_session(wall_s=self._clock.wall_s(), model="")
            self._earlier = events.session
            if not self._scenario.start_open:
                events.end_session(wall_s=self._clock.wall_s())
        while True:
            self._serve(end_s)
            over = self._machine is not None and self._machine.stopped
            if over or self._stop.is_set() or self._world.finished or self._clock.now_s() >= end_s:
                break
            if self._starts >= MOST_STARTS:
                assert self._referee is not None
                self._referee.give_up(f"it ended {MOST_STARTS} times, the last with {self._exits[-1:]}")
                break
            self._wait(self._scenario.restart_s)
        # Long enough for the slowest flap to come home.
        self._wait(3.0 * max(flap.travel_s for flap in self._world.flaps.values()) + 1.0)
        assert self._referee is not None
        self._referee.end()
        with EventLog(self._config.event_log.file, read_only=True) as events:
            rows = tuple(row for row in events.events() if row["session"] > self._earlier)
        return ScenarioResult(
            scenario=self._scenario,
            simulated_s=self._clock.now_s() - start_s,
            real_s=time.perf_counter() - begin_s,
            frames=self._frames,
            starts=self._starts,
            exits=tuple(self._exits),
            score=self._world.score(),
            breaches=tuple(self._referee.breaches),
            lost=tuple(self._referee.lost),
            reported=tuple(self._referee.reported),
            decisions={item: tuple(events) for item, events in self._referee.decisions.items()},
            events=rows,
        )

    def _serve(self, end_s: float) -> None:
        """Start the program and let it run until it ends, for whatever reason."""
        stop = threading.Event()
        error: BaseException | None = None
        self._starts += 1
        assembly: Assembly | None = None
        try:
            with assemble(self._config, clock=self._clock, world=self._connect, open_events=self._open) as assembly:
                assert self._referee is not None
                self._referee.start(assembly)

                before = self._frames

                def on_step(tally: RunStats, event: SortEvent | None) -> None:
                    assert assembly is not None
                    self._frames = before + tally.frames
                    self._step(assembly, event, stop)

                try:
                    run_loop(assembly, stop, duration_s=max(end_s - self._clock.now_s(), 0.0), on_step=on_step)
                finally:
                    # What happens from here on is the way out: flaps come home whatever is in view.
                    self._world.advance()
                    self._referee.stop(None, foreseen=True)
        except Exception as problem:
            if self._world is None or problem is self._own_error:
                raise  # it never ran, or it is not the program that failed
            error = problem
        if error is not None:
            foreseen = isinstance(error, SorterError | HardwareError) and not isinstance(error, RepeatedErrorsError)
            self._exits.append(f"{type(error).__name__}: {error}")
            log.warning("the program ended: %s", self._exits[-1])
            assert self._referee is not None
            self._referee.stop(error, foreseen=foreseen)

    def _step(self, assembly: Assembly, event: SortEvent | None, stop: threading.Event) -> None:
        assert self._referee is not None
        assert self._machine is not None
        try:
            self._referee.step(event)
            self._machine.step(self._disk, assembly.diverter.state, stop)
            for watcher in self._watchers:
                watcher.step(assembly, event)
            self._tell_fates()
        except Exception as error:
            self._own_error = error
            raise
        if self._stop.is_set():
            stop.set()

    def _tell_fates(self) -> None:
        assert self._referee is not None
        while self._fates:
            fate = self._fates.popleft()
            self._referee.on_item_outcome(fate)
            self._gone += 1
            self._on_progress(self._gone)
            for watcher in self._watchers:
                watcher.on_item_outcome(fate)

    def _wait(self, seconds: float) -> None:
        """Time passes while the program does not run."""
        never = threading.Event()
        end_s = self._clock.now_s() + seconds
        while self._clock.now_s() < end_s:
            self._clock.wait(never, 0.1)
            self._world.advance()
            assert self._referee is not None
            assert self._machine is not None
            self._referee.down()
            self._machine.step(self._disk, None, never)
            self._tell_fates()

    def _open(self, path: Path) -> EventLog:
        reason = None if self._disk is None else self._disk.reason
        self._disk = FailingLog(path)
        self._disk.reason = reason
        return self._disk

    def _connect(self, config: Config, clock: Clock, pin_factory: Any) -> Any:
        """The world, around the pins of a program that has just been started."""
        if self._world is not None:
            self._world.connect(pin_factory)
            return self._world
        scenario = self._scenario
        self._world = make_world(
            config,
            clock,
            pin_factory,
            photos=scenario.folder,
            listing=scenario.listing,
            seed=scenario.seed,
            noise_sigma=scenario.light.noise,
            light_drift=scenario.light.drift,
            start_open=scenario.start_open,
            lost_after_s=scenario.lost_after_s,
            arrivals=scenario.arrivals(),
            faults=[fault.model_dump() for fault in scenario.faults],
            tray=scenario.tray.model_dump(),
            light_steps=[step.model_dump() for step in scenario.light.steps],
            mechanics={bin: body.model_dump() for bin, body in scenario.flaps.items()},
            patience_s=scenario.patience_s,
            idle_frame_s=None if self._realtime else IDLE_FRAME_S,
        )
        self._world.on_fate = self._fates.append
        self._machine = HostFaultInjector(self._world, self._clock)
        self._referee = InvariantChecker(
            self._world,
            events_path=config.event_log.file,
            max_frame_age_s=config.camera.max_frame_age_s,
            retries=config.flaps.retries,
        )
        return self._world
