"""What every flap driver owes the bin: on mock pins and on kernel pins, on the kernel's PWM, on an I2C board.

``SORTER_TEST_PINS=lgpio:CHIP`` runs it on a chip of the kernel's gpio-sim too, ``SORTER_TEST_PWM=CHIP:CHANNEL`` on a PWM
chip, ``SORTER_TEST_I2C=BUS`` on the kernel's i2c-stub with a chip at 0x40; without them those tests are skipped.
"""

import errno
import os
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import ValidationError

from edge.service.drivers import SharedDrives
from hardware.clock import ManualClock
from hardware.drives.pca9685.driver import STEP_MS
from hardware.drives.section import FlapSection
from hardware.errors import FlapError, GpioError, HardwareConfigError, HardwareError
from hardware.flap import AngularFlap, Flap
from hardware.pins import SimulatedPin
from hardware.pwm import SYSFS
from hardware.registry import FLAPS, load
from hardware.sensor import Switch
from hardware.sim.mechanics import BodyContext
from tests.doubles.buses import PCA9685, I2CBuses, PWMTree, pca9685_pulse_ms, refusal
from tests.doubles.drives import drive_section, flap_section, make_flap
from tests.doubles.wires import EVERY_WIRES, Wires

PIN, OTHER_PIN = 17, 27
CAROUSEL = {
    "kind": "carousel",
    "step_pin": 17,
    "dir_pin": 27,
    "enable_pin": 22,
    "gate_pin": 23,
    "gate_active_high": True,
    "home_switch": {"pin": 24},
}
SERVO = {"kind": "servo", "home_deg": -45.0, "open_deg": 45.0}
TRAPDOOR = {"kind": "trapdoor", "door": SERVO | {"pin": 17}}
CHANNEL, ADDRESS = 1, 0x40
HEADER_PWM = "fe20c000.pwm"


class FlapRig(ABC):
    """A driver, and what is at the other end of it.

    Attributes:
        place: what an error names.
    """

    place: str

    @abstractmethod
    def make(self, **options: Any) -> Flap:
        """The driver."""

    @abstractmethod
    def told(self) -> str:
        """What the flap is told at this moment: ``nothing``, ``home`` or ``open``."""

    def cut(self) -> None:
        """The connection breaks; not that of the kernel's."""
        raise NotImplementedError

    def close(self) -> None:  # noqa: B027 most have nothing to
        """Tidy up."""


class ServoRig(FlapRig):
    """A servo that goes home on 1 ms and open on 2 ms."""

    kind: str
    factory: Any = None
    where: dict[str, Any]
    step_ms = 1e-3

    def make(self, **options: Any) -> Flap:
        options = self.where | {"home_deg": -45.0, "open_deg": 45.0} | options
        return make_flap(self.kind, pin_factory=self.factory, **options)

    @abstractmethod
    def pulse_ms(self) -> float | None:
        """Length of the pulses; None without any."""

    def told(self) -> str:
        width_ms = self.pulse_ms()
        if width_ms is None:
            return "nothing"
        return {1.0: "home", 2.0: "open"}[round(width_ms, 2)]


class PinServoRig(ServoRig):
    """On a pin, its pulses made by software."""

    kind = "servo"
    place = f"pin {PIN}"

    def __init__(self, wires: Wires) -> None:
        self.wires = wires
        self.factory, self.where = wires.factory, {"pin": PIN}

    def pulse_ms(self) -> float | None:
        width_ms = self.wires.pulse_ms(PIN)
        assert width_ms is not None or not self.wires.level(PIN)
        return width_ms

    def cut(self) -> None:
        self.wires.cut(PIN)


class RelayRig(FlapRig):
    """A relay on a pin. Told nothing, it goes home."""

    place = f"pin {PIN}"

    def __init__(self, wires: Wires) -> None:
        self.wires = wires

    def make(self, **options: Any) -> Flap:
        return make_flap("relay", pin_factory=self.wires.factory, **({"pin": PIN, "active_high": True} | options))

    def told(self) -> str:
        return "open" if self.wires.level(PIN) else "home"

    def cut(self) -> None:
        self.wires.cut(PIN)


class CarouselRig(FlapRig):
    """A carousel on mock pins, with the simulated chute at their other end."""

    place = r"pins 17 \(step\), 27 \(dir\) and 22 \(enable\)"
    wanted = ("step_pin", "dir_pin", "enable_pin")

    def __init__(self, wires: Wires) -> None:
        self.wires = wires
        self.clock = ManualClock()
        self.stack = ExitStack()
        self.section = drive_section(CAROUSEL)
        self.shared = SharedDrives(self.stack, {"carousel": self.section}, pin_factory=wires.factory, clock=self.clock)
        self.chute: Any = None

    def make(self, *, end_switch: Switch | None = None, **options: Any) -> Flap:
        section = flap_section({"kind": "carousel", "drive": "carousel", "position_deg": 90} | options)
        flap = section.make("glass", self.shared, end_switch=end_switch)
        if self.chute is None:
            context = BodyContext(self.wires.factory, flaps={"glass": section})
            self.chute = self.section.body("carousel", context)
        self.wait(0.0)
        return flap

    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.wires.factory.timeline.run_until(self.clock.now_s())
        self.chute.listen(self.clock.now_s())

    def told(self) -> str:
        self.wait(4.0)
        if not self.chute.is_enabled:
            assert not self.chute.gate.is_driven
            return "nothing"
        return "open" if self.chute.gate.is_driven and self.chute.over == "glass" else "home"

    def cut(self) -> None:
        for key in self.wanted:
            self.wires.cut(CAROUSEL[key])

    def close(self) -> None:
        with suppress(FlapError):
            self.stack.close()


class PWMRig(ServoRig):
    """On the kernel's PWM, its folder made by us."""

    kind = "hardware_servo"
    place = f"PWM chip 0 channel {CHANNEL}"

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.tree = PWMTree(folder, {"pwmchip0": HEADER_PWM})
        self.tree.plug_into(monkeypatch)
        self.where = {"chip": 0, "channel": CHANNEL}
        self.channel = self.tree.root / "pwmchip0" / f"pwm{CHANNEL}"

    def pulse_ms(self) -> float | None:
        return sysfs_pulse_ms(self.channel)

    def cut(self) -> None:
        self.tree.refused = refusal(errno.ENODEV)


class KernelPWMRig(ServoRig):
    """On the kernel's PWM."""

    kind = "hardware_servo"

    def __init__(self, chip: int, channel: int) -> None:
        self.place = f"PWM chip {chip} channel {channel}"
        self.where = {"chip": chip, "channel": channel}
        self.channel = SYSFS / f"pwmchip{chip}" / f"pwm{channel}"

    def pulse_ms(self) -> float | None:
        return sysfs_pulse_ms(self.channel)


class BoardRig(ServoRig):
    """On a PCA9685."""

    kind = "pca9685"
    place = f"channel {CHANNEL} of the PCA9685 at 0x40 on I2C bus 1"
    step_ms = STEP_MS

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.where = {"bus": 1, "address": ADDRESS, "channel": CHANNEL}
        self.board = PCA9685()
        self.buses = I2CBuses(1)
        self.buses.devices[1, ADDRESS] = self.board
        monkeypatch.setattr("smbus2.SMBus", self.buses)

    def pulse_ms(self) -> float | None:
        return pca9685_pulse_ms(self.board.read, CHANNEL)

    def cut(self) -> None:
        self.buses.devices.clear()


class StubBoardRig(ServoRig):
    """On the kernel's I2C, whose i2c-stub keeps what a PCA9685 would be told."""

    kind = "pca9685"
    step_ms = STEP_MS

    def __init__(self, bus: int) -> None:
        from smbus2 import SMBus

        self.where = {"bus": bus, "address": ADDRESS, "channel": CHANNEL}
        self.place = f"channel {CHANNEL} of the PCA9685 at 0x40 on I2C bus {bus}"
        self.bus = SMBus(bus)

    def pulse_ms(self) -> float | None:
        return pca9685_pulse_ms(lambda register: self.bus.read_byte_data(ADDRESS, register), CHANNEL)

    def close(self) -> None:
        self.bus.close()


class TrapdoorRig(FlapRig):
    """A trapdoor on mock pins, and one plate below it."""

    def __init__(self, wires: Wires) -> None:
        self.wires = wires
        self.clock = ManualClock()
        self.stack = ExitStack()
        sections = {"tray": drive_section(TRAPDOOR)}
        self.shared = SharedDrives(self.stack, sections, pin_factory=wires.factory, clock=self.clock)

    def make(self, *, end_switch: Switch | None = None, **options: Any) -> Flap:
        plate = SERVO | {"pin": 27}
        section = flap_section({"kind": "trapdoor", "drive": "tray", "plate": plate} | options)
        return section.make("glass", self.shared, end_switch=end_switch)

    def told(self) -> str:
        for _ in range(100):
            self.clock.advance(0.02)
            self.wires.factory.timeline.run_until(self.clock.now_s())
        widths_ms = [self.wires.pulse_ms(pin) for pin in (17, 27)]
        if None in widths_ms:
            assert widths_ms == [None, None]
            return "nothing"
        (both,) = {round(width_ms or 0.0, 2) for width_ms in widths_ms}
        return {1.0: "home", 2.0: "open"}[both]

    def close(self) -> None:
        self.stack.close()


ON_PINS: dict[str, Callable[[Wires], FlapRig]] = {
    "servo": PinServoRig,
    "relay": RelayRig,
    "carousel": CarouselRig,
    "trapdoor": TrapdoorRig,
}


def sysfs_pulse_ms(channel: Path) -> float | None:
    if not channel.exists() or not PWMTree.read(channel, "enable"):
        return None
    assert PWMTree.read(channel, "period") == 20_000_000
    return PWMTree.read(channel, "duty_cycle") / 1e6


def setting(name: str, what: str) -> list[int]:
    """The numbers in an environment variable; skips the test without it."""
    value = os.environ.get(name)
    if not value:
        pytest.skip(f"{name} names no {what}")
    return [int(part) for part in value.split(":")]


@pytest.fixture
def rig(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FlapRig]:
    kind, on = request.param
    made: FlapRig
    if kind in ON_PINS:
        wires = {param.id: param.values[0] for param in EVERY_WIRES}[on]()
        made = ON_PINS[kind](wires)
        yield made
        made.close()
        wires.close()
        return
    if kind == "pca9685":
        pytest.importorskip("smbus2")
    made = {
        ("hardware_servo", "fake"): lambda: PWMRig(tmp_path, monkeypatch),
        ("hardware_servo", "kernel"): lambda: KernelPWMRig(*setting("SORTER_TEST_PWM", "PWM channel (CHIP:CHANNEL)")),
        ("pca9685", "fake"): lambda: BoardRig(monkeypatch),
        ("pca9685", "i2c-stub"): lambda: StubBoardRig(*setting("SORTER_TEST_I2C", "i2c-stub bus")),
    }[kind, on]()
    yield made
    made.close()


SERVOS = [
    ("servo", "mock"),
    ("servo", "lgpio"),
    ("hardware_servo", "fake"),
    ("hardware_servo", "kernel"),
    ("pca9685", "fake"),
    ("pca9685", "i2c-stub"),
]
RELAYS = [("relay", "mock"), ("relay", "lgpio")]
SHARED = [("carousel", "mock"), ("trapdoor", "mock")]


def on(*kinds: tuple[str, str]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("rig", kinds, ids="-".join, indirect=True)


every_flap = on(*SERVOS, *RELAYS, *SHARED)
every_servo = on(*SERVOS)
every_relay = on(*RELAYS)


def rest(rig: FlapRig) -> str:
    """What a flap is told that is let go."""
    return "home" if isinstance(rig, RelayRig) else "nothing"


def test_the_registry_names_these_drivers() -> None:
    tested = {kind for kind, _ in (*SERVOS, *RELAYS, *SHARED)}
    assert tested == set(FLAPS)
    for kind in tested:
        section = load(FLAPS, kind)
        assert issubclass(section, FlapSection)
        assert section.model_fields["kind"].annotation == Literal[kind]
    with pytest.raises(HardwareConfigError, match=f"'magnet'.*{', '.join(sorted(FLAPS))}"):
        load(FLAPS, "magnet")


# --- every flap -------------------------------------------------------------------------------------------------------


@every_flap
def test_nothing_moves_at_construction(rig: FlapRig) -> None:
    with rig.make():
        assert rig.told() == rest(rig)


@every_flap
def test_it_does_what_it_is_told(rig: FlapRig) -> None:
    with rig.make() as flap:
        for _ in range(2):
            flap.open()
            assert rig.told() == "open"
            flap.home()
            assert rig.told() == "home"
        flap.open()
        flap.detach()
        assert rig.told() == rest(rig)


@every_flap
def test_closing_twice_lets_go_once(rig: FlapRig) -> None:
    with rig.make() as flap:
        flap.open()
    flap.close()
    flap.detach()
    assert rig.told() == rest(rig)
    for command in (flap.open, flap.home):
        with pytest.raises(FlapError, match=r"'glass'.*closed"):
            command()
    with rig.make() as again:  # what it held is free
        again.home()
        assert rig.told() == "home"
        again.open()
        assert rig.told() == "open"


@every_flap
@pytest.mark.parametrize("travel_s", [0.0, -1.0, 11.0, float("nan")])
def test_travel_times_are_bounded(rig: FlapRig, travel_s: float) -> None:
    with pytest.raises(ValidationError, match="travel_s"):
        rig.make(travel_s=travel_s)


@on(("servo", "mock"), ("relay", "mock"), ("hardware_servo", "fake"), ("pca9685", "fake"), ("carousel", "mock"))
@pytest.mark.parametrize("command", ["open", "home"])
def test_a_broken_connection_is_a_flap_error(rig: FlapRig, command: str) -> None:
    flap = rig.make()
    rig.cut()
    with pytest.raises(FlapError, match=f"'glass'.*{rig.place} failed"):
        getattr(flap, command)()


class EndSwitch(Switch):
    """One that says what it is told to say."""

    is_on = is_on_now = False

    def close(self) -> None:
        pass


@every_flap
def test_an_end_switch_says_whether_it_is_home(rig: FlapRig) -> None:
    switch = EndSwitch(name="bins.glass.flap.end_switch")
    with rig.make(end_switch=switch) as flap:
        assert flap.is_home is False
        switch.is_on = True
        assert flap.is_home is False, "it was there, and is no longer"
        switch.is_on_now = True
        assert flap.is_home is True
    with rig.make() as flap:
        assert flap.is_home is (True if isinstance(rig, CarouselRig) else None), "a carousel has its home switch"


# --- servos -----------------------------------------------------------------------------------------------------------


@every_servo
def test_a_halted_servo_gets_no_more_pulses(rig: ServoRig) -> None:
    with rig.make() as flap:
        flap.open()
        flap.halt()
        assert rig.told() == "nothing"


@every_servo
def test_a_servo_goes_to_any_angle(rig: ServoRig) -> None:
    with rig.make() as flap:
        assert isinstance(flap, AngularFlap)
        flap.move_to(0.0)
        assert rig.pulse_ms() == pytest.approx(1.5, abs=rig.step_ms)
    with pytest.raises(FlapError, match=r"'glass'.*cannot go to 10 degrees, it is closed"):
        flap.move_to(10.0)


@every_servo
def test_a_servo_s_own_calibration_is_used(rig: ServoRig) -> None:
    with rig.make(
        min_deg=-135, max_deg=135, min_pulse_ms=0.6, max_pulse_ms=2.4, home_deg=-135, open_deg=-45, travel_s=1.0
    ) as flap:
        flap.open()
        assert rig.pulse_ms() == pytest.approx(1.2, abs=rig.step_ms)
        flap.home()
        assert rig.pulse_ms() == pytest.approx(0.6, abs=rig.step_ms)


@on(("servo", "mock"), ("hardware_servo", "fake"), ("pca9685", "fake"))
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"open_deg": 90.1}, "open_deg.*90.1"),
        ({"home_deg": -100}, "home_deg.*-100"),
        ({"home_deg": 45}, "never open"),
        ({"home_deg": float("nan")}, "home_deg"),
        ({"min_deg": 90}, "min_deg must be below max_deg"),
        ({"min_pulse_ms": 2.5}, "min_pulse_ms"),
        ({"min_pulse_ms": 0}, "min_pulse_ms"),
        ({"max_pulse_ms": 20}, "max_pulse_ms"),
    ],
)
def test_a_servo_s_limits_are_refused_before_anything_is_touched(
    rig: ServoRig, options: dict[str, float], message: str
) -> None:
    rig.cut()
    with pytest.raises(ValidationError, match=f"(?s){message}"):
        rig.make(**options)


# --- on pins ----------------------------------------------------------------------------------------------------------


on_pins = on(("servo", "mock"), ("servo", "lgpio"), ("relay", "mock"), ("relay", "lgpio"))


@on_pins
def test_a_pin_taken_by_this_bin_is_named(rig: PinServoRig | RelayRig) -> None:
    with rig.make(), pytest.raises(HardwareConfigError, match=r"'glass'.*pin 17 is already in use"):
        rig.make()


@on_pins
def test_a_pin_held_by_another_program_is_named(rig: PinServoRig | RelayRig) -> None:
    with (
        rig.wires.hold_elsewhere(OTHER_PIN),
        pytest.raises(GpioError, match=r"'glass'.*pin 27 is held by another program.*gpioinfo") as told,
    ):
        rig.make(pin=OTHER_PIN)
    rig.make(pin=OTHER_PIN).close()
    assert told.tb, "whoever keeps the error does not keep the pin"


@on(("servo", "mock"), ("relay", "mock"))
def test_a_pin_that_does_not_exist_is_refused(rig: PinServoRig | RelayRig) -> None:
    with pytest.raises(ValidationError, match=r"(?s)pin.*27"):
        rig.make(pin=99)


@on(("servo", "mock"))
def test_a_pin_that_cannot_be_set_up_is_given_back(rig: PinServoRig, monkeypatch: pytest.MonkeyPatch) -> None:
    refusals = [RuntimeError("bus gone")]
    set_frequency = SimulatedPin._set_frequency

    def refused_once(pin: SimulatedPin, frequency: float | None) -> None:
        if frequency is None and refusals:
            raise refusals.pop()
        set_frequency(pin, frequency)

    monkeypatch.setattr(SimulatedPin, "_set_frequency", refused_once)
    with pytest.raises(FlapError, match=r"'glass'.*cannot claim pin 17.*bus gone") as told:
        rig.make()
    rig.make().close()
    assert told.tb, "what it failed in is still held, and so is whatever it did not let go itself"


@every_relay
def test_a_halted_relay_ends_what_it_has_begun(rig: RelayRig) -> None:
    """Switched off half-way, its spring would close the flap on the hand that it is halted for."""
    with rig.make() as flap:
        flap.open()
        flap.halt()
        assert rig.told() == "open"
        flap.home()
        flap.halt()
        assert rig.told() == "home"


@every_relay
@pytest.mark.parametrize("active_high", [True, False])
def test_a_relay_is_on_only_while_open(rig: RelayRig, active_high: bool) -> None:
    with rig.make(active_high=active_high) as flap:
        assert rig.wires.level(PIN) is not active_high
        for command, is_on in [(flap.open, True), (flap.home, False), (flap.open, True), (flap.detach, False)]:
            command()
            assert rig.wires.level(PIN) is (active_high if is_on else not active_high)


# --- on the kernel's PWM ----------------------------------------------------------------------------------------------


on_sysfs = on(("hardware_servo", "fake"))


@on_sysfs
def test_a_channel_left_running_by_a_killed_program_is_silenced(rig: PWMRig) -> None:
    killed = rig.make()
    killed.open()
    for name, value in (("enable", 0), ("polarity", "inversed"), ("period", 40_000_000), ("duty_cycle", 30_000_000)):
        rig.tree.write(rig.channel / name, value)
    rig.tree.write(rig.channel / "enable", 1)
    with rig.make() as flap:
        assert rig.told() == "nothing"
        flap.open()
        assert rig.told() == "open"
        assert (rig.channel / "polarity").read_text().strip() == "normal"


@on_sysfs
def test_a_channel_that_cannot_be_set_up_is_given_back(rig: PWMRig) -> None:
    rig.tree.refused_once["period"] = refusal(errno.EINVAL)
    with pytest.raises(FlapError, match=r"'glass'.*Invalid argument"):
        rig.make()
    assert not rig.channel.exists()
    rig.make().close()


@on_sysfs
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"chip": 3}, r"no .*pwmchip3 \(found pwmchip0 \(fe20c000.pwm\)\).*dtoverlay=pwm-2chan.*reboot"),
        ({"channel": 2}, r"no channel 2; expected 0\.\.1"),
    ],
)
def test_a_pwm_channel_that_is_not_there_is_named(rig: PWMRig, options: dict[str, int], message: str) -> None:
    with pytest.raises(HardwareConfigError, match=f"'glass'.*{message}"):
        rig.make(**options)


@on_sysfs
def test_udev_may_take_a_moment_to_hand_a_channel_over(rig: PWMRig, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([False, False, True])
    monkeypatch.setattr("hardware.pwm.os.access", lambda *_: next(answers))
    rig.make().close()
    assert next(answers, None) is None


@on_sysfs
def test_no_permission_for_the_pwm_says_which_group(rig: PWMRig) -> None:
    rig.tree.refused = PermissionError(errno.EACCES, "Permission denied", "/sys/class/pwm/pwmchip0/export")
    with pytest.raises(FlapError, match=r"'glass'.*no permission.*pwmchip0/export.*group.* gpio"):
        rig.make()


@pytest.mark.parametrize(
    ("chips", "header"),
    [
        pytest.param({"pwmchip0": "fe20c000.pwm", "pwmchip1": "fe20c800.pwm"}, "pwmchip0", id="Pi 4"),
        pytest.param({"pwmchip0": "107d517a80.pwm", "pwmchip2": "1f00098000.pwm"}, "pwmchip2", id="Pi 5, kernel 6.6"),
        pytest.param({"pwmchip0": "1f00098000.pwm", "pwmchip4": "1f0009c000.pwm"}, "pwmchip0", id="Pi 5, kernel 6.12"),
    ],
)
def test_the_header_s_pwm_is_found_whatever_its_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chips: dict[str, str], header: str
) -> None:
    tree = PWMTree(tmp_path, chips)
    tree.plug_into(monkeypatch)
    with make_flap("hardware_servo", channel=0, home_deg=-45, open_deg=45) as flap:
        flap.open()
        assert sysfs_pulse_ms(tree.root / header / "pwm0") == pytest.approx(2.0)


def test_a_fan_s_pwm_is_not_taken_for_the_header_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    PWMTree(tmp_path, {"pwmchip0": "107d517a80.pwm"}).plug_into(monkeypatch)
    with pytest.raises(HardwareConfigError, match=r"no PWM chip behind.*found pwmchip0 \(107d517a80.pwm\).*dtoverlay"):
        make_flap("hardware_servo", channel=0, home_deg=-45, open_deg=45)


# --- on a PCA9685 -----------------------------------------------------------------------------------------------------


on_board = on(("pca9685", "fake"))


@on_board
def test_flaps_share_a_board_without_disturbing_each_other(rig: BoardRig) -> None:
    with rig.make(channel=5) as other:
        other.open()
        with rig.make() as flap:
            assert pca9685_pulse_ms(rig.board.read, 5) == pytest.approx(2.0, abs=rig.step_ms)
            flap.home()
        assert pca9685_pulse_ms(rig.board.read, 5) == pytest.approx(2.0, abs=rig.step_ms)
        assert rig.told() == "nothing"


@on_board
def test_a_board_that_lost_its_power_obeys_again(rig: BoardRig) -> None:
    with rig.make() as flap:
        flap.open()
        rig.buses.devices[1, ADDRESS] = rig.board = PCA9685()
        flap.home()
        assert rig.told() == "home"


@on_board
@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"address": 0x41}, FlapError, "nothing answers at address 0x41 on I2C bus 1.*i2cdetect -y 1"),
        ({"bus": 4}, HardwareConfigError, "no I2C bus 4.*dtoverlay=i2c-gpio,bus=4"),
    ],
)
def test_a_board_that_is_not_there_is_named(
    rig: BoardRig, options: dict[str, int], error: type[HardwareError], message: str
) -> None:
    with pytest.raises(error, match=f"'glass'.*{message}"):
        rig.make(**options)


def test_without_smbus2_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "smbus2", None)
    with pytest.raises(HardwareConfigError, match=r"'glass'.*smbus2.*pip install"):
        make_flap("pca9685", channel=0, home_deg=-45, open_deg=45)
