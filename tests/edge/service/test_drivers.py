"""Fitting: every part is made by its driver, and what a driver refuses is told with the key that asked for it."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from edge.config.wiring import (
    LedsConfig,
    SimLevelConfig,
    UltrasonicConfig,
    VL53L0XConfig,
)
from edge.service.assembly import assemble
from edge.service.drivers import DriverFactory, prefix_errors_with_key
from hardware.clock import ManualClock
from hardware.errors import FlapError, HardwareConfigError, HardwareError, SensorError
from hardware.light import Signal
from hardware.pins import mock_factory
from hardware.section import SafetySwitchSection, SwitchSection
from tests.bin.simulated import sim_config
from tests.doubles.drives import flap_section

SERVO = {"kind": "servo", "pin": 12, "home_deg": -45, "open_deg": 45}

NO_BUS = 31
"""Number of an I2C bus that no machine here has."""


class Shop:
    """A fitter on mock pins."""

    def __init__(self, stack: ExitStack) -> None:
        self.pins: Any = mock_factory()
        self.clock = ManualClock()
        self.fitter = DriverFactory(stack, pin_factory=self.pins, clock=self.clock)


@pytest.fixture
def shop() -> Iterator[Shop]:
    with ExitStack() as stack:
        yield Shop(stack)


def test_a_flap_comes_with_its_end_switch(shop: Shop) -> None:
    section = flap_section(SERVO | {"end_switch": {"pin": 24}})
    flap = shop.fitter.flap("glass", section)
    assert (flap.name, flap.travel_s, flap.is_home) == ("glass", 0.4, False)
    shop.pins.pin(24).drive_low()
    assert flap.is_home is True
    assert shop.fitter.flap("paper", flap_section({"kind": "relay", "pin": 23, "active_high": False})).is_home is None


def test_a_switch_is_on_at_the_level_that_its_section_says(shop: Shop) -> None:
    low = shop.fitter.switch("panel.lid", SwitchSection(pin=22))
    high = shop.fitter.switch("panel.stop_button", SwitchSection(pin=17, active_high=True))
    assert (low.is_on, high.is_on) == (False, False)
    shop.pins.pin(22).drive_low()
    shop.pins.pin(17).drive_high()
    assert (low.is_on, high.is_on) == (True, True)


def test_a_lid_and_a_stop_button_whose_wire_is_broken_are_on(shop: Shop) -> None:
    lid = shop.fitter.switch("panel.lid", SafetySwitchSection(pin=22))
    stop = shop.fitter.switch("panel.stop_button", SafetySwitchSection(pin=17, contact="closes"))
    assert (lid.is_on_now, stop.is_on_now) == (True, False), "nothing is wired to either"
    shop.pins.pin(22).drive_low()
    shop.pins.pin(17).drive_low()
    shop.clock.advance(1.0)
    assert (lid.is_on_now, stop.is_on_now) == (False, True)


def test_a_light_shines_on_the_pins_of_its_section(shop: Shop) -> None:
    light = shop.fitter.light("panel.light", LedsConfig(kind="leds", ready=5, sorting=6, active_high=False))
    light.show(Signal.SORTING)
    assert (shop.pins.pin(5).state, shop.pins.pin(6).state) == (True, False)


def test_a_level_sensor_is_named_by_its_key_and_has_seen_nothing_yet(shop: Shop) -> None:
    section = UltrasonicConfig(kind="ultrasonic", trigger_pin=20, echo_pin=21, empty_m=0.6, full_m=0.1)
    sensor = shop.fitter.level("glass", section)
    assert (sensor.name, sensor.distance_m) == ("bins.glass.level", None)


def test_what_is_made_is_let_go_with_the_stack() -> None:
    with ExitStack() as stack:
        shop = Shop(stack)
        switch = shop.fitter.switch("panel.lid", SwitchSection(pin=22))
    with pytest.raises(SensorError, match=r"panel\.lid"):
        _ = switch.is_on
    DriverFactory(ExitStack(), pin_factory=shop.pins, clock=ManualClock()).switch("panel.lid", SwitchSection(pin=22))


@pytest.mark.parametrize("kind", [HardwareConfigError, FlapError, SensorError])
def test_an_error_keeps_its_kind_and_gets_the_key_once(kind: type[HardwareError]) -> None:
    with pytest.raises(kind, match=r"^bins\.glass\.flap: pin 12 is taken$"), prefix_errors_with_key("bins.glass.flap"):
        raise kind("pin 12 is taken")
    with pytest.raises(kind, match=r"^panel\.lid: pin 22 failed$"), prefix_errors_with_key("panel.lid"):
        raise kind("panel.lid: pin 22 failed")


def test_a_pin_that_is_taken_is_told_with_both_names(shop: Shop) -> None:
    shop.fitter.switch("panel.lid", SwitchSection(pin=12))
    with pytest.raises(HardwareConfigError, match=r"^bins\.glass\.flap: flap 'glass': pin 12 is already in use"):
        shop.fitter.flap("glass", flap_section(SERVO))


def test_a_board_on_a_bus_that_is_not_there_is_told_with_its_key(shop: Shop) -> None:
    board = flap_section({"kind": "pca9685", "bus": NO_BUS, "channel": 0, "home_deg": 0, "open_deg": 90})
    with pytest.raises(HardwareError, match=rf"^bins\.glass\.flap: .*{NO_BUS}"):
        shop.fitter.flap("glass", board)
    with pytest.raises(HardwareError, match=rf"^bins\.glass\.level: .*{NO_BUS}"):
        shop.fitter.level("glass", VL53L0XConfig(kind="vl53l0x", bus=NO_BUS, empty_m=0.6, full_m=0.1))


def test_a_simulated_level_needs_the_simulated_bin(shop: Shop) -> None:
    with pytest.raises(HardwareConfigError, match=r"^bins\.glass\.level: kind sim looks into the simulated bin"):
        shop.fitter.level("glass", SimLevelConfig(kind="sim", empty_m=0.6, full_m=0.1))


def test_the_simulated_bin_has_every_part_that_is_configured(tmp_path: Path) -> None:
    overrides = [
        "panel.lid={pin: 22}",
        "panel.light={kind: leds, fault: 19}",
        "bins.glass.level={kind: sim, empty_m: 0.6, full_m: 0.1}",
        "bins.glass.flap.end_switch={pin: 24, active_high: true}",
    ]
    with assemble(sim_config(tmp_path, *overrides), clock=ManualClock()) as assembly:
        assert assembly.diverter._flaps["glass"].is_home is True
        world: Any = assembly.simulation
        with pytest.raises(HardwareConfigError, match=r"there is no switch 'door'; there are lid$"):
            world.press("door", True)
