"""The pins: the simulated ones, and which of a machine's GPIO chips the header is."""

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hardware.errors import GpioError, HardwareConfigError
from hardware.flap import Flap
from hardware.pins import HISTORY, lgpio_factory, mock_factory
from hardware.registry import PIN_FACTORIES, load
from tests.doubles.drives import make_flap

PIN = 17


@pytest.fixture
def factory() -> Iterator[Any]:
    factory = mock_factory()
    yield factory
    factory.close()


def servo(factory: Any, **options: Any) -> Flap:
    return make_flap("servo", pin_factory=factory, **({"pin": PIN, "home_deg": -45.0, "open_deg": 45.0} | options))


def relay(factory: Any, *, active_high: bool = True) -> Flap:
    return make_flap("relay", pin_factory=factory, pin=PIN, active_high=active_high)


def test_the_registry_names_these_pins() -> None:
    assert load(PIN_FACTORIES, "mock") is mock_factory
    assert load(PIN_FACTORIES, "lgpio") is lgpio_factory


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


def test_a_low_active_relay_is_off_from_the_moment_its_pin_is_an_output(factory: Any) -> None:
    pin = factory.pin(PIN)
    seen: list[tuple[str, float]] = []
    pin.before_change = lambda: seen.append((pin.function, pin.state))
    with relay(factory, active_high=False):
        assert (pin.function, pin.state) == ("output", 1.0)
    assert ("output", 0.0) not in seen


def test_what_is_wired_to_a_pin_holds_it_against_its_pull_until_its_wire_breaks(factory: Any) -> None:
    pin = factory.pin(PIN)
    pin.wire(False)
    pin.input_with_pull("up")
    assert not pin.state
    pin.wire(None)
    assert pin.state
    pin.wire(False)
    assert not pin.state
    pin.wire(None)
    pin.pull = "floating"
    assert pin.state, "it stays where it was"


def test_without_lgpio_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lgpio", None)
    with pytest.raises(HardwareConfigError, match=r"python3-lgpio.*'mock'"):
        lgpio_factory()


class FakeLgpio(ModuleType):
    """lgpio as gpiozero calls it, with chips by number and label (None: no permission), and a record of the pulses."""

    SET_PULL_NONE = SET_PULL_UP = SET_PULL_DOWN = 0
    BOTH_EDGES = RISING_EDGE = FALLING_EDGE = 0

    class error(Exception):  # noqa: N801, N818 lgpio's name
        pass

    def __init__(self, chips: Mapping[int, str | None]) -> None:
        super().__init__("lgpio")
        self.chips = chips
        self.pulses: list[tuple[float, float]] = []
        self.outputs: set[int] = set()
        self.levels: dict[int, bool] = {}
        self.written: list[tuple[int, bool]] = []

    def gpiochip_open(self, chip: int) -> int:
        if self.chips.get(chip) is None:
            raise self.error("can not open gpiochip")
        return chip

    def gpio_get_chip_info(self, handle: int) -> list[Any]:
        return [0, 54, f"gpiochip{handle}", self.chips[handle]]

    def gpiochip_close(self, handle: int) -> None:
        pass

    def gpio_claim_input(self, handle: int, pin: int, pull: int = 0) -> None:
        self.outputs.discard(pin)

    def gpio_claim_output(self, handle: int, pin: int, level: int = 0) -> None:
        self.outputs.add(pin)
        self.gpio_write(handle, pin, bool(level))

    def gpio_get_mode(self, handle: int, pin: int) -> int:
        return 2 if pin in self.outputs else 0

    def gpio_read(self, handle: int, pin: int) -> int:
        return 0

    def gpio_write(self, handle: int, pin: int, level: bool) -> None:
        self.levels[pin] = bool(level)
        self.written.append((pin, bool(level)))

    def tx_pwm(self, handle: int, pin: int, frequency: float, duty: float) -> None:
        self.pulses.append((frequency, duty))
        # They end wherever they are, in the middle of one as here.
        self.levels[pin] = True


@pytest.fixture
def pi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., FakeLgpio]]:
    def plug(chips: Mapping[int, str | None], revision: int = 0xA02082) -> FakeLgpio:
        lgpio = FakeLgpio(chips)
        for chip in chips:
            (tmp_path / f"gpiochip{chip}").touch()
        monkeypatch.setattr("hardware.pins.DEV", tmp_path)
        monkeypatch.setitem(sys.modules, "lgpio", lgpio)
        monkeypatch.setattr("gpiozero.pins.local.get_pi_revision", lambda: revision)
        monkeypatch.delitem(sys.modules, "gpiozero.pins.lgpio", raising=False)
        return lgpio

    yield plug
    sys.modules.pop("gpiozero.pins.lgpio", None)  # it holds on to the fake


BROADCOM = dict.fromkeys((10, 11, 12, 13), "gpio-brcmstb@107d508500")


@pytest.mark.parametrize(
    ("revision", "chips", "header"),
    [
        pytest.param(0xA02082, {0: "pinctrl-bcm2835", 1: "raspberrypi-exp-gpio"}, 0, id="Pi 3"),
        pytest.param(0xB03114, {0: "pinctrl-bcm2711", 1: "raspberrypi-exp-gpio"}, 0, id="Pi 4"),
        pytest.param(0xC04170, {0: "gpio-brcmstb@107d508500", 4: "pinctrl-rp1"}, 4, id="Pi 5, first kernels"),
        pytest.param(0xC04170, {0: "pinctrl-rp1", 4: "pinctrl-rp1", **BROADCOM}, 0, id="Pi 5, kernel 6.6.45"),
        pytest.param(0xC04170, {**BROADCOM, 15: "pinctrl-rp1"}, 15, id="Pi 5, kernel 6.12.96"),
    ],
)
def test_the_header_is_found_whatever_its_number(
    pi: Callable[..., FakeLgpio], revision: int, chips: Mapping[int, str], header: int
) -> None:
    pi(chips, revision)
    factory = lgpio_factory()
    assert factory.chip == header
    factory.close()


@pytest.mark.parametrize(
    ("chips", "message"),
    [
        ({}, r"no GPIO.*there is no .*gpiochip0"),
        ({0: "INT34C5:00"}, r"no GPIO.*Raspberry Pi's header: gpiochip0: INT34C5"),
        ({0: None}, r"gpiochip0: may not be opened.*group gpio"),
    ],
)
def test_a_machine_without_gpio_says_so(
    pi: Callable[..., FakeLgpio], chips: Mapping[int, str | None], message: str
) -> None:
    pi(chips)
    with pytest.raises(GpioError, match=message):
        lgpio_factory()


def test_a_chip_that_is_not_there_is_named(pi: Callable[..., FakeLgpio]) -> None:
    pi({0: "pinctrl-bcm2711"})
    with pytest.raises(GpioError, match="gpiochip7"):
        lgpio_factory(chip=7)


def test_a_servo_on_the_pi_is_not_held_to_whole_per_cents(pi: Callable[..., FakeLgpio]) -> None:
    lgpio = pi({0: "pinctrl-bcm2711"})
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


LITTERING = """
import os
open(".lgd-nfy0", "w").close()
os.chdir("/")
SET_PULL_NONE = SET_PULL_UP = SET_PULL_DOWN = BOTH_EDGES = RISING_EDGE = FALLING_EDGE = 0
class error(Exception): pass
"""
"""What lgpio does when it is imported: a pipe in the working directory, or away to another for good."""


def test_lgpio_leaves_the_working_directory_alone(
    pi: Callable[..., FakeLgpio], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pi({})
    sys.modules.pop("lgpio")
    (tmp_path / "lgpio.py").write_text(LITTERING)
    monkeypatch.syspath_prepend(tmp_path)
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    with pytest.raises(GpioError, match="no GPIO"):
        lgpio_factory()
    assert Path.cwd() == folder
    assert list(folder.iterdir()) == []


def test_pulses_that_end_leave_the_line_low(pi: Callable[..., FakeLgpio]) -> None:
    lgpio = pi({0: "pinctrl-bcm2711"})
    factory = lgpio_factory()
    with servo(factory, pin=12) as flap:
        flap.open()
        assert lgpio.levels[12]
        flap.detach()
        assert not lgpio.levels[12]
    factory.close()


def test_on_lgpio_as_well_a_low_active_relay_is_never_on_while_its_pin_is_claimed(
    pi: Callable[..., FakeLgpio],
) -> None:
    lgpio = pi({0: "pinctrl-bcm2711"})
    factory = lgpio_factory()
    with relay(factory, active_high=False) as flap:
        assert lgpio.written == [(PIN, True)]
        flap.open()
        assert not lgpio.levels[PIN]
    factory.close()
