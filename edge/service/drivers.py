"""From the sections of the configuration to the drivers of what is wired to the computer."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from edge.actuation.levels import Gauge, Levels
from edge.actuation.panel import Panel
from edge.actuation.sensor_reader import SensorReader
from edge.alarms import Alarms
from edge.config.schema import Config
from edge.config.wiring import LedsConfig, LevelConfig, PanelConfig, VL53L0XConfig
from hardware.clock import Clock
from hardware.device import Device
from hardware.drives.section import FlapSection, SharedDriveSection
from hardware.errors import HardwareError
from hardware.flap import Flap
from hardware.light import StatusLight
from hardware.pin_factory import PinFactory
from hardware.registry import LEVELS, LIGHTS, RESET_LINES, SWITCHES, load
from hardware.section import ContactSection
from hardware.sensor import LevelSensor, ResetLine, Switch

if TYPE_CHECKING:
    from hardware.world.world import World


class SharedDrives:
    """What several flaps share, made when the first of them asks for it.

    Args:
        stack: closes what is made, after the flaps that ask for it if theirs is closed first or is the same.
        sections: name -> section, as below ``drives``.
        pin_factory: of the configured kind (``hardware.registry.PIN_FACTORIES``).
        clock: time.
    """

    def __init__(
        self, stack: ExitStack, sections: Mapping[str, SharedDriveSection], *, pin_factory: PinFactory, clock: Clock
    ) -> None:
        self.pins = pin_factory
        self.clock = clock
        self._stack = stack
        self._sections = dict(sections)
        self._made: dict[str, Device] = {}

    def drive(self, name: str) -> Device:
        """The one that ``drives.NAME`` describes. Raises HardwareError."""
        if name not in self._made:
            key = f"drives.{name}"
            with prefix_errors_with_key(key):
                self._made[name] = self._stack.enter_context(self._sections[name].make(key, self))
        return self._made[name]


class DriverFactory:
    """Makes parts, each by the driver of its kind. Nothing moves.

    Every method raises HardwareError, with the part's key in front: the driver, its package or its hardware is missing, or
    refuses what is asked for.

    Args:
        stack: closes what is made, the last first.
        pin_factory: of the configured kind (``hardware.registry.PIN_FACTORIES``).
        clock: time.
        shared: the drives that several flaps share; None: there are none.
    """

    def __init__(
        self, stack: ExitStack, *, pin_factory: PinFactory, clock: Clock, shared: SharedDrives | None = None
    ) -> None:
        self._stack = stack
        self._pin_factory = pin_factory
        self._clock = clock
        self._shared = shared or SharedDrives(stack, {}, pin_factory=pin_factory, clock=clock)

    def flap(self, bin_name: str, section: FlapSection, *, key: str = "") -> Flap:
        """The flap of a bin, with its end switch. ``key``: its section's, where it is a door or plate instead."""
        key = key or f"bins.{bin_name}.flap"
        end_switch = None if section.end_switch is None else self.switch(f"{key}.end_switch", section.end_switch)
        with prefix_errors_with_key(key):
            return self._stack.enter_context(section.make(bin_name, self._shared, end_switch=end_switch))

    def switch(self, key: str, section: ContactSection) -> Switch:
        """A button, lid contact, light barrier or end switch."""
        driver = load(SWITCHES, "pin")
        wiring = {"pin": section.pin, "active_high": section.is_on_high, "pull_up": section.is_pulled_up}
        with prefix_errors_with_key(key):
            switch = driver(name=key, pin_factory=self._pin_factory, clock=self._clock, **wiring)
            return self._stack.enter_context(switch)

    def reset_lines(self, config: Config) -> dict[str, ResetLine]:
        """Hold every level sensor that has a reset line in reset, before the first of them is made. Bin name -> its line."""
        lines = {}
        for name, one in config.bins.items():
            if isinstance(one.level, VL53L0XConfig) and (pin := one.level.xshut_pin) is not None:
                key = f"bins.{name}.level.xshut_pin"
                with prefix_errors_with_key(key):
                    line = load(RESET_LINES, "pin")(name=key, pin_factory=self._pin_factory, pin=pin)
                lines[name] = self._stack.enter_context(line)
        return lines

    def level(
        self,
        bin_name: str,
        section: LevelConfig,
        *,
        simulation: "World | None" = None,
        reset: ResetLine | None = None,
    ) -> LevelSensor:
        """What looks down into a bin.

        Args:
            bin_name: the bin.
            section: its section ``level``.
            simulation: the simulated bin, where there is one.
            reset: the sensor's line of ``reset_lines``, where it has one.
        """
        key = f"bins.{bin_name}.level"
        if section.kind == "sim":
            options = {"simulation": simulation, "bin": bin_name, **section.model_dump(exclude={"kind"})}
        else:
            options = section.model_dump(exclude={"kind", "empty_m", "full_m", "xshut_pin"})
            options |= {} if reset is None else {"reset": reset}
        with prefix_errors_with_key(key):
            sensor = load(LEVELS, section.kind)(name=key, pin_factory=self._pin_factory, **options)
            return self._stack.enter_context(sensor)

    def light(self, key: str, section: LedsConfig) -> StatusLight:
        """The status light."""
        options = section.model_dump(exclude={"kind"})
        with prefix_errors_with_key(key):
            return self._stack.enter_context(
                load(LIGHTS, section.kind)(name=key, pin_factory=self._pin_factory, **options)
            )

    def panel(self, section: PanelConfig, sensors: SensorReader) -> Panel:
        """The switches and the light that people touch and see."""
        switches = {name: self.switch(f"panel.{name}", part) for name, part in section.switches().items()}
        light = None if section.light is None else self.light("panel.light", section.light)
        return Panel(sensors, light=light, **switches)

    def levels(
        self, config: Config, sensors: SensorReader, alarms: Alarms, *, simulation: "World | None" = None
    ) -> Levels:
        """What looks down into the bins; ``simulation`` is the simulated bin, where there is one."""
        gauges = {}
        lines = self.reset_lines(config)
        for name, one in config.bins.items():
            if (section := one.level) is not None:
                sensor = self.level(name, section, simulation=simulation, reset=lines.get(name))
                gauges[name] = Gauge(sensor, empty_m=section.empty_m, full_m=section.full_m)
        return Levels(
            gauges,
            sensors=sensors,
            clock=self._clock,
            alarms=alarms,
            residual_bin=config.decision.residual_bin,
        )


@contextmanager
def prefix_errors_with_key(key: str) -> Iterator[None]:
    """Put the key that asked for it in front of what a driver refuses, unless the driver has named it itself."""
    try:
        yield
    except HardwareError as error:
        if key in str(error):
            raise
        raise type(error)(f"{key}: {error}") from error
