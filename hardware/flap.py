"""What every flap does: go to open, go home, let go."""

from abc import abstractmethod

from hardware.device import Device
from hardware.sensor import Switch


class Flap(Device):
    """One flap over one bin. Commands return at once; whoever gives them waits ``travel_s`` on its own clock.

    Nothing moves at construction. A context manager; ``close()`` may be called twice and leaves the pins undriven.

    Args:
        name: the bin's name, for messages.
        travel_s: time for the whole way between home and open, in seconds.
        end_switch: on while the flap is home; whoever made it closes it. None: there is none.
    """

    def __init__(self, *, name: str, travel_s: float, end_switch: Switch | None = None) -> None:
        self.name = name
        self.travel_s = travel_s
        self._end_switch = end_switch

    @property
    def is_home(self) -> bool | None:
        """What the end switch says; None without one. Raises SensorError when it cannot be read."""
        return None if self._end_switch is None else self._end_switch.is_on_now

    @abstractmethod
    def open(self) -> None:
        """Start towards the open position. Raises FlapError when the pin cannot be driven."""

    @abstractmethod
    def home(self) -> None:
        """Start towards the home (closed) position. Raises FlapError when the pin cannot be driven."""

    @abstractmethod
    def detach(self) -> None:
        """Stop driving: a servo gets no more pulses (no jitter, no heat), a relay rests. Safe to call at any time."""

    def halt(self) -> None:
        """Stop on the way, as far as the drive can: a servo without pulses stays where it is. Safe to call at any time."""
        self.detach()

    @abstractmethod
    def close(self) -> None:
        """Detach and release the pins."""
