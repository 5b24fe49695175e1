"""The drivers on kernel pins: the flaps' signals are read at the pins, and the pins' pulls reach the sensors."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import gpiozero
import pytest

from hardware.errors import GpioError, HardwareConfigError
from hardware.flap import Flap
from hardware.pins import lgpio_factory
from hardware.registry import SWITCHES, load
from tests.doubles.drives import make_flap
from tests.pi.guest.gpio_line import GpioLine
from tests.processes import until

SERVO_PIN, RELAY_PIN, SWITCH_PIN, PWM_PIN = 12, 23, 5, 40

WATCH_S = 0.5
"""Seconds for which pulses are measured: 25 pulses of a servo."""

QUIET_S = 0.1
"""Seconds without pulses after which there are none: 5 periods of a servo."""


@pytest.fixture
def factory() -> Iterator[Any]:
    factory = lgpio_factory()
    yield factory
    factory.close()


@pytest.fixture
def servo(factory: Any) -> Iterator[Flap]:
    options = {"home_deg": -45.0, "open_deg": 45.0, "travel_s": 0.4}
    with make_flap("servo", name="glass", pin_factory=factory, pin=SERVO_PIN, **options) as flap:
        yield flap


def pulse_and_period_ms(line: GpioLine) -> tuple[float, float]:
    """Median width and period of the pulses, in milliseconds: on an emulated machine a single pulse may be late."""
    pulses = line.pulses(WATCH_S)
    assert len(pulses) >= 15, f"{len(pulses)} pulses in {WATCH_S:g} s"
    begun = [start_s for start_s, _ in pulses]
    periods = [later - sooner for sooner, later in pairwise(begun)]
    return 1000 * median(width_s for _, width_s in pulses), 1000 * median(periods)


def test_the_board_is_known_by_its_device_tree(factory: Any) -> None:
    assert gpiozero.pins.local.get_pi_revision() == 0xB03114
    assert factory.board_info.model == "4B"
    assert factory.chip == 0


def test_a_servo_gets_pulses_only_after_its_first_command(
    servo: Flap, record_property: Callable[[str, object], None]
) -> None:
    line = GpioLine(SERVO_PIN)
    assert not line.pulses(QUIET_S)
    servo.open()
    width_ms, period_ms = pulse_and_period_ms(line)
    record_property("2.0 ms of 20 ms measured as", f"{width_ms:.2f} of {period_ms:.1f}")
    assert width_ms == pytest.approx(2.0, abs=0.8)
    assert period_ms == pytest.approx(20.0, abs=5.0)
    servo.detach()
    assert not line.pulses(QUIET_S)
    assert not line.level


def test_the_pulse_width_sets_the_servo_s_angle(servo: Flap) -> None:
    line = GpioLine(SERVO_PIN)
    servo.home()
    home_ms, _ = pulse_and_period_ms(line)
    servo.open()
    open_ms, _ = pulse_and_period_ms(line)
    assert home_ms == pytest.approx(1.0, abs=0.6)
    assert open_ms - home_ms == pytest.approx(1.0, abs=0.5)


def test_a_halted_servo_stands(servo: Flap) -> None:
    servo.open()
    servo.halt()
    assert not GpioLine(SERVO_PIN).pulses(QUIET_S)


@pytest.mark.parametrize("active_high", [True, False])
def test_a_relay_s_level_is_its_flap_s(factory: Any, active_high: bool) -> None:
    line = GpioLine(RELAY_PIN)
    with make_flap("relay", name="residual", pin_factory=factory, pin=RELAY_PIN, active_high=active_high) as flap:
        assert line.level is not active_high
        for _ in range(20):
            flap.open()
            assert line.level is active_high
            flap.home()
            assert line.level is not active_high


def test_the_kernel_s_pwm_drives_a_servo(factory: Any, record_property: Callable[[str, object], None]) -> None:
    options = {"home_deg": -45.0, "open_deg": 45.0, "chip": 0, "channel": 0}
    line = GpioLine(PWM_PIN)
    with make_flap("hardware_servo", name="paper", pin_factory=factory, **options) as flap:
        assert not line.pulses(QUIET_S)
        flap.open()
        width_ms, period_ms = pulse_and_period_ms(line)
        record_property("2.0 ms of 20 ms measured as", f"{width_ms:.2f} of {period_ms:.1f}")
        assert width_ms == pytest.approx(2.0, abs=0.6)
        assert period_ms == pytest.approx(20.0, abs=4.0)
        flap.detach()
        assert not line.pulses(QUIET_S)
    assert not (Path("/sys/class/pwm/pwmchip0/pwm0")).exists()


@pytest.mark.parametrize("active_high", [True, False])
def test_a_switch_follows_what_pulls_at_its_pin(factory: Any, active_high: bool) -> None:
    line = GpioLine(SWITCH_PIN)
    with load(SWITCHES, "pin")(
        name="panel.lid", pin_factory=factory, pin=SWITCH_PIN, active_high=active_high
    ) as switch:
        # An open switch is off: the processor's pull holds the pin.
        assert until(lambda: not switch.is_on)
        for _ in range(5):
            line.pull(active_high)
            assert until(lambda: switch.is_on)
            line.pull(not active_high)
            assert until(lambda: not switch.is_on)


def test_a_pin_that_another_process_holds_is_named(factory: Any) -> None:
    other = lgpio_factory()
    try:
        with (
            make_flap("relay", name="glass", pin_factory=other, pin=RELAY_PIN, active_high=True),
            pytest.raises((GpioError, HardwareConfigError), match=f"{RELAY_PIN}"),
        ):
            make_flap("relay", name="residual", pin_factory=factory, pin=RELAY_PIN, active_high=True)
    finally:
        other.close()


def test_a_missing_chip_is_named() -> None:
    with pytest.raises(GpioError, match="gpiochip7"):
        lgpio_factory(chip=7)
