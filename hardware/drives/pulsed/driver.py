"""A flap moved by a hobby servo, whatever makes its pulses."""

from abc import abstractmethod

from hardware.drives.pulsed.section import PulsedSection
from hardware.error_translation import driving
from hardware.errors import FlapError
from hardware.flap import AngularFlap
from hardware.sensor import Switch

FRAME_MS = 20.0
"""Time from one pulse to the next, in milliseconds: the 50 Hz of analogue servos, which digital ones take as well."""


class PulsedFlap(AngularFlap):
    """One servo: the length of its pulses says where it goes. No pulses until the first command, none after ``detach()``.

    A subclass checks nothing and computes nothing: it starts and stops the pulses.

    Args:
        section: angles, pulses and travel time.
        name: the bin's name, for messages.
        end_switch: on while the flap is home; None: there is none.
    """

    def __init__(self, section: PulsedSection, *, name: str, end_switch: Switch | None = None) -> None:
        super().__init__(
            name=name,
            travel_s=section.travel_s,
            max_on_s=section.max_on_s,
            force_n=section.force_n,
            end_switch=end_switch,
        )
        self._who = f"flap {name!r}"
        self._section = section
        self._closed = False
        self._driven = False

    closes_slowly = True

    @property
    @abstractmethod
    def _where(self) -> str:
        """What makes the pulses, for messages, e.g. ``pin 12``."""

    @abstractmethod
    def _pulse(self, width_ms: float) -> None:
        """Send pulses of this length, one every ``FRAME_MS``."""

    @abstractmethod
    def _stop_pulses(self) -> None:
        """Send no more pulses."""

    @abstractmethod
    def _release(self) -> None:
        """Give back what makes the pulses."""

    @property
    def is_driven(self) -> bool:
        return self._driven

    def open(self) -> None:
        self._go("open", self._section.open_deg)

    def home(self) -> None:
        self._go("go home", self._section.home_deg)

    def move_to(self, angle_deg: float) -> None:
        self._go(f"go to {angle_deg:g} degrees", angle_deg)

    def creep_home(self, share: float) -> bool:
        section = self._section
        self._go("close slowly", section.open_deg + share * (section.home_deg - section.open_deg))
        return True

    def detach(self) -> None:
        if not self._closed:
            with driving(self._who, self._where, "detach", FlapError):
                self._stop_pulses()
                self._driven = False

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._driven = False
        with driving(self._who, self._where, "release", FlapError):
            try:
                self._stop_pulses()
            finally:
                self._release()

    def _go(self, what: str, angle_deg: float) -> None:
        if self._closed:
            raise FlapError(f"{self._who}: cannot {what}, it is closed")
        # Also when the command fails: it may have got through.
        self._driven = True
        with driving(self._who, self._where, what, FlapError):
            self._pulse(self._section.pulse_ms(angle_deg))
