"""The truth at a moment at which a flap's angle changes while people are over the tray."""

from dataclasses import dataclass

from hardware.world.flap_command import NewestFrame
from hardware.world.person import PersonOverTray

LATE_S = 0.03
"""How much later than it should a drive may arrive before it counts as late, in seconds: a step of the world and a half."""


@dataclass(frozen=True, slots=True)
class FlapMotion:
    """A flap has moved a little, under people.

    Attributes:
        time_s: when, in seconds of the world's clock.
        bin: the bin of its pins.
        person: who is over the tray.
        commanded_s: when its pins commanded it to move; -inf: they never did. Seconds.
        travel_s: longest time that the move should take by the configuration, in seconds.
        halt_s: time in which its driver can stop it, in seconds; infinite: a relay cannot, nor can a spring.
        seen: the newest picture that the camera has handed out; None: there was none yet.
        faults: kinds of the faults at that moment.
        planned: kinds of all faults of the world, past and future.
    """

    time_s: float
    bin: str
    person: PersonOverTray
    commanded_s: float
    travel_s: float
    halt_s: float
    seen: NewestFrame | None
    faults: frozenset[str]
    planned: frozenset[str]

    @property
    def is_late(self) -> bool:
        """Whether its drive should have arrived before."""
        return self.time_s > self.commanded_s + self.travel_s + LATE_S
