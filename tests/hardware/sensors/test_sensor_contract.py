"""What every switch and level sensor owes the bin: on mock pins and on kernel pins, on an I2C bus.

``SORTER_TEST_PINS=lgpio:CHIP`` runs it on a chip of the kernel's gpio-sim too; without it those tests are skipped.
"""

import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from gpiozero.pins.pi import PiPin

from hardware.clock import ManualClock
from hardware.errors import GpioError, HardwareConfigError, HardwareError, SensorError
from hardware.pins import SimulatedPin
from hardware.registry import LEVELS, SWITCHES, load
from hardware.sensor import LevelSensor
from hardware.sensors.pin import BOUNCE_S, SPIKE_S, PinSwitch
from hardware.sensors.ultrasonic import UltrasonicLevel
from hardware.sensors.vl53l0x import VL53L0XLevel
from tests.doubles.buses import VL53L0X, I2CBuses, Registers
from tests.doubles.wires import EVERY_WIRES, KernelWires, Wires
from tests.processes import until

PIN = 5
TRIGGER_PIN, ECHO_PIN = 20, 21
ADDRESS = 0x29
SPEED_OF_SOUND_M_S = 343.26
FAR_M = 17.0
"""As far as gpiozero waits for an echo."""


@pytest.fixture(params=EVERY_WIRES)
def wires(request: pytest.FixtureRequest) -> Iterator[Wires]:
    wires: Wires = request.param()
    yield wires
    wires.close()


on_mock_pins = pytest.mark.parametrize("wires", EVERY_WIRES[:1], indirect=True)


def test_the_registry_names_these_drivers() -> None:
    assert load(SWITCHES, "pin") is PinSwitch
    assert load(LEVELS, "ultrasonic") is UltrasonicLevel
    assert load(LEVELS, "vl53l0x") is VL53L0XLevel


# --- switches ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def make_switch(wires: Wires, clock: ManualClock, **options: Any) -> PinSwitch:
    return PinSwitch(name="panel.lid", pin_factory=wires.factory, clock=clock, **({"pin": PIN} | options))


def goes_off(switch: PinSwitch, clock: ManualClock) -> bool:
    """Whether it does so as time passes; a kernel tells of an edge a little later."""

    def off() -> bool:
        clock.advance(BOUNCE_S)
        return not switch.is_on

    return until(off)


class StampedPin(SimulatedPin):
    """Stamps its edges with the times that it is given, as the kernel does with its own."""

    at_s = 0.0

    def _call_when_changed(self) -> None:
        PiPin._call_when_changed(self, self.at_s, self._state)


either_way = pytest.mark.parametrize("active_high", [False, True])


@either_way
def test_a_switch_that_nothing_is_wired_to_is_off(wires: Wires, clock: ManualClock, active_high: bool) -> None:
    with make_switch(wires, clock, active_high=active_high) as switch:
        assert not switch.is_on


@either_way
def test_a_switch_that_is_pulled_towards_on_is_on_with_a_broken_wire(
    wires: Wires, clock: ManualClock, active_high: bool
) -> None:
    with make_switch(wires, clock, active_high=active_high, pull_up=active_high) as switch:
        assert switch.is_on_now
        wires.pull(PIN, not active_high)
        assert goes_off(switch, clock)
        wires.pull(PIN, active_high)
        assert switch.is_on


@either_way
def test_a_switch_is_on_at_once_and_off_when_it_has_stopped_to_bounce(
    wires: Wires, clock: ManualClock, active_high: bool
) -> None:
    with make_switch(wires, clock, active_high=active_high) as switch:
        wires.pull(PIN, active_high)
        assert switch.is_on
        clock.advance(10.0)
        assert switch.is_on
        wires.pull(PIN, not active_high)
        assert switch.is_on, "a contact may open for a moment"
        assert goes_off(switch, clock)


@either_way
@pytest.mark.parametrize("look_after_s", [0.0, 60.0])
def test_a_press_between_two_looks_is_told_at_the_next_one_and_not_again(
    wires: Wires, clock: ManualClock, active_high: bool, look_after_s: float
) -> None:
    with make_switch(wires, clock, active_high=active_high) as switch:
        assert not switch.is_on
        wires.pull(PIN, active_high)
        wires.rest(0.04)
        clock.advance(0.04)
        wires.pull(PIN, not active_high)
        clock.advance(look_after_s)
        assert until(lambda: switch.is_on)
        assert goes_off(switch, clock)


@on_mock_pins
@either_way
def test_a_spike_on_the_wire_is_no_press(wires: Wires, clock: ManualClock, active_high: bool) -> None:
    with make_switch(wires, clock, active_high=active_high) as switch:
        for _ in range(3):
            wires.pull(PIN, active_high)
            clock.advance(SPIKE_S / 2)
            wires.pull(PIN, not active_high)
            clock.advance(0.03)
            assert not switch.is_on


@on_mock_pins
@pytest.mark.parametrize(("lasts_s", "told_after_s", "is_on"), [(0.04, 0.0, True), (1e-6, 0.04, False)])
def test_how_long_a_press_lasted_the_kernel_says(
    wires: Wires, clock: ManualClock, lasts_s: float, told_after_s: float, is_on: bool
) -> None:
    """On a busy machine we are told of both of its ends at once, or of the second long after the first."""
    pin = wires.factory.pin(PIN, pin_class=StampedPin)
    with make_switch(wires, clock) as switch:
        wires.pull(PIN, False)
        clock.advance(told_after_s)
        pin.at_s = lasts_s
        wires.pull(PIN, True)
        assert switch.is_on is is_on


@on_mock_pins
def test_what_bounces_when_it_is_let_go_is_pressed_once(wires: Wires, clock: ManualClock) -> None:
    with make_switch(wires, clock) as switch:
        wires.pull(PIN, False)
        assert switch.is_on
        clock.advance(0.3)
        wires.pull(PIN, True)
        clock.advance(0.002)
        assert switch.is_on
        wires.pull(PIN, False)
        clock.advance(2 * SPIKE_S)
        wires.pull(PIN, True)
        clock.advance(BOUNCE_S)
        assert switch.is_on
        assert not switch.is_on


@on_mock_pins
def test_what_is_on_now_says_nothing_of_what_is_over(wires: Wires, clock: ManualClock) -> None:
    with make_switch(wires, clock) as switch:
        wires.pull(PIN, False)
        assert switch.is_on_now
        clock.advance(1.0)
        wires.pull(PIN, True)
        clock.advance(BOUNCE_S)
        assert not switch.is_on_now


@on_mock_pins
def test_a_pin_that_tells_of_no_edges_is_given_back(
    wires: Wires, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(pin: SimulatedPin) -> None:
        raise RuntimeError("GPIO busy")

    with monkeypatch.context() as patch:
        patch.setattr(SimulatedPin, "_enable_event_detect", refused)
        with pytest.raises(GpioError, match=r"panel\.lid: pin 5 is held") as told:
            make_switch(wires, clock)
    make_switch(wires, clock).close()
    assert told.tb, "what it failed in is still held, and so is whatever it did not let go itself"


def test_a_chattering_contact_is_on_once(wires: Wires, clock: ManualClock) -> None:
    with make_switch(wires, clock) as switch:
        for up in [False, True, False, True, False, False, True, False, True, True]:
            wires.pull(PIN, up)
            assert switch.is_on
            clock.advance(BOUNCE_S / 4)
        assert goes_off(switch, clock)


def test_a_closed_switch_cannot_be_read_and_lets_its_pin_go(wires: Wires, clock: ManualClock) -> None:
    with make_switch(wires, clock) as switch:
        pass
    switch.close()
    with pytest.raises(SensorError, match=r"panel\.lid.*closed"):
        _ = switch.is_on
    make_switch(wires, clock).close()


@on_mock_pins
def test_a_pin_that_cannot_be_read_is_a_sensor_error(wires: Wires, clock: ManualClock) -> None:
    switch = make_switch(wires, clock)
    wires.cut(PIN)
    with pytest.raises(SensorError, match=r"panel\.lid: cannot read, pin 5 failed.*bus gone"):
        _ = switch.is_on


def test_a_pin_taken_by_this_bin_is_named(wires: Wires, clock: ManualClock) -> None:
    with make_switch(wires, clock), pytest.raises(HardwareConfigError, match=r"panel\.lid: pin 5 is already in use"):
        make_switch(wires, clock)


def test_a_pin_held_by_another_program_is_named(wires: Wires, clock: ManualClock) -> None:
    with wires.hold_elsewhere(6), pytest.raises(GpioError, match=r"panel\.lid: pin 6 is held by another program"):
        make_switch(wires, clock, pin=6)


def test_a_pin_that_does_not_exist_is_named(wires: Wires, clock: ManualClock) -> None:
    with pytest.raises(HardwareConfigError, match=r"panel\.lid: there is no pin 99"):
        make_switch(wires, clock, pin=99)


def test_a_pin_that_the_board_pulls_up_cannot_be_pulled_down(wires: Wires, clock: ManualClock) -> None:
    with pytest.raises(HardwareConfigError, match=r"panel\.lid: pin 3 has a resistor.*active_high false"):
        make_switch(wires, clock, pin=3, active_high=True)


# --- level sensors ----------------------------------------------------------------------------------------------------


class LevelRig(ABC):
    """A driver, and what lies below the sensor.

    Attributes:
        exact: whether the distance told is the one that was put there.
    """

    exact = True

    @abstractmethod
    def make(self) -> LevelSensor:
        """The driver."""

    @abstractmethod
    def put(self, distance_m: float) -> None:
        """Something lies so far below the sensor; beyond 4 m, nothing."""

    @abstractmethod
    def pull_plug(self) -> None:
        """The sensor does not answer any more."""

    def close(self) -> None:  # noqa: B027 most have nothing to
        """Tidy up."""


class TriggerPin(SimulatedPin):
    """Answers each ping on the echo pin.

    Attributes:
        distance_m: what lies below; None: no answer.
    """

    distance_m: float | None = None

    def __init__(self, factory: Any, info: Any, echo: StampedPin) -> None:
        super().__init__(factory, info)
        self._echo = echo

    def _set_state(self, value: float) -> None:
        super()._set_state(value)
        if value and self.distance_m is not None:
            self._echo.at_s = 0.0
            self._echo.drive_high()
            self._echo.at_s = 2 * self.distance_m / SPEED_OF_SOUND_M_S
            self._echo.drive_low()


class SonarRig(LevelRig):
    """Ultrasound on mock pins."""

    def __init__(self, wires: Wires) -> None:
        self.wires = wires
        echo = wires.factory.pin(ECHO_PIN, pin_class=StampedPin)
        self._trigger = wires.factory.pin(TRIGGER_PIN, pin_class=partial(TriggerPin, echo=echo))

    def make(self) -> LevelSensor:
        return UltrasonicLevel(
            name="bins.glass.level", pin_factory=self.wires.factory, trigger_pin=TRIGGER_PIN, echo_pin=ECHO_PIN
        )

    def put(self, distance_m: float) -> None:
        self._trigger.distance_m = distance_m

    def pull_plug(self) -> None:
        self._trigger.distance_m = None

    def close(self) -> None:
        self.wires.close()


class KernelSonarRig(SonarRig):
    """Ultrasound on kernel pins: a thread sends echoes, for what is pinged is too short to be seen from outside."""

    exact = False

    def __init__(self, wires: KernelWires, monkeypatch: pytest.MonkeyPatch) -> None:
        # On a machine that is busy elsewhere an echo may take its time.
        monkeypatch.setattr("hardware.sensors.ultrasonic.MAX_DISTANCE_M", FAR_M)
        self.wires = wires
        self._echo_s: float | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._answer, daemon=True)
        self._thread.start()

    def put(self, distance_m: float) -> None:
        self._echo_s = 2 * distance_m / SPEED_OF_SOUND_M_S

    def pull_plug(self) -> None:
        self._echo_s = None

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        super().close()

    def _answer(self) -> None:
        # A little more than gpiozero waits between two pings, so that the next echo begins after the next ping.
        while not self._stop.wait(0.08):
            if (echo_s := self._echo_s) is not None:
                self.wires.pull(ECHO_PIN, True)
                self._stop.wait(echo_s)
                self.wires.pull(ECHO_PIN, False)


class LightRig(LevelRig):
    """A VL53L0X on a bus of ours, with the real driver."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.device = VL53L0X(8190)
        self.buses = I2CBuses(1)
        self.buses.devices[1, ADDRESS] = self.device
        monkeypatch.setattr("smbus2.SMBus", self.buses)
        monkeypatch.setattr("hardware.sensors.vl53l0x.EVERY_S", 0.01)

    def make(self) -> LevelSensor:
        return VL53L0XLevel(name="bins.glass.level", bus=1, address=ADDRESS)

    def put(self, distance_m: float) -> None:
        self.device = VL53L0X(round(1000 * min(distance_m, 8.19)))
        self.buses.devices[1, ADDRESS] = self.device

    def pull_plug(self) -> None:
        self.buses.devices.clear()


@pytest.fixture(params=["ultrasonic-mock", "ultrasonic-lgpio", "vl53l0x"])
def rig(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[LevelRig]:
    monkeypatch.setattr("hardware.sensors.ultrasonic.LOST_AFTER", 3)
    made: LevelRig
    if request.param == "vl53l0x":
        pytest.importorskip("adafruit_vl53l0x")
        made = LightRig(monkeypatch)
    else:
        wires = {param.id: param.values[0] for param in EVERY_WIRES}[request.param.partition("-")[2]]()
        made = KernelSonarRig(wires, monkeypatch) if isinstance(wires, KernelWires) else SonarRig(wires)
    yield made
    made.close()


def told(sensor: LevelSensor) -> float | str | None:
    """What the sensor says: a distance, nothing, or an error in words."""
    try:
        return sensor.distance_m
    except SensorError as error:
        return str(error)


def measures(sensor: LevelSensor) -> bool:
    distance_m = told(sensor)
    return isinstance(distance_m, float) and 0 < distance_m < FAR_M


def fails(sensor: LevelSensor) -> bool:
    return isinstance(told(sensor), str)


def test_it_tells_how_far_away_the_waste_is(rig: LevelRig) -> None:
    rig.put(0.4)
    with rig.make() as sensor:
        assert until(lambda: measures(sensor))
        if rig.exact:
            assert told(sensor) == pytest.approx(0.4, abs=1e-6)
            rig.put(0.1)
            assert until(lambda: told(sensor) == pytest.approx(0.1, abs=1e-6))


@pytest.mark.parametrize("rig", ["ultrasonic-mock", "vl53l0x"], indirect=True)
def test_nothing_in_range_is_no_distance(rig: LevelRig) -> None:
    rig.put(0.4)
    with rig.make() as sensor:
        assert until(lambda: measures(sensor))
        rig.put(9.0)
        assert until(lambda: told(sensor) is None)


def test_a_sensor_that_stops_answering_is_an_error_until_it_is_back(rig: LevelRig) -> None:
    rig.put(0.4)
    with rig.make() as sensor:
        assert until(lambda: measures(sensor))
        rig.pull_plug()
        assert until(lambda: fails(sensor))
        with pytest.raises(SensorError, match=r"bins\.glass\.level: .*(no echo|answer)"):
            _ = sensor.distance_m
        rig.put(0.4)
        assert until(lambda: measures(sensor))


def test_a_closed_sensor_cannot_be_read_and_lets_its_pins_go(rig: LevelRig) -> None:
    rig.put(0.4)
    with rig.make() as sensor:
        pass
    sensor.close()
    with pytest.raises(SensorError, match=r"bins\.glass\.level.*closed"):
        _ = sensor.distance_m
    rig.make().close()


# --- ultrasound -------------------------------------------------------------------------------------------------------


@on_mock_pins
def test_without_an_echo_the_error_says_where_to_look(wires: Wires, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hardware.sensors.ultrasonic.LOST_AFTER", 2)
    with SonarRig(wires).make() as sensor:
        assert sensor.distance_m is None, "nothing has been heard yet"
        assert until(lambda: fails(sensor))
        with pytest.raises(SensorError, match=r"no echo on pins 20 \(trigger\) and 21 \(echo\).*divider"):
            _ = sensor.distance_m


def test_one_pin_cannot_be_both_ends_of_a_sonar(wires: Wires) -> None:
    with pytest.raises(HardwareConfigError, match=r"bins\.glass\.level: pins 5 .*already in use"):
        UltrasonicLevel(name="bins.glass.level", pin_factory=wires.factory, trigger_pin=PIN, echo_pin=PIN)


# --- light ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def light(monkeypatch: pytest.MonkeyPatch) -> LightRig:
    pytest.importorskip("adafruit_vl53l0x")
    return LightRig(monkeypatch)


def test_a_sensor_that_hangs_does_not_hold_up_the_end(light: LightRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hardware.sensors.vl53l0x.TIMEOUT_S", 0.05)
    reads, answers = threading.Event(), threading.Event()

    def hangs(register: int) -> int:
        reads.set()
        answers.wait()
        return 0

    light.put(0.4)
    sensor = light.make()
    monkeypatch.setattr(light.device, "read", hangs)
    assert reads.wait(20.0)
    closing = threading.Thread(target=sensor.close, daemon=True)
    closing.start()
    try:
        assert until(lambda: not closing.is_alive())
    finally:
        answers.set()


def test_the_laser_rests_when_the_sensor_is_closed(light: LightRig) -> None:
    with light.make():
        assert light.device.ranging
    assert not light.device.ranging


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"address": 0x30}, SensorError, "nothing answers at address 0x30 on I2C bus 1.*i2cdetect"),
        ({"address": 0x48}, SensorError, "at address 0x48 on I2C bus 1 is no VL53L0X"),
        ({"bus": 0}, HardwareConfigError, "no I2C bus 0.*dtparam=i2c_vc=on"),
        (
            {"bus": 4},
            HardwareConfigError,
            "no I2C bus 4.*dtoverlay=i2c-gpio,bus=4,i2c_gpio_sda=SDA,i2c_gpio_scl=SCL.*free",
        ),
    ],
)
def test_a_sensor_that_is_not_there_is_named(
    light: LightRig, options: dict[str, int], error: type[HardwareError], message: str
) -> None:
    light.buses.devices[1, 0x48] = Registers()
    with pytest.raises(error, match=rf"bins\.glass\.level: .*{message}"):
        VL53L0XLevel(name="bins.glass.level", **options)


@pytest.mark.parametrize(("package", "extra"), [("adafruit_vl53l0x", "vl53l0x"), ("smbus2", "pi")])
def test_without_its_package_the_error_says_what_to_install(
    light: LightRig, monkeypatch: pytest.MonkeyPatch, package: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(HardwareConfigError, match=rf"bins\.glass\.level: .*pip install 'smart-bin-sorter\[{extra}\]'"):
        light.make()
