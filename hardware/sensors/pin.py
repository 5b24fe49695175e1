"""A button, contact, light barrier or end switch on one pin."""

from typing import Any

from gpiozero import InputDevice

from hardware.clock import Clock, SystemClock
from hardware.errors import SensorError
from hardware.guard import claiming, driving
from hardware.sensor import Switch

BOUNCE_S = 0.05
"""How long contacts may chatter, in seconds."""


class PinSwitch(Switch):
    """On as soon as the pin says so, off once it has said nothing else for ``BOUNCE_S``.

    So a chattering contact counts once, a stop is seen at once, and a tap between two looks is not missed.

    Args:
        name: its config key, for messages.
        pin_factory: a gpiozero pin factory.
        pin: BCM number of the pin.
        active_high: whether a high pin means on; the pin is pulled the other way, so that nothing connected means off.
        clock: time; None: the machine's.

    Raises:
        HardwareConfigError: the pin is taken, does not exist, or cannot be pulled that way.
        SensorError, GpioError: the pin cannot be claimed.
    """

    def __init__(
        self, *, name: str, pin_factory: Any, pin: int, active_high: bool = False, clock: Clock | None = None
    ) -> None:
        super().__init__(name=name)
        self._clock = clock or SystemClock()
        self._where = f"pin {pin}"
        self._on_until_s = float("-inf")
        with claiming(name, self._where, SensorError):
            self._input: InputDevice | None = InputDevice(pin, pull_up=not active_high, pin_factory=pin_factory)
            # Any edge, whatever level comes with it: the kernel reads that a moment later, when a tap may be over.
            self._input.pin.when_changed = self._edge

    @property
    def is_on(self) -> bool:
        if self._input is None:
            raise SensorError(f"{self.name}: cannot read, it is closed")
        with driving(self.name, self._where, "read", SensorError):
            if self._input.is_active:
                self._stretch()
        return self._clock.now_s() < self._on_until_s

    def close(self) -> None:
        device, self._input = self._input, None
        if device is not None:
            with driving(self.name, self._where, "release", SensorError):
                device.pin.when_changed = None  # an edge told of after the end would end lgpio's thread
                device.close()

    def _edge(self, ticks: float, level: int) -> None:
        self._stretch()

    def _stretch(self) -> None:
        self._on_until_s = self._clock.now_s() + BOUNCE_S
