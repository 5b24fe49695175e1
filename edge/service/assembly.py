"""From a configuration to a bin that can run: its parts (``edge.service.factories``) are put together here, and nowhere else."""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from edge.actuation.diverter import Diverter
from edge.actuation.sensor_reader import SensorReader
from edge.alarms import Alarms
from edge.config.evidence import MAX_UNGUARDED_AGE_S
from edge.config.schema import Config
from edge.errors import EventLogError
from edge.guard.guard_thread import GuardThread
from edge.inference.classifier import Classifier
from edge.records.event_log import EventLog
from edge.records.writer import DRAIN_S, WriteJob, Writer, make_writer
from edge.service.drivers import DriverFactory, SharedDrives, prefix_errors_with_key
from edge.service.factories import (
    load_classifier,
    make_background_store,
    make_camera,
    make_clock,
    make_sorter,
)
from edge.service.head_watch import HeadWatch, read_taught
from edge.service.progress import ProgressMonitor
from edge.service.records import make_image_ring, open_event_log, room_maker
from edge.service.simulated_parts import warning_of_still_flaps
from edge.sight.freshness import MOST_AGE_S
from edge.sight.health import CameraHealth
from edge.sight.picture_lag import PictureLag
from edge.sight.view import NEUTRAL
from edge.sorter import Sorter
from hardware.camera import Camera
from hardware.clock import Clock, SystemClock
from hardware.errors import SensorError
from hardware.flap import Flap
from hardware.registry import PIN_FACTORIES, load

if TYPE_CHECKING:
    from edge.service.model_watch import ModelWatch
    from edge.service.world_factory import WorldFactory
    from hardware.world.world import World

log = logging.getLogger(__name__)

TIME_SYNCED = Path("/run/systemd/timesync/synchronized")
"""Made by systemd-timesyncd once the clock is set. Other time services do not make it: the clock then counts as unset."""


@dataclass(frozen=True, slots=True)
class Assembly:
    """A bin, ready to run."""

    config: Config
    clock: Clock
    camera: Camera
    classifier: Classifier
    events: EventLog
    sorter: Sorter
    diverter: Diverter
    simulation: "World | None"
    """The simulated bin, or None on real hardware."""
    unclean_stop: bool
    """The last session did not end properly: the flaps may stand anywhere."""
    health: CameraHealth
    lag: PictureLag
    alarms: Alarms
    progress: ProgressMonitor
    heads: HeadWatch
    models: "ModelWatch | None"
    """Takes updates of the model; None: there are none."""


@contextmanager
def assemble(
    config: Config,
    *,
    clock: Clock | None = None,
    world: "WorldFactory | None" = None,
    open_events: Callable[[Path], EventLog] = EventLog,
    writer: Callable[[Clock], Writer] = make_writer,
) -> Iterator[Assembly]:
    """Make the bin; on leaving, for whatever reason, bring the flaps home and close every part.

    Args:
        config: what to make.
        clock: time; None: ``make_clock``.
        world: makes the simulated bin around the pins; None: ``make_simulation``.
        open_events: opens the event log.
        writer: makes what writes to it.

    Raises:
        SorterError, HardwareError: some part cannot be made; what was made before is closed again.
    """
    with ExitStack() as stack:
        classifier = load_classifier(config)
        stack.callback(classifier.close)
        # A model that does not answer is an error at start.
        classifier.predict(np.full((classifier.manifest.view.size,) * 2 + (3,), NEUTRAL, np.uint8))
        name, file = classifier.manifest.name, config.model.file
        log.info(
            "model %s on %s %s, %d %s",
            name if file.stem == name else f"{name} ({file.name})",
            classifier.runtime.name,
            classifier.runtime.version,
            classifier.threads,
            "thread" if classifier.threads == 1 else "threads",
        )
        simulated = config.camera.kind == "sim"
        clock = clock or make_clock(config)
        events = stack.enter_context(open_event_log(config, open_events))
        images = make_image_ring(config)
        events.make_room = room_maker(config, images)
        disk = writer(clock)
        stack.callback(disk.close)
        with prefix_errors_with_key("flaps.pin_factory"):
            pin_factory = load(PIN_FACTORIES, config.flaps.pin_factory)()
        stack.callback(pin_factory.close)
        shared = SharedDrives(stack, config.drives, pin_factory=pin_factory, clock=clock)
        fitter = DriverFactory(stack, pin_factory=pin_factory, clock=clock, shared=shared)
        flaps = {name: fitter.flap(name, one.flap) for name, one in config.bins.items()}
        alarms = Alarms()
        sensors = SensorReader(clock, alarms)
        panel = fitter.panel(config.panel, sensors)
        simulation = None
        if simulated:
            from edge.service.world_factory import make_simulation  # a real bin loads nothing of the simulated one

            simulation = (world or make_simulation)(config, clock, pin_factory)
            stack.callback(simulation.close)
        levels = fitter.levels(config, sensors, alarms, simulation=simulation)
        camera = stack.enter_context(make_camera(config, clock, simulation))
        log.info("camera %s; flaps on %s pins", camera.description, config.flaps.pin_factory)
        if simulated:
            log.info("this is the SIMULATED bin (camera.kind: sim)")
        elif (warning := warning_of_still_flaps(config)) is not None:
            log.warning(warning)
        health = CameraHealth(
            size=(config.camera.width, config.camera.height),
            # A simulated sensor as quiet as that rounds to the same picture every time.
            repeats=camera.repeats or (simulated and config.simulation.noise < 0.5),
        )
        lag = PictureLag(
            max_age_s=config.camera.max_frame_age_s,
            most_s=MAX_UNGUARDED_AGE_S if config.panel.lid is None else MOST_AGE_S,
        )
        store = make_background_store(config, run=lambda write: disk.submit(WriteJob(write)))
        heads = HeadWatch(
            config,
            classifier,
            clock=clock,
            alarms=alarms,
            writer=make_writer(clock),
            taught=lambda sha256: read_taught(config, sha256),
        )
        stack.callback(heads.close)
        models = None
        if config.update is not None:
            from edge.service.model_watch import ModelWatch  # a bin without updates does not pay for it

            models = ModelWatch(config, classifier, heads, clock=clock, alarms=alarms, writer=make_writer(clock))
            stack.callback(models.close)
        sorter = make_sorter(
            config,
            heads.answering.classifier,
            clock,
            flaps,
            events,
            images=images,
            store=store,
            wall_synced=lambda: simulated or TIME_SYNCED.exists(),
            alarms=alarms,
            panel=panel,
            levels=levels,
            writer=disk,
            policy=heads.answering.policy,
        )
        sorter.recorder.head = heads.answering.sha256
        control = sorter.flaps
        if isinstance(clock, SystemClock):
            stack.enter_context(GuardThread(control.guard))
        # From here on the flaps may move: a start that fails before leaves the record of the last run as it is.
        unclean = events.start_session(
            wall_s=clock.wall_s(), model=classifier.manifest.sha256, after=images.last_session
        )
        try:
            strayed = [name for name, flap in flaps.items() if _has_strayed(flap)]
            if unclean or strayed:
                why = "the last run did not end properly" if unclean else f"{', '.join(strayed)} not at home"
                log.warning("%s: bringing every flap home", why)
                control.home_all_when_clear()
            yield Assembly(
                config,
                clock,
                camera,
                classifier,
                events,
                sorter,
                control.diverter,
                simulation,
                unclean,
                health,
                lag,
                alarms,
                ProgressMonitor(sorter, alarms, lag, clock=clock, stall_s=config.decision.stall_s),
                heads,
                models,
            )
        finally:
            # First the flaps, while the simulated bin still lives; then the record that all is well, if it is: the next
            # start homes every flap of a run that has none.
            if control.shutdown():
                try:
                    sorter.recorder.end_session(wall_s=clock.wall_s(), drain_s=DRAIN_S)
                except EventLogError as error:
                    log.error("this stop cannot be recorded, the next start will home every flap: %s", error)


def _has_strayed(flap: Flap) -> bool:
    """Does its end switch say that it is not at home, or nothing at all?"""
    try:
        return flap.is_home is False
    except SensorError:
        return True
