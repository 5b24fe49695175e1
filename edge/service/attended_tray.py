"""The bin's camera and tray without its flaps: for a person who puts things on the tray to be looked at."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import numpy as np

from edge.config.schema import Config
from edge.service.factories import make_background_store, make_camera, make_clock, make_presence
from edge.service.world_factory import bin_layout, first_item_after_s, make_world, scene_conditions
from edge.sight.health import CameraHealth
from edge.sight.presence import Presence
from hardware.camera import Camera
from hardware.clock import Clock
from hardware.registry import PIN_FACTORIES, load
from hardware.world.scheduled_item import ScheduledItem
from hardware.world.traffic import ItemTraffic
from hardware.world.world import World

SIMULATED_ITEMS = 10_000
"""Number of things that the simulated person brings: more than anybody waits for."""

TAKEN_AFTER_S = 1.0
"""Time for which the simulated person lets a thing lie, in seconds: long enough to come to rest and be looked at."""


@dataclass(frozen=True, slots=True)
class AttendedTray:
    """A camera that looks at the tray.

    Attributes:
        clock: time.
        camera: gives the frames.
        presence: what is on the tray.
        health: which frames are usable.
    """

    clock: Clock
    camera: Camera
    presence: Presence
    health: CameraHealth


@contextmanager
def attend_tray(
    config: Config, label: str, *, clock: Clock | None = None, variation: int = 0
) -> Iterator[AttendedTray]:
    """Open the camera. In simulation somebody puts things of a label on the tray, and takes each away again.

    Args:
        config: the bin.
        label: what is put on the simulated tray.
        clock: time; None: ``make_clock``.
        variation: other things come for another number, >= 0, to the same tray.

    Raises:
        HardwareError: the camera cannot be opened, or the simulation has nothing of this label.
    """
    with ExitStack() as held:
        clock = clock or make_clock(config)
        simulation = _simulation(config, label, clock, held, variation) if config.camera.kind == "sim" else None
        camera = held.enter_context(make_camera(config, clock, simulation))
        health = CameraHealth(
            size=(config.camera.width, config.camera.height), repeats=camera.repeats or simulation is not None
        )
        yield AttendedTray(clock, camera, make_presence(config, make_background_store(config)), health)


def _simulation(config: Config, label: str, clock: Clock, held: ExitStack, variation: int) -> World:
    pins = load(PIN_FACTORIES, config.flaps.pin_factory)()
    held.callback(pins.close)
    settings = config.simulation
    random, first_s = np.random.default_rng(settings.seed + variation), first_item_after_s(config)

    def arrival(number: int) -> ScheduledItem:
        return ScheduledItem(
            gap_s=float(random.uniform(*settings.gap_s)) if number else first_s,
            label=label,
            settle_s=float(random.uniform(*settings.settle_s)),
            size=float(random.uniform(*settings.item_size)),
        )

    traffic = ItemTraffic(
        photos=settings.photos,
        listing=settings.listing,
        arrivals=[arrival(number) for number in range(SIMULATED_ITEMS)],
        lost_after_s=TAKEN_AFTER_S,
        variation=variation,
    )
    layout, scene = bin_layout(config), scene_conditions(config)
    world = make_world(layout, traffic, scene, clock=clock, pin_factory=pins, seed=settings.seed)
    held.callback(world.close)
    return world
