"""Runs a scenario: the whole bin in the simulated world, watched by the invariant checker."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from edge.config.schema import Config
from edge.errors import ConfigError, RepeatedErrorsError, SorterError
from edge.records.event_log import EventLog
from edge.records.writer import Writer, make_writer
from edge.service.assembly import Assembly, assemble
from edge.service.loop import RunStats, run_loop
from edge.simulation.delayed_writer import DelayedWriter
from edge.simulation.failing_event_log import FailingEventLog
from edge.simulation.host_faults import HostFaultInjector
from edge.simulation.invariant_checker import InvariantChecker
from edge.simulation.motion_bounds import motion_bounds
from edge.simulation.observer import ScenarioObserver
from edge.simulation.result import ScenarioResult
from edge.simulation.scenario import Scenario
from edge.simulation.scenario_world import make_scenario_world
from edge.values import SortEvent
from hardware.clock import Clock, ManualClock, SystemClock
from hardware.errors import HardwareError
from hardware.pin_factory import PinFactory
from hardware.world.score import ItemOutcome
from hardware.world.world import World

log = logging.getLogger(__name__)

LONGEST_ITEM_S = 120.0
"""Longest time that an item may take, on average, in seconds; after it the scenario is ended: the world itself is wrong."""

MOST_STARTS = 1000
"""Number of starts after which the program counts as unable to run."""

HOMING_TRAVELS, HOMING_MARGIN_S = 3.0, 1.0
"""Time for the flaps to come home in the end, in travel times of the slowest flap, and in seconds on top."""

NOT_IN_REAL_TIME = frozenset({"clock_step", "slow_commit"})
"""Faults of the computer that cannot be played on the real clock and the real disk."""

DOWN_STEP_S = 0.1
"""Step of time while the program does not run, in seconds."""


def run_scenario(
    scenario: Scenario,
    config: Config,
    *,
    observers: Sequence[ScenarioObserver] = (),
    on_progress: Callable[[int], None] = lambda gone: None,
    stop: threading.Event | None = None,
) -> ScenarioResult:
    """Run a scenario from its start to its end.

    Args:
        scenario: what happens.
        config: of ``scenario_config``.
        observers: are called at every step.
        on_progress: called with the number of items that have come and gone.
        stop: ends the scenario early; None: it is not.

    Raises:
        SorterError, HardwareError: the bin or the world cannot be made.
    """
    return _ScenarioRun(scenario, config, observers, on_progress, stop or threading.Event()).run()


class _ScenarioRun:
    def __init__(
        self,
        scenario: Scenario,
        config: Config,
        observers: Sequence[ScenarioObserver],
        on_progress: Callable[[int], None],
        stop: threading.Event,
    ) -> None:
        realtime = config.simulation.speed == 1
        for fault in scenario.faults:
            if realtime and fault.kind in NOT_IN_REAL_TIME:
                raise ConfigError(f"scenario {scenario.name}: {fault.kind} needs simulated time; leave --realtime out")
        self._scenario = scenario
        self._config = config
        self._observers = observers
        self._on_progress = on_progress
        self._stop = stop
        self._clock: Clock = SystemClock() if realtime else ManualClock(wall_s=scenario.wall_s)
        self._event_log: FailingEventLog | None = None
        self._writer: DelayedWriter | None = None
        self._watch: _Watch | None = None
        self._frames = self._starts = self._gone = 0
        self._exits: list[str] = []
        self._outcomes: deque[ItemOutcome] = deque()
        self._observer_error: Exception | None = None

    def run(self) -> ScenarioResult:
        begin_s = time.perf_counter()
        start_s = self._clock.now_s()
        end_s = start_s + self._longest_s()
        earlier = self._record_last_stop()
        while True:
            self._run_program(end_s)
            watch = self._made
            over = watch.host_faults.stopped or self._stop.is_set() or watch.world.finished
            if over or self._clock.now_s() >= end_s:
                break
            if self._starts >= MOST_STARTS:
                watch.checker.give_up(f"it ended {MOST_STARTS} times, the last with {self._exits[-1:]}")
                break
            self._pass_time(self._scenario.restart_s)
        slowest_s = max(flap.travel_s for flap in watch.world.flaps.values())
        self._pass_time(HOMING_TRAVELS * slowest_s + HOMING_MARGIN_S)
        watch.checker.end()
        with EventLog(self._config.event_log.file, read_only=True) as events:
            rows = tuple(row for row in events.events() if row["session"] > earlier)
        return ScenarioResult(
            scenario=self._scenario,
            simulated_s=self._clock.now_s() - start_s,
            real_s=time.perf_counter() - begin_s,
            frames=self._frames,
            starts=self._starts,
            exits=tuple(self._exits),
            score=watch.world.score(),
            violations=tuple(watch.checker.violations),
            exceptions=dict(watch.checker.exceptions),
            lost=tuple(watch.checker.lost),
            reported=tuple(watch.checker.reported),
            decisions={item: tuple(events) for item, events in watch.checker.decisions.items()},
            events=rows,
        )

    @property
    def _made(self) -> "_Watch":
        """The world and what watches it; made when the program is started for the first time."""
        assert self._watch is not None
        return self._watch

    def _longest_s(self) -> float:
        """Longest duration of the scenario, in seconds."""
        arrivals = self._scenario.arrivals()
        last_s = max([0.0, *(arrival.at_s or 0.0 for arrival in arrivals)])
        last_s = max([last_s, *((fault.at_s or 0.0) + (fault.for_s or 0.0) for fault in self._scenario.faults)])
        return self._scenario.duration_s or last_s + LONGEST_ITEM_S * (len(arrivals) + 1)

    def _record_last_stop(self) -> int:
        """Record a session before the first one; returns its number.

        Flaps stand open after a stop that was not clean, and then the record says so.
        """
        with EventLog(self._config.event_log.file) as events:
            events.start_session(wall_s=self._clock.wall_s(), model="")
            if not self._scenario.start_open:
                events.end_session(wall_s=self._clock.wall_s())
            return events.session

    def _run_program(self, end_s: float) -> None:
        """Start the program and let it run until it ends, for whatever reason."""
        stop = threading.Event()
        error: BaseException | None = None
        self._starts += 1
        try:
            with assemble(
                self._config,
                clock=self._clock,
                world=self._connect,
                open_events=self._open_events,
                writer=self._make_writer,
            ) as assembly:
                watch, before = self._made, self._frames
                watch.checker.start(assembly)

                def on_step(stats: RunStats, event: SortEvent | None) -> None:
                    self._frames = before + stats.frames
                    self._step(assembly, event, stop)

                try:
                    run_loop(assembly, stop, duration_s=max(end_s - self._clock.now_s(), 0.0), on_step=on_step)
                finally:
                    # From here on the program ends: flaps come home whatever is in view.
                    watch.world.advance()
                    watch.checker.stop(None, expected=True)
        except Exception as problem:
            if self._watch is None or problem is self._observer_error:
                raise  # it never ran, or it is not the program that failed
            error = problem
        if error is not None:
            expected = isinstance(error, SorterError | HardwareError) and not isinstance(error, RepeatedErrorsError)
            self._exits.append(f"{type(error).__name__}: {error}")
            log.warning("the program ended: %s", self._exits[-1])
            self._made.checker.stop(error, expected=expected)

    def _step(self, assembly: Assembly, event: SortEvent | None, stop: threading.Event) -> None:
        watch = self._made
        try:
            watch.checker.step(event)
            watch.host_faults.step(self._event_log, self._writer, assembly.diverter.state, stop)
            for observer in self._observers:
                observer.step(assembly, event)
            self._report_outcomes()
        except Exception as error:
            self._observer_error = error
            raise
        if self._stop.is_set():
            stop.set()

    def _report_outcomes(self) -> None:
        while self._outcomes:
            outcome = self._outcomes.popleft()
            self._made.checker.on_item_outcome(outcome)
            self._gone += 1
            self._on_progress(self._gone)
            for observer in self._observers:
                observer.on_item_outcome(outcome)

    def _pass_time(self, seconds: float) -> None:
        """Let time pass while the program does not run."""
        watch, never = self._made, threading.Event()
        end_s = self._clock.now_s() + seconds
        while self._clock.now_s() < end_s:
            self._clock.wait(never, DOWN_STEP_S)
            watch.world.advance()
            watch.checker.note_down()
            watch.host_faults.step(self._event_log, None, None, never)
            self._report_outcomes()

    def _open_events(self, path: Path) -> EventLog:
        reason = None if self._event_log is None else self._event_log.reason
        self._event_log = FailingEventLog(path)
        self._event_log.reason = reason
        return self._event_log

    def _make_writer(self, clock: Clock) -> Writer:
        if not isinstance(clock, ManualClock):
            return make_writer(clock)
        self._writer = DelayedWriter(clock)
        return self._writer

    def _connect(self, config: Config, clock: Clock, pin_factory: PinFactory) -> World:
        """The world, around the pins of a program that was just started."""
        if self._watch is not None:
            self._watch.world.connect(pin_factory)
        else:
            world = make_scenario_world(self._scenario, config, clock, pin_factory)
            world.on_item_outcome = self._outcomes.append
            self._watch = _Watch(world, config, clock)
        return self._watch.world


class _Watch:
    """The world, and what watches and disturbs the program in it."""

    def __init__(self, world: World, config: Config, clock: Clock) -> None:
        self.world = world
        self.host_faults = HostFaultInjector(world, clock)
        self.checker = InvariantChecker(
            world,
            events_path=config.event_log.file,
            bounds=motion_bounds(config),
            retries=config.flaps.retries,
        )
