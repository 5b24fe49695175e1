"""Where pins come from: the Raspberry Pi's header, or gpiozero's mock pins for the simulated bin."""

import math
from collections import deque
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

from gpiozero.exc import GPIOZeroError
from gpiozero.pins.mock import MockFactory, MockPWMPin
from gpiozero.pins.pi import PiPin

from hardware.errors import GpioError, HardwareConfigError
from hardware.pin_factory import PinFactory
from hardware.sequence import Timeline

DEV = Path("/dev")

HEADER_LABELS = ("pinctrl-rp1", "pinctrl-bcm2711", "pinctrl-bcm2835")
"""What the kernel calls the chip behind the header of a Raspberry Pi 5, 4, and those before."""

NOT_SIMULATED = "the simulated bin needs simulated pins: pins 'mock'"

HISTORY = 256
"""Number of state changes that a mock pin remembers."""


class SimulatedPin(MockPWMPin):  # type: ignore[misc]
    """A mock pin with PWM that can run for months and that a simulated world can listen to.

    gpiozero's own keeps every state it ever had; here ``states`` holds the last ``HISTORY`` ones. It has no time of its own:
    an edge's stamp is nan.

    Attributes:
        before_change: called, when set, just before the signal on the pin changes. The simulated world brings itself up
            to date with the old signal there, so that a command takes effect at its own time, not at the next frame's.
        on_change: called, when set, with the new level just after it has changed: what counts edges listens here.
    """

    before_change: Callable[[], None] | None = None
    on_change: Callable[[bool], None] | None = None
    states: deque[object]
    _wired: bool | None = None

    def wire(self, level: bool | None) -> None:
        """Hold it at this level while it is an input, whatever pulls at it; None: its wire is broken, and its pull decides."""
        self._wired = level
        if self._function == "input":
            self._follow_wire()

    def _follow_wire(self) -> None:
        level = self._pull == "up" if self._wired is None else self._wired
        if bool(self._state) is not level and (self._wired is not None or self._pull != "floating"):
            (self.drive_high if level else self.drive_low)()

    def _set_pull(self, value: str) -> None:
        super()._set_pull(value)
        self._follow_wire()

    def clear_states(self) -> None:
        super().clear_states()
        self.states = deque(self.states, maxlen=HISTORY)

    def _call_when_changed(self) -> None:
        PiPin._call_when_changed(self, math.nan, self._state)

    def output_with_state(self, state: float) -> None:
        """Become an output at this level, without being one at the other before."""
        self._change_state(float(state))
        self._set_function("output")

    def close(self) -> None:
        super().close()
        self._change_state(0.0)  # nothing drives it any more

    def _announce(self) -> None:
        if self.before_change is not None:
            self.before_change()

    def _set_function(self, value: str) -> None:
        self._announce()
        super()._set_function(value)

    def _set_frequency(self, value: float | None) -> None:
        if value is None and self._frequency is None:
            return  # gpiozero's pulls the line low even where no pulses end, which switches on what is low-active
        self._announce()
        super()._set_frequency(value)

    def _change_state(self, value: float) -> bool:
        self._announce()
        changed = bool(super()._change_state(value))
        if changed and self.on_change is not None:
            self.on_change(bool(value))
        return changed


class SimulatedPins(MockFactory):  # type: ignore[misc]
    """gpiozero pins that exist only in memory, with PWM.

    Attributes:
        timeline: where drivers run what takes time between its signals.
    """

    def __init__(self) -> None:
        super().__init__(pin_class=SimulatedPin)
        self.timeline = Timeline()


def mock_factory() -> SimulatedPins:
    """Pins that exist only in memory."""
    return SimulatedPins()


def simulated_pin(factory: PinFactory, number: int) -> SimulatedPin:
    """The mock pin of a GPIO number. Raises HardwareConfigError when the factory's pins are not simulated."""
    pin = factory.pin(number)
    if not isinstance(pin, SimulatedPin):
        raise HardwareConfigError(NOT_SIMULATED)
    return pin


def simulated_timeline(factory: PinFactory) -> Timeline:
    """The timeline of simulated pins. Raises HardwareConfigError when the factory's pins are not simulated."""
    if not isinstance(factory, SimulatedPins):
        raise HardwareConfigError(NOT_SIMULATED)
    return factory.timeline


def lgpio_factory(*, chip: int | None = None) -> PinFactory:
    """The pins on the Raspberry Pi's header, through lgpio.

    Args:
        chip: number of the /dev/gpiochip to use; None: the header's own, found by its label. Its number is 0 or 4 or
            another, as the kernel likes (gpiozero #1166); all of them call GPIO 17 line 17.

    Raises:
        HardwareConfigError: the lgpio package is not installed.
        GpioError: this machine has no such GPIO chip, or we may not use it.
    """
    try:
        # When imported it makes a pipe in the working directory, which two programs must not share and which may be
        # read-only (gpiozero #1106), or goes to the folder LG_WD for good.
        with TemporaryDirectory(prefix="lgpio-") as folder, chdir(folder):
            import lgpio
            from gpiozero.pins.lgpio import LGPIOFactory, LGPIOPin
    except ImportError as error:
        raise HardwareConfigError(
            f"pins 'lgpio' need the package lgpio ({error}): on Raspberry Pi OS 'sudo apt install python3-lgpio' and a "
            "virtual environment with --system-site-packages; elsewhere use pins 'mock'"
        ) from error
    except OSError as error:
        raise GpioError(f"lgpio finds no place for its pipe: expected a folder for temporary files: {error}") from error

    class FinePin(LGPIOPin):  # type: ignore[misc]
        """gpiozero cuts the duty cycle to whole percentages: 18 degrees of a 0.5-2.5 ms servo (gpiozero #1209); and pulses that
        end leave the line as it is, high in one case of ten."""

        _pwm: tuple[float, float] | None

        def output_with_state(self, state: float) -> None:
            """gpiozero makes it a low output first: for a moment, what is low-active would be on."""
            lgpio.gpio_claim_output(self.factory._handle, self._number, int(state))

        def _set_state(self, value: float) -> None:
            if not self._pwm:
                super()._set_state(value)
                return
            self._pwm = (self._pwm[0], value * 100)
            lgpio.tx_pwm(self.factory._handle, self._number, *self._pwm)

        def _set_frequency(self, value: float | None) -> None:
            had_pulses = self._pwm is not None
            super()._set_frequency(value)
            if had_pulses and self._pwm is None:
                lgpio.gpio_write(self.factory._handle, self._number, 0)

    try:
        factory = LGPIOFactory(chip=_header_chip(lgpio) if chip is None else chip)
    except (lgpio.error, GPIOZeroError, OSError) as error:
        device = DEV / f"gpiochip{'*' if chip is None else chip}"
        raise GpioError(
            f"no GPIO here ({error}): pins 'lgpio' need a Raspberry Pi, and read and write access to {device} "
            "(group gpio); for a simulated bin use pins 'mock'"
        ) from error
    factory.pin_class = FinePin
    pins: PinFactory = factory
    return pins


def _header_chip(lgpio: ModuleType) -> int:
    """Number of the chip behind the header. Raises OSError when no chip that may be opened is one."""
    found: list[str] = []
    for chip in sorted(int(path.name.removeprefix("gpiochip")) for path in DEV.glob("gpiochip*")):
        try:
            handle = lgpio.gpiochip_open(chip)
        except lgpio.error:
            found.append(f"gpiochip{chip}: may not be opened")
            continue
        label = lgpio.gpio_get_chip_info(handle)[3]
        lgpio.gpiochip_close(handle)
        if label in HEADER_LABELS:
            return chip
        found.append(f"gpiochip{chip}: {label}")
    raise OSError(f"no chip is a Raspberry Pi's header: {', '.join(found) or f'there is no {DEV}/gpiochip0'}")
