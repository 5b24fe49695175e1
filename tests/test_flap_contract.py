"""What every flap driver owes the bin, checked on gpiozero's mock pins."""

import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from hardware.errors import FlapError, GpioError, HardwareConfigError
from hardware.flap import Flap
from hardware.flaps.relay import RelayFlap
from hardware.flaps.servo import ServoFlap
from hardware.pins import HISTORY, lgpio_factory, mock_factory
from hardware.registry import FLAPS, PIN_FACTORIES, load

PIN = 17


@pytest.fixture
def factory() -> Iterator[Any]:
    factory = mock_factory()
    yield factory
    factory.close()


def servo(factory: Any, **options: Any) -> ServoFlap:
    return ServoFlap(name="glass", pin_factory=factory, pin=PIN, **({"home_deg": -45.0, "open_deg": 45.0} | options))


def relay(factory: Any, **options: Any) -> RelayFlap:
    return RelayFlap(name="glass", pin_factory=factory, pin=PIN, **options)


def pulse_ms(factory: Any) -> float | None:
    pin = factory.pin(PIN)
    return None if pin.frequency is None else 1000 * pin.state / pin.frequency


every_flap = pytest.mark.parametrize("make", [servo, relay])


def test_the_registry_names_these_drivers() -> None:
    assert load(FLAPS, "servo") is ServoFlap
    assert load(FLAPS, "relay") is RelayFlap
    assert load(PIN_FACTORIES, "mock") is mock_factory
    assert load(PIN_FACTORIES, "lgpio") is lgpio_factory
    with pytest.raises(HardwareConfigError, match=r"'magnet'.*relay, servo"):
        load(FLAPS, "magnet")


@every_flap
def test_nothing_moves_at_construction(factory: Any, make: Callable[[Any], Flap]) -> None:
    pin = factory.pin(PIN)
    make(factory)
    assert [state.state for state in pin.states] == [False]
    assert not pin.state
    assert pin.frequency is None


@every_flap
def test_a_taken_pin_is_named(factory: Any, make: Callable[[Any], Flap]) -> None:
    with make(factory), pytest.raises(HardwareConfigError, match=r"'glass'.*pin 17.*in use"):
        make(factory)


@every_flap
def test_a_pin_that_does_not_exist_is_named(factory: Any, make: Callable[..., Flap]) -> None:
    with pytest.raises(HardwareConfigError, match="pin 99"):
        type(make(factory))(
            name="x", pin_factory=factory, pin=99, **({"home_deg": 0, "open_deg": 9} if make is servo else {})
        )


def test_a_halted_servo_gets_no_more_pulses(factory: Any) -> None:
    with servo(factory) as flap:
        flap.open()
        flap.halt()
        assert pulse_ms(factory) is None


def test_a_halted_relay_ends_what_it_has_begun(factory: Any) -> None:
    """Switched off half-way, its spring would close the flap on the hand that it is halted for."""
    with relay(factory) as flap:
        flap.open()
        flap.halt()
        assert factory.pin(PIN).state
        flap.home()
        flap.halt()
        assert not factory.pin(PIN).state


@every_flap
def test_closing_twice_releases_the_pin_once(factory: Any, make: Callable[[Any], Flap]) -> None:
    with make(factory) as flap:
        flap.open()
    flap.close()
    flap.detach()
    assert factory.pin(PIN).function == "input"
    make(factory).close()  # the pin is free again
    with pytest.raises(FlapError, match="closed"):
        flap.open()
    with pytest.raises(FlapError, match="closed"):
        flap.home()


@every_flap
@pytest.mark.parametrize("travel_s", [0.0, -1.0, 11.0, float("nan")])
def test_travel_times_are_bounded(factory: Any, make: Callable[..., Flap], travel_s: float) -> None:
    with pytest.raises(HardwareConfigError, match="travel_s"):
        make(factory, travel_s=travel_s)


@every_flap
@pytest.mark.parametrize("command", ["open", "home"])
def test_a_failing_pin_is_a_flap_error(
    factory: Any, make: Callable[[Any], Flap], command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    flap = make(factory)
    pin = factory.pin(PIN)

    def broken(value: float) -> None:
        raise RuntimeError("bus gone")

    monkeypatch.setattr(pin, "_set_state", broken)
    with pytest.raises(FlapError, match=r"'glass'.*pin 17.*bus gone"):
        getattr(flap, command)()
    monkeypatch.undo()


def test_a_servo_gets_the_pulses_of_its_angles(factory: Any) -> None:
    flap = servo(factory)
    flap.open()
    assert pulse_ms(factory) == pytest.approx(2.0)  # -90..90 degrees are 0.5..2.5 ms
    flap.home()
    assert pulse_ms(factory) == pytest.approx(1.0)
    flap.detach()
    assert pulse_ms(factory) is None
    assert not factory.pin(PIN).state


def test_a_servo_s_own_calibration_is_used(factory: Any) -> None:
    flap = servo(factory, min_deg=0, max_deg=270, min_pulse_ms=0.6, max_pulse_ms=2.4, home_deg=0, open_deg=90)
    flap.open()
    assert pulse_ms(factory) == pytest.approx(1.2)
    flap.home()
    assert pulse_ms(factory) == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"open_deg": 90.1}, "open_deg.*90.1"),
        ({"home_deg": -100}, "home_deg.*-100"),
        ({"home_deg": 45}, "never open"),
        ({"home_deg": float("nan")}, "home_deg"),
        ({"min_deg": 90}, "min_deg < max_deg"),
        ({"min_pulse_ms": 2.5}, "min_pulse_ms"),
        ({"min_pulse_ms": 0}, "min_pulse_ms"),
        ({"max_pulse_ms": 20}, "max_pulse_ms"),
    ],
)
def test_a_servo_s_limits_are_refused_before_the_pin_is_touched(
    factory: Any, options: dict[str, float], message: str
) -> None:
    with pytest.raises(HardwareConfigError, match=message):
        servo(factory, **options)
    assert factory.pin(PIN).function == "input"


def test_a_servo_is_left_without_pulses_when_closed(factory: Any) -> None:
    flap = servo(factory)
    flap.open()
    flap.close()
    assert pulse_ms(factory) is None


@pytest.mark.parametrize(("active_high", "on"), [(True, 1), (False, 0)])
def test_a_relay_is_on_only_while_open(factory: Any, active_high: bool, on: int) -> None:
    flap = relay(factory, active_high=active_high)
    pin = factory.pin(PIN)
    for command, expected in [(flap.open, on), (flap.home, 1 - on), (flap.open, on), (flap.detach, 1 - on)]:
        command()
        assert pin.state == expected


def test_mock_pins_remember_a_bounded_history(factory: Any) -> None:
    flap = relay(factory)
    for _ in range(HISTORY):
        flap.open()
        flap.home()
    states = factory.pin(PIN).states
    assert len(states) == HISTORY
    assert [state.state for state in states][-2:] == [1.0, 0.0]


def test_a_pin_tells_before_it_changes(factory: Any) -> None:
    flap = relay(factory)
    pin = factory.pin(PIN)
    seen: list[float] = []
    pin.before_change = lambda: seen.append(pin.state)
    flap.open()
    assert seen
    assert not any(seen)
    flap.home()
    assert seen[-1]


def test_without_lgpio_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lgpio", None)
    with pytest.raises(HardwareConfigError, match=r"python3-lgpio.*'mock'"):
        lgpio_factory()


class FakeLgpio(ModuleType):
    """lgpio as gpiozero calls it: one chip, and a record of the pulses that were sent."""

    SET_PULL_NONE = SET_PULL_UP = SET_PULL_DOWN = 0
    BOTH_EDGES = RISING_EDGE = FALLING_EDGE = 0

    class error(Exception):  # noqa: N801, N818 lgpio's name
        pass

    def __init__(self, chips: int) -> None:
        super().__init__("lgpio")
        self.chips = chips
        self.pulses: list[tuple[float, float]] = []
        self.outputs: set[int] = set()

    def gpiochip_open(self, chip: int) -> int:
        if chip >= self.chips:
            raise self.error("can not open gpiochip")
        return 1

    def gpiochip_close(self, handle: int) -> None:
        pass

    def gpio_claim_input(self, handle: int, pin: int, pull: int = 0) -> None:
        self.outputs.discard(pin)

    def gpio_claim_output(self, handle: int, pin: int) -> None:
        self.outputs.add(pin)

    def gpio_get_mode(self, handle: int, pin: int) -> int:
        return 2 if pin in self.outputs else 0

    def gpio_read(self, handle: int, pin: int) -> int:
        return 0

    def gpio_write(self, handle: int, pin: int, level: bool) -> None:
        pass

    def tx_pwm(self, handle: int, pin: int, frequency: float, duty: float) -> None:
        self.pulses.append((frequency, duty))


@pytest.fixture
def pi(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], FakeLgpio]]:
    def plug(chips: int) -> FakeLgpio:
        lgpio = FakeLgpio(chips)
        monkeypatch.setitem(sys.modules, "lgpio", lgpio)
        monkeypatch.setattr("gpiozero.pins.local.get_pi_revision", lambda: 0xA02082)
        monkeypatch.delitem(sys.modules, "gpiozero.pins.lgpio", raising=False)
        return lgpio

    yield plug
    sys.modules.pop("gpiozero.pins.lgpio", None)  # it holds on to the fake


def test_a_machine_without_gpio_says_so(pi: Callable[[int], FakeLgpio]) -> None:
    pi(0)
    with pytest.raises(GpioError, match=r"no GPIO.*gpiochip0"):
        lgpio_factory()


def test_a_servo_on_the_pi_is_not_held_to_whole_per_cents(pi: Callable[[int], FakeLgpio]) -> None:
    lgpio = pi(1)
    factory = lgpio_factory()
    flap = servo(factory, open_deg=10.0)
    assert all(duty == 0 for _, duty in lgpio.pulses)
    flap.open()
    # 10 degrees are 1.611 ms of 20 ms; gpiozero's own pin would send 8 % (1.6 ms -> 9 degrees), and 9 % next, 18 further.
    assert lgpio.pulses[-1] == (50, pytest.approx(100 * (0.5 + 2.0 * 100 / 180) / 20))
    flap.detach()
    assert lgpio.pulses[-1] == (0, 0)
    flap.close()
    factory.close()
