"""A button, contact, light barrier or end switch on one pin."""

import math

from gpiozero import InputDevice

from hardware.clock import Clock, SystemClock
from hardware.error_translation import claiming, driving, undoing
from hardware.errors import SensorError
from hardware.pin_factory import PinFactory
from hardware.sensor import Switch

BOUNCE_S = 0.05
"""Longest time that contacts bounce, in seconds."""

SPIKE_S = 0.005
"""What lasts shorter, in seconds, is a disturbance on the wire and no press."""


class PinSwitch(Switch):
    """On as soon as the pin says so, off once it has said nothing else for ``BOUNCE_S``.

    A stop is seen at once, and a contact that bounces counts once. A press between two looks is reported at the next one,
    however late that comes; a spike between two looks is not.

    Args:
        name: its config key, for messages.
        pin_factory: a gpiozero pin factory.
        pin: BCM number of the pin.
        active_high: whether a high pin means on.
        pull_up: whether the pin is pulled up, else down; what that means is read when nothing is connected, or a wire is broken.
            None: the other way than on, so that nothing connected means off.
        clock: time; None: the machine's.

    Raises:
        HardwareConfigError: the pin is taken, does not exist, or cannot be pulled that way.
        SensorError, GpioError: the pin cannot be claimed.
    """

    def __init__(
        self,
        *,
        name: str,
        pin_factory: PinFactory,
        pin: int,
        active_high: bool = False,
        pull_up: bool | None = None,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(name=name)
        self._clock = clock or SystemClock()
        self._where = f"pin {pin}"
        self._active_high = active_high
        self._since = math.inf
        self._on_until_s = -math.inf
        # Two numbers, each with one writer: another thread reports the edges.
        self._presses = self._presses_reported = 0
        with claiming(name, self._where, SensorError):
            pulled_up = not active_high if pull_up is None else pull_up
            self._input: InputDevice | None = InputDevice(pin, pull_up=pulled_up, pin_factory=pin_factory)
            with undoing(self.close):
                self._input.pin.when_changed = self._edge

    @property
    def is_on(self) -> bool:
        presses = self._presses
        is_on = self.is_on_now or presses != self._presses_reported
        self._presses_reported = presses
        return is_on

    @property
    def is_on_now(self) -> bool:
        if self._input is None:
            raise SensorError(f"{self.name}: cannot read, it is closed")
        with driving(self.name, self._where, "read", SensorError):
            # By the level: gpiozero knows only switches that work against the pull.
            if bool(self._input.pin.state) is self._active_high:
                self._stretch()
        return self._clock.now_s() < self._on_until_s

    def close(self) -> None:
        device, self._input = self._input, None
        if device is not None:
            with driving(self.name, self._where, "release", SensorError):
                try:
                    device.pin.when_changed = None  # an edge reported after the end would end lgpio's thread
                finally:
                    device.close()

    def _edge(self, ticks: float, level: int) -> None:
        # The kernel's stamp where there is one: on a busy machine both ends of a press are reported at once.
        now = self._clock.now_s() if math.isnan(ticks) else ticks
        if bool(level) is self._active_high:
            self._since = now
            return
        if now - self._since >= SPIKE_S:
            self._presses += 1
            self._stretch()
        self._since = math.inf

    def _stretch(self) -> None:
        self._on_until_s = self._clock.now_s() + BOUNCE_S
