"""What every status light owes the bin: on mock pins and on kernel pins.

``SORTER_TEST_PINS=lgpio:CHIP`` runs it on a chip of the kernel's gpio-sim too; without it those tests are skipped.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from gpiozero import LED

from hardware.errors import GpioError, HardwareConfigError, SensorError
from hardware.light import Signal
from hardware.lights.leds import LEDLight
from hardware.registry import LIGHTS, load
from tests.doubles.wires import EVERY_WIRES, Wires
from tests.processes import until

PINS = {Signal.READY: 5, Signal.SORTING: 6, Signal.ATTENTION: 26, Signal.FAULT: 19}
STEADY = (Signal.READY, Signal.SORTING)
BLINKING = (Signal.ATTENTION, Signal.FAULT)


@pytest.fixture(params=EVERY_WIRES)
def wires(request: pytest.FixtureRequest) -> Iterator[Wires]:
    wires: Wires = request.param()
    yield wires
    wires.close()


def make(wires: Wires, **options: Any) -> LEDLight:
    pins = {signal.value: pin for signal, pin in PINS.items()}
    return LEDLight(name="panel.light", pin_factory=wires.factory, **(pins | options))


def lit(wires: Wires) -> set[Signal]:
    return {signal for signal, pin in PINS.items() if wires.level(pin)}


def test_the_registry_names_this_driver() -> None:
    assert {kind: load(LIGHTS, kind) for kind in LIGHTS} == {"leds": LEDLight}


def test_it_is_dark_at_first_and_at_last(wires: Wires) -> None:
    with make(wires) as light:
        assert lit(wires) == set()
        light.show(Signal.READY)
        light.show(Signal.OFF)
        assert lit(wires) == set()
        light.show(Signal.SORTING)
    light.close()
    assert lit(wires) == set()
    with pytest.raises(SensorError, match=r"panel\.light.*closed"):
        light.show(Signal.READY)
    make(wires).close()


@pytest.mark.parametrize("signal", STEADY)
def test_a_steady_signal_lights_its_led_alone(wires: Wires, signal: Signal) -> None:
    with make(wires) as light:
        for before in PINS:
            light.show(before)
            light.show(signal)
            assert lit(wires) == {signal}


@pytest.mark.parametrize("signal", BLINKING)
def test_an_alarm_blinks_its_led_alone_without_further_calls(wires: Wires, signal: Signal) -> None:
    with make(wires) as light:
        light.show(Signal.READY)
        light.show(signal)
        for _ in range(2):
            assert until(lambda: lit(wires) == {signal})
            assert until(lambda: lit(wires) == set())


def test_a_signal_shown_again_goes_on_blinking(wires: Wires) -> None:
    with make(wires) as light:
        light.show(Signal.FAULT)
        seen = set()

        def both() -> bool:
            light.show(Signal.FAULT)
            seen.add(wires.level(PINS[Signal.FAULT]))
            return len(seen) == 2

        assert until(both)


def test_leds_may_be_lit_by_a_low_pin(wires: Wires) -> None:
    with make(wires, active_high=False) as light:
        assert lit(wires) == set(PINS)
        light.show(Signal.READY)
        assert lit(wires) == set(PINS) - {Signal.READY}


def test_a_signal_without_an_led_leaves_the_light_dark(wires: Wires) -> None:
    with make(wires, sorting=None) as light:
        light.show(Signal.READY)
        light.show(Signal.SORTING)
        assert lit(wires) == set()


@pytest.mark.parametrize("wires", EVERY_WIRES[:1], indirect=True)
def test_a_failing_pin_is_named_and_the_next_signal_is_tried(wires: Wires) -> None:
    light = make(wires)
    wires.cut(PINS[Signal.READY])
    for _ in range(2):
        with pytest.raises(SensorError, match=r"panel\.light\.ready: cannot show ready, .*bus gone"):
            light.show(Signal.READY)


@pytest.mark.parametrize("wires", EVERY_WIRES[:1], indirect=True)
def test_an_led_that_cannot_be_let_go_keeps_none_of_the_others(wires: Wires, monkeypatch: pytest.MonkeyPatch) -> None:
    light = make(wires)
    light.show(Signal.FAULT)
    release = LED.close

    def lost(led: LED) -> None:
        release(led)
        if led is first:
            raise RuntimeError("bus gone")

    first = light._leds[Signal.READY]
    monkeypatch.setattr(LED, "close", lost)
    with pytest.raises(SensorError, match=r"panel\.light\.ready: cannot release.*bus gone"):
        light.close()
    monkeypatch.undo()
    make(wires).close()  # all four are free again


def test_a_pin_that_does_not_exist_is_named(wires: Wires) -> None:
    with pytest.raises(HardwareConfigError, match=r"panel\.light\.fault: there is no pin 99"):
        make(wires, fault=99)
    make(wires).close()  # the other three are free again


def test_a_pin_held_by_another_program_is_named(wires: Wires) -> None:
    with (
        wires.hold_elsewhere(26),
        pytest.raises(GpioError, match=r"panel\.light\.attention: pin 26 is held by another"),
    ):
        make(wires)
