"""What every flap does: go to open, go home, stop driving."""

from abc import abstractmethod

from hardware.device import Device
from hardware.sensor import Switch


class Flap(Device):
    """One flap over one bin. Commands return at once; the caller waits ``travel_s`` on its own clock.

    ``was_stopped``: something other than the caller has stopped it or let it go since its last command. ``closes_slowly``:
    whether it can close step by step (``creep_home``).

    Nothing moves at construction. A context manager; ``close()`` may be called twice and leaves the pins undriven.

    Args:
        name: the bin's name, for messages.
        travel_s: longest time for the whole way between home and open, in seconds.
        max_on_s: longest time under current, in seconds; the caller lets it go then.
        force_n: force at the flap's edge, in newtons; None: not stated.
        end_switch: on while the flap is home; the caller closes it. None: there is none.
    """

    was_stopped = False
    closes_slowly = False

    def __init__(
        self,
        *,
        name: str,
        travel_s: float,
        max_on_s: float = 10.0,
        force_n: float | None = None,
        end_switch: Switch | None = None,
    ) -> None:
        self.name = name
        self.travel_s = travel_s
        self.max_on_s = max_on_s
        self.force_n = force_n
        self._end_switch = end_switch

    @property
    def is_home(self) -> bool | None:
        """What the end switch says; None without one. Raises SensorError when it cannot be read."""
        return None if self._end_switch is None else self._end_switch.is_on_now

    @property
    def is_shut(self) -> bool:
        """Whether nothing can have fallen since it was told to open, so that the opening can be called off: what turns first
        under a closed gate. False where that is not known."""
        return False

    @property
    @abstractmethod
    def is_driven(self) -> bool:
        """Whether it is under current: a servo gets pulses, a relay is on."""

    @abstractmethod
    def open(self) -> None:
        """Start towards the open position. Raises FlapError when it cannot be driven."""

    @abstractmethod
    def home(self) -> None:
        """Start towards the home (closed) position. Raises FlapError when it cannot be driven."""

    @abstractmethod
    def detach(self) -> None:
        """Stop driving: a servo gets no more pulses (no jitter, no heat), a relay rests. Safe to call at any time."""

    def halt(self) -> None:
        """Stop on the way, as far as the drive can: a servo without pulses stays where it is. Safe to call at any time."""
        self.detach()

    def creep_home(self, share: float) -> bool:
        """Go to where ``share`` of the way from open to home is done, 0..1, to close slowly; False: it cannot.

        Raises:
            FlapError: it cannot be driven.
        """
        return False

    @abstractmethod
    def close(self) -> None:
        """Detach and release the pins."""


class AngularFlap(Flap):
    """A flap whose drive goes to any angle, so that a person can move it step by step."""

    @abstractmethod
    def move_to(self, angle_deg: float) -> None:
        """Start towards an angle, in degrees, within the drive's limits. Nothing is dropped there on purpose.

        Raises:
            FlapError: it cannot be driven.
        """
