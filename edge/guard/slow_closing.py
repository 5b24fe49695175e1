"""A slow way home, which leaves a person the time to draw a hand back."""

from hardware.clock import Clock
from hardware.flap import Flap

CREEP_S, CREEP_STEPS = 5.0, 50
"""Time in which a flap closes slowly from fully open, in seconds, and the number of its steps where nothing else asks for
them."""


class SlowClosing:
    """Takes one flap home step by step, from where it stands: a way that begins fully open would open it first.

    Args:
        flap: the driver.
        opening: how far it stands open, 0 home to 1 open.
        within_s: time for this way, in seconds.
        clock: time.
    """

    def __init__(self, flap: Flap, *, opening: float, within_s: float, clock: Clock) -> None:
        self._flap = flap
        self._begin_opening = opening
        self._begin_s = clock.now_s()
        self._within_s = within_s
        self._clock = clock

    def advance(self) -> float | None:
        """Send it to where it should be by now.

        Returns:
            How far it stands open there; None: the drive cannot close slowly, and was not moved.

        Raises:
            FlapError: it cannot be driven.
        """
        done = (self._clock.now_s() - self._begin_s) / self._within_s
        opening = self._begin_opening * max(1.0 - done, 0.0)
        return opening if self._flap.creep_home(1.0 - opening) else None
