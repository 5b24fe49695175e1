"""Several VL53L0X on one bus: each gets its own address while the others are held in reset."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from edge.config.file import load_config
from edge.config.schema import Config
from edge.service.drivers import DriverFactory
from hardware.clock import ManualClock
from hardware.errors import HardwareConfigError, SensorError
from hardware.pins import mock_factory
from hardware.registry import RESET_LINES, load
from hardware.sensor import LevelSensor
from hardware.sensors.reset_line import PinResetLine
from tests.builders.configuration import write_config
from tests.doubles.buses import ResettableVL53L0X, VL53L0XBus
from tests.processes import until

pytest.importorskip("adafruit_vl53l0x")

XSHUT = {"paper": 16, "glass": 20}
ADDRESS = {"paper": 0x30, "glass": 0x31}
DISTANCE_M = {"paper": 0.4, "glass": 0.25}


class SharedBusRig:
    """Two sensors on bus 1, and what makes their drivers."""

    def __init__(self, stack: ExitStack, config: Config) -> None:
        self.config = config
        self.pins: Any = mock_factory()
        self.sensors = {
            name: ResettableVL53L0X(round(1000 * DISTANCE_M[name]), self.pins.pin(pin)) for name, pin in XSHUT.items()
        }
        self.bus = VL53L0XBus(*self.sensors.values())
        self.factory = DriverFactory(stack, pin_factory=self.pins, clock=ManualClock())

    def make(self, *names: str) -> dict[str, LevelSensor]:
        lines = self.factory.reset_lines(self.config)
        made = {}
        for name in names:
            level = self.config.bins[name].level
            assert level is not None
            made[name] = self.factory.level(name, level, reset=lines[name])
        return made


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SharedBusRig]:
    levels = {
        name: {
            "level": {
                "kind": "vl53l0x",
                "xshut_pin": XSHUT[name],
                "address": ADDRESS[name],
                "empty_m": 0.6,
                "full_m": 0.1,
            }
        }
        for name in XSHUT
    }
    config = load_config(write_config(tmp_path / "c.yaml", {"camera": {"kind": "opencv"}, "bins": levels}))
    with ExitStack() as stack:
        rig = SharedBusRig(stack, config)
        monkeypatch.setattr("smbus2.SMBus", rig.bus)
        monkeypatch.setattr("hardware.sensors.vl53l0x.EVERY_S", 0.01)
        yield rig


def reads(sensor: LevelSensor) -> float | None:
    try:
        return sensor.distance_m
    except SensorError:
        return None


def all_measure(made: dict[str, LevelSensor]) -> bool:
    return all(reads(sensor) == pytest.approx(DISTANCE_M[name]) for name, sensor in made.items())


def test_the_registry_names_this_line() -> None:
    assert load(RESET_LINES, "pin") is PinResetLine


def test_each_gets_its_own_address_and_measures_its_own_bin(rig: SharedBusRig) -> None:
    made = rig.make("paper", "glass")
    assert {name: one.address for name, one in rig.sensors.items()} == ADDRESS
    assert until(lambda: all_measure(made))


def test_one_is_tried_alone_while_the_others_are_held_in_reset(rig: SharedBusRig) -> None:
    made = rig.make("glass")
    assert (rig.sensors["paper"].is_awake, rig.sensors["glass"].is_awake) == (False, True)
    assert until(lambda: all_measure(made))


def test_those_that_lose_their_power_together_get_their_addresses_again(rig: SharedBusRig) -> None:
    made = rig.make("paper", "glass")
    assert until(lambda: all_measure(made))
    for sensor in rig.sensors.values():
        sensor.lose_power()
    assert until(lambda: {name: one.address for name, one in rig.sensors.items()} == ADDRESS and all_measure(made))


def test_a_line_is_low_or_not_driven_but_never_high(rig: SharedBusRig) -> None:
    pins = [rig.pins.pin(pin) for pin in XSHUT.values()]
    seen: set[tuple[str, bool]] = set()

    def look() -> None:
        seen.update((pin.function, bool(pin.state)) for pin in pins)

    for pin in pins:
        pin.before_change = look
    rig.make("paper", "glass")
    look()
    assert ("output", False) in seen
    assert ("output", True) not in seen
    assert {pin.function for pin in pins} == {"input"}


def test_a_sensor_that_cannot_be_held_in_reset_is_in_the_way(rig: SharedBusRig) -> None:
    rig.bus.devices[1, 0x29] = rig.sensors["paper"]
    with pytest.raises(SensorError, match=r"bins\.glass\.level: something answers at 0x29 .* check the wires to XSHUT"):
        rig.make("glass")


def test_a_line_that_is_taken_is_told_with_its_key(rig: SharedBusRig) -> None:
    rig.factory.reset_lines(rig.config)
    with pytest.raises(HardwareConfigError, match=r"^bins\.paper\.level\.xshut_pin: pin 16 is already in use"):
        rig.factory.reset_lines(rig.config)
