"""A flap held open by a solenoid or motor behind a relay; a spring brings it home."""

from gpiozero import DigitalOutputDevice

from hardware.drives.relay.section import RelaySection
from hardware.error_translation import claiming, driving
from hardware.errors import FlapError
from hardware.flap import Flap
from hardware.pin_factory import PinFactory
from hardware.sensor import Switch


class RelayFlap(Flap):
    """One relay on one pin: on opens, off lets the spring close.

    Args:
        section: pin, which level switches it on, and travel time.
        name: the bin's name, for messages.
        pins: hands out the pin.
        end_switch: on while the flap is home; None: there is none.

    Raises:
        HardwareConfigError: the pin is taken or does not exist.
        FlapError, GpioError: the pin cannot be claimed.
    """

    def __init__(self, section: RelaySection, *, name: str, pins: PinFactory, end_switch: Switch | None = None) -> None:
        super().__init__(
            name=name,
            travel_s=section.travel_s,
            max_on_s=section.max_on_s,
            force_n=section.force_n,
            end_switch=end_switch,
        )
        self._who = f"flap {name!r}"
        self._where = f"pin {section.pin}"
        with claiming(self._who, self._where, FlapError):
            self._relay: DigitalOutputDevice | None = DigitalOutputDevice(
                section.pin, active_high=section.active_high, initial_value=False, pin_factory=pins
            )

    @property
    def is_driven(self) -> bool:
        return self._relay is not None and bool(self._relay.value)

    def open(self) -> None:
        if self._relay is None:
            raise FlapError(f"{self._who}: cannot open, it is closed")
        with driving(self._who, self._where, "open", FlapError):
            self._relay.on()

    def home(self) -> None:
        if self._relay is None:
            raise FlapError(f"{self._who}: cannot go home, it is closed")
        with driving(self._who, self._where, "go home", FlapError):
            self._relay.off()

    def detach(self) -> None:
        if self._relay is not None:
            with driving(self._who, self._where, "detach", FlapError):
                self._relay.off()

    def halt(self) -> None:
        """Nothing: a relay cannot stop on its way. Switched off, the spring would close it on the hand."""

    def close(self) -> None:
        relay, self._relay = self._relay, None
        if relay is not None:
            with driving(self._who, self._where, "release", FlapError):
                try:
                    relay.off()
                finally:
                    relay.close()
