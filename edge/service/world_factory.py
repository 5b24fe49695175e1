"""From the configuration to the simulated bin around the real drivers' pins."""

from collections.abc import Callable, Mapping

from edge.config.schema import Config
from hardware.clock import Clock
from hardware.pin_factory import PinFactory
from hardware.registry import SIMULATIONS, load
from hardware.section import ContactSection
from hardware.world.fault import PlannedFault
from hardware.world.layout import BinLayout, FlapDeviation, SwitchWiring
from hardware.world.scene import SceneConditions
from hardware.world.traffic import ItemTraffic
from hardware.world.world import World

WorldFactory = Callable[[Config, Clock, PinFactory], World]
"""Makes the simulated bin around a pin factory."""

READY_MARGIN_S = 1.0
"""Time from the learnt empty tray to the first item, in seconds: users throw in once the bin shows that it is ready."""

START_S = 1.5
"""Real seconds that a busy machine may take from making the simulated bin to its first frame. In a bin that runs faster than real
time, as many times more of its own seconds pass."""


def make_simulation(config: Config, clock: Clock, pin_factory: PinFactory) -> World:
    """The simulated bin of the configuration's section ``simulation``.

    Raises:
        HardwareConfigError: it does not fit.
    """
    settings = config.simulation
    return make_world(
        bin_layout(config, start_open=settings.start_open),
        ItemTraffic(
            photos=settings.photos,
            listing=settings.listing,
            items=settings.items,
            gap_s=settings.gap_s,
            settle_s=settings.settle_s,
            item_size=settings.item_size,
            first_after_s=first_item_after_s(config),
        ),
        scene_conditions(config),
        clock=clock,
        pin_factory=pin_factory,
        seed=settings.seed,
    )


def scene_conditions(config: Config) -> SceneConditions:
    """What the simulated camera sees, and what goes wrong."""
    settings = config.simulation
    return SceneConditions(
        width=config.camera.width,
        height=config.camera.height,
        fps=config.camera.fps,
        noise_sigma=settings.noise,
        light_drift=settings.light_drift,
        light_colour=settings.light_colour,
        hole=settings.hole,
        faults=tuple(PlannedFault.of(fault) for fault in settings.faults),
    )


def make_world(
    layout: BinLayout,
    traffic: ItemTraffic,
    scene: SceneConditions,
    *,
    clock: Clock,
    pin_factory: PinFactory,
    seed: int,
) -> World:
    """A simulated bin. Arguments and errors as of ``hardware.sim.bin.SimulatedBin``."""
    return load(SIMULATIONS, "bin")(layout, traffic, scene, clock=clock, pin_factory=pin_factory, seed=seed)


def bin_layout(
    config: Config, *, start_open: tuple[str, ...] = (), deviations: Mapping[str, FlapDeviation] | None = None
) -> BinLayout:
    """What the configuration says that a bin is made of. Other arguments as of ``BinLayout``."""
    flaps = {name: one.flap for name, one in config.bins.items()}
    return BinLayout(
        flaps=flaps,
        drives=config.drives,
        labels=config.decision.labels,
        residual_bin=config.decision.residual_bin,
        switches={name: _wiring(section) for name, section in config.panel.switches().items()},
        end_switches={name: _wiring(flap.end_switch) for name, flap in flaps.items() if flap.end_switch is not None},
        deviations=deviations or {},
        start_open=start_open,
    )


def first_item_after_s(config: Config) -> float:
    """Earliest arrival of an item, in seconds: not while the bin learns its empty tray."""
    return config.tray.learn_s + max(READY_MARGIN_S, START_S * config.simulation.speed)


def _wiring(section: ContactSection) -> SwitchWiring:
    return SwitchWiring(section.pin, section.is_on_high)
