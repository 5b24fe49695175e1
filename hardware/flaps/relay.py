"""A flap held open by a solenoid or motor behind a relay; a spring brings it home."""

from typing import Any

from gpiozero import DigitalOutputDevice

from hardware.errors import FlapError
from hardware.flap import Flap
from hardware.flaps.guard import claiming, driving
from hardware.limits import within


class RelayFlap(Flap):
    """One relay on one pin: on opens, off lets the spring close.

    Args:
        name: the bin's name, for messages.
        pin_factory: a gpiozero pin factory.
        pin: BCM number of the pin.
        active_high: whether a high pin switches the relay on (False for most opto-coupled boards).
        travel_s: time for the whole way between home and open, in seconds (0.01..10).

    Raises:
        HardwareConfigError: a limit is violated, or the pin is taken or does not exist.
        FlapError: the pin cannot be claimed.
    """

    def __init__(
        self, *, name: str, pin_factory: Any, pin: int, active_high: bool = True, travel_s: float = 0.4
    ) -> None:
        super().__init__(name=name, travel_s=travel_s)
        within(f"flap {name!r}: travel_s", travel_s, 0.01, 10)
        self._pin = pin
        with claiming(name, pin):
            self._relay: DigitalOutputDevice | None = DigitalOutputDevice(
                pin, active_high=active_high, initial_value=False, pin_factory=pin_factory
            )

    def open(self) -> None:
        if self._relay is None:
            raise FlapError(f"flap {self.name!r}: cannot open, it is closed")
        with driving(self.name, self._pin, "open"):
            self._relay.on()

    def home(self) -> None:
        if self._relay is None:
            raise FlapError(f"flap {self.name!r}: cannot go home, it is closed")
        with driving(self.name, self._pin, "go home"):
            self._relay.off()

    def detach(self) -> None:
        if self._relay is not None:
            with driving(self.name, self._pin, "detach"):
                self._relay.off()

    def halt(self) -> None:
        """Nothing: a relay cannot stop on its way. Switched off, the spring would close it on the hand."""

    def close(self) -> None:
        relay, self._relay = self._relay, None
        if relay is not None:
            with driving(self.name, self._pin, "release"):
                try:
                    relay.off()
                finally:
                    relay.close()
