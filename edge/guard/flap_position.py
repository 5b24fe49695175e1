"""Where a flap stands, by the clock alone."""

import math

from hardware.clock import Clock


class FlapPosition:
    """How far a flap stands open, 0 home to 1 open: it turns evenly, and a part of the way takes a part of the time.

    Args:
        travel_s: longest time for the whole way, in seconds.
        clock: time.
    """

    def __init__(self, *, travel_s: float, clock: Clock) -> None:
        self._travel_s = travel_s
        self._clock = clock
        self._arrives_s = clock.now_s()
        self._from = self._to = 0.0
        # From then on it is known where it stands.
        self._known_from_s = -math.inf

    @property
    def is_known(self) -> bool:
        """Whether it has gone all the way once since it was forgotten."""
        return self._clock.now_s() >= self._known_from_s

    @property
    def is_moving(self) -> bool:
        """Whether it may still be on its way."""
        return self._clock.now_s() < self._arrives_s

    @property
    def is_opening(self) -> bool:
        """Whether it may still be on its way to open."""
        return self.is_moving and self._to > self._from

    @property
    def opening(self) -> float:
        """How far it stands open now."""
        left = min(max((self._arrives_s - self._clock.now_s()) / self._travel_s, 0.0), 1.0)
        way, done = self._to - self._from, 1.0 - left
        return self._from + math.copysign(min(abs(way), done), way)

    def set_out(self, to_opening: float) -> None:
        """It is about to be sent somewhere: from here on, whether or not the command succeeds."""
        if not self.is_known:
            self._known_from_s = math.inf
        self._from, self._to = self.opening, to_opening
        self._arrives_s = self._clock.now_s() + self._travel_s

    def note_sent(self) -> None:
        """The command has succeeded. It may have taken its time, and the way begins now."""
        self._arrives_s = self._clock.now_s() + self._travel_s
        if self._known_from_s == math.inf:
            self._known_from_s = self._arrives_s

    def stay(self) -> None:
        """It has stopped where it is."""
        if not self.is_known:
            self._known_from_s = math.inf
        self.place(self.opening)
        self._arrives_s = self._clock.now_s()

    def place(self, opening: float) -> None:
        """It was taken there step by step."""
        self._from = self._to = opening

    def forget(self) -> None:
        """It may stand anywhere, until it has gone all the way once. It counts as open."""
        self.place(1.0)
        self._known_from_s = math.inf
