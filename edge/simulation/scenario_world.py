"""The simulated world of a scenario."""

from edge.config.schema import Config
from edge.service.world_factory import bin_layout, first_item_after_s, make_world
from edge.simulation.scenario import Scenario
from hardware.clock import Clock
from hardware.pin_factory import PinFactory
from hardware.world.fault import PlannedFault
from hardware.world.layout import FlapDeviation
from hardware.world.scene import LightChange, SceneConditions, TrayTexture
from hardware.world.traffic import ItemTraffic
from hardware.world.world import World

IDLE_FRAME_S = 1.5
"""Time between pictures while nothing happens, in simulated seconds; the bin raises an alarm when none comes for 2 s."""


def make_scenario_world(scenario: Scenario, config: Config, clock: Clock, pin_factory: PinFactory) -> World:
    """The world in which a scenario happens, around the pins of the real drivers.

    Args:
        scenario: what happens.
        config: of ``scenario_config``.
        clock: the world's time.
        pin_factory: the mock pins.

    Raises:
        HardwareConfigError: the scenario does not fit the configuration.
    """
    flaps = {bin: FlapDeviation(body.slowness, body.over) for bin, body in scenario.flaps.items()}
    return make_world(
        bin_layout(config, start_open=scenario.start_open, deviations=flaps),
        ItemTraffic(
            photos=scenario.folder,
            listing=scenario.listing,
            first_after_s=first_item_after_s(config),
            arrivals=scenario.arrivals(),
            patience_s=scenario.patience_s,
            lost_after_s=scenario.lost_after_s,
        ),
        SceneConditions(
            width=config.camera.width,
            height=config.camera.height,
            fps=config.camera.fps,
            noise_sigma=scenario.light.noise,
            light_drift=scenario.light.drift,
            hole=config.simulation.hole,
            tray=TrayTexture(**scenario.tray.model_dump()),
            light_changes=tuple(LightChange(one.at_s, one.factor, one.over_s) for one in scenario.light.steps),
            idle_frame_s=None if config.simulation.speed == 1 else IDLE_FRAME_S,
            faults=tuple(PlannedFault.of(fault.model_dump()) for fault in scenario.faults),
        ),
        clock=clock,
        pin_factory=pin_factory,
        seed=scenario.seed,
    )
