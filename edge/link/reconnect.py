"""Pauses between two connections to the broker: a thousand bins do not come back in the same second."""

import random

FIRST_S, LONGEST_S = 1.0, 120.0
"""Shortest pause, and the longest, in seconds."""

STEADY_S = 60.0
"""Time that a connection must have held for the next pause to be a short one again, in seconds."""


class ReconnectPause:
    """Draws the pauses: between ``FIRST_S`` and a limit that doubles with each, up to ``LONGEST_S``.

    Args:
        chance: draws.
    """

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._most_s = 2 * FIRST_S

    def next_s(self, *, held_s: float = 0.0) -> float:
        """The pause after a connection that has failed or ended, in seconds.

        Args:
            held_s: how long it was there, in seconds; 0: it did not come about.
        """
        if held_s >= STEADY_S:
            self._most_s = 2 * FIRST_S
        pause_s = self._chance.uniform(FIRST_S, self._most_s)
        self._most_s = min(2 * self._most_s, LONGEST_S)
        return pause_s
