"""A status light of up to four LEDs."""

from contextlib import ExitStack

from gpiozero import LED

from hardware.error_translation import claiming, driving
from hardware.errors import SensorError
from hardware.light import Signal, StatusLight
from hardware.pin_factory import PinFactory

BLINK_S = {Signal.ATTENTION: 0.5, Signal.FAULT: 0.125}
"""Half a period of the signals that blink, in seconds; the others are steady."""


class LEDLight(StatusLight):
    """One LED for each signal; a signal without one leaves the light dark. gpiozero blinks them in a thread of its own.

    Args:
        name: its config key, for messages.
        pin_factory: a gpiozero pin factory.
        ready: BCM number of the pin, as the three that follow; None: there is no such LED.
        sorting: ...
        attention: blinks once a second.
        fault: blinks four times a second.
        active_high: whether a high pin lights an LED.

    Raises:
        HardwareConfigError: a pin is taken or does not exist.
        SensorError, GpioError: a pin cannot be claimed.
    """

    def __init__(
        self,
        *,
        name: str,
        pin_factory: PinFactory,
        ready: int | None = None,
        sorting: int | None = None,
        attention: int | None = None,
        fault: int | None = None,
        active_high: bool = True,
    ) -> None:
        super().__init__(name=name)
        self._shown: Signal | None = Signal.OFF
        self._closed = False
        self._leds: dict[Signal, LED] = {}
        pins = {Signal.READY: ready, Signal.SORTING: sorting, Signal.ATTENTION: attention, Signal.FAULT: fault}
        try:
            for signal, pin in pins.items():
                if pin is not None:
                    with claiming(f"{name}.{signal}", f"pin {pin}", SensorError):
                        self._leds[signal] = LED(pin, active_high=active_high, pin_factory=pin_factory)
        except BaseException:
            self.close()
            raise

    def show(self, signal: Signal) -> None:
        if self._closed:
            raise SensorError(f"{self.name}: cannot show {signal}, it is closed")
        if signal is self._shown:
            return  # set again, it would begin its blinking again
        self._shown = None  # what a failure leaves is neither the one nor the other
        for one, led in self._leds.items():
            with driving(f"{self.name}.{one}", f"pin {led.pin.info.name}", f"show {signal}", SensorError):
                if one is not signal:
                    led.off()
                elif one in BLINK_S:
                    led.blink(on_time=BLINK_S[one], off_time=BLINK_S[one])
                else:
                    led.on()
        self._shown = signal

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        with ExitStack() as stack:  # each of them, whatever becomes of the others
            for signal, led in self._leds.items():
                stack.callback(self._release, signal, led)

    def _release(self, signal: Signal, led: LED) -> None:
        with driving(f"{self.name}.{signal}", f"pin {led.pin.info.name}", "release", SensorError):
            led.close()
