"""Fitting: from the sections of the configuration to the drivers of what is wired to the computer."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from edge.actuation.levels import Gauge, Levels
from edge.actuation.panel import Panel
from edge.actuation.sensor_reader import SensorReader
from edge.alarms import Alarms
from edge.config.schema import Config
from edge.config.wiring import FlapConfig, LedsConfig, LevelConfig, PanelConfig, SwitchConfig
from hardware.clock import Clock
from hardware.errors import HardwareError
from hardware.flap import Flap
from hardware.light import StatusLight
from hardware.registry import FLAPS, LEVELS, LIGHTS, SWITCHES, load
from hardware.sensor import LevelSensor, Switch


class DriverFactory:
    """Makes parts, each by the driver of its kind. Nothing moves.

    Every method raises HardwareError, with the part's key in front: the driver, its package or its hardware is missing, or
    refuses what is asked for.

    Args:
        stack: closes what is made, the last first.
        pin_factory: of the configured kind (``hardware.registry.PIN_FACTORIES``).
        clock: time.
    """

    def __init__(self, stack: ExitStack, *, pin_factory: Any, clock: Clock) -> None:
        self._stack = stack
        self._pin_factory = pin_factory
        self._clock = clock

    def flap(self, bin_name: str, section: FlapConfig) -> Flap:
        """The flap of a bin, with its end switch."""
        key = f"bins.{bin_name}.flap"
        end_switch = None if section.end_switch is None else self.switch(f"{key}.end_switch", section.end_switch)
        options = section.model_dump(exclude={"kind", "end_switch"})
        made: Flap = self._make(key, FLAPS, section.kind, name=bin_name, end_switch=end_switch, **options)
        return made

    def switch(self, key: str, section: SwitchConfig) -> Switch:
        """A button, lid contact, light barrier or end switch."""
        made: Switch = self._make(key, SWITCHES, "pin", name=key, clock=self._clock, **section.model_dump())
        return made

    def level(self, bin_name: str, section: LevelConfig, *, simulation: Any | None = None) -> LevelSensor:
        """What looks down into a bin; ``simulation`` is the simulated bin, where there is one."""
        key = f"bins.{bin_name}.level"
        if section.kind == "sim":
            options = {"simulation": simulation, "bin": bin_name, **section.model_dump(exclude={"kind"})}
        else:
            options = section.model_dump(exclude={"kind", "empty_m", "full_m"})
        made: LevelSensor = self._make(key, LEVELS, section.kind, name=key, **options)
        return made

    def light(self, key: str, section: LedsConfig) -> StatusLight:
        """The status light."""
        made: StatusLight = self._make(key, LIGHTS, section.kind, name=key, **section.model_dump(exclude={"kind"}))
        return made

    def panel(self, section: PanelConfig, sensors: SensorReader) -> Panel:
        """The switches and the light that people touch and see."""
        switches = {name: self.switch(f"panel.{name}", part) for name, part in section.switches().items()}
        light = None if section.light is None else self.light("panel.light", section.light)
        return Panel(sensors, light=light, **switches)

    def levels(self, config: Config, sensors: SensorReader, alarms: Alarms, *, simulation: Any | None = None) -> Levels:
        """What looks down into the bins; ``simulation`` is the simulated bin, where there is one."""
        gauges = {}
        for name, one in config.bins.items():
            if (section := one.level) is not None:
                sensor = self.level(name, section, simulation=simulation)
                gauges[name] = Gauge(sensor, empty_m=section.empty_m, full_m=section.full_m)
        return Levels(
            gauges,
            sensors=sensors,
            clock=self._clock,
            alarms=alarms,
            residual_bin=config.decision.residual_bin,
        )

    def _make(self, key: str, table: dict[str, str], kind: str, **options: Any) -> Any:
        with prefix_errors_with_key(key):
            return self._stack.enter_context(load(table, kind)(pin_factory=self._pin_factory, **options))


@contextmanager
def prefix_errors_with_key(key: str) -> Iterator[None]:
    """What a driver refuses here is told with the key that asked for it in front, unless the driver has named it."""
    try:
        yield
    except HardwareError as error:
        if key in str(error):
            raise
        raise type(error)(f"{key}: {error}") from error
