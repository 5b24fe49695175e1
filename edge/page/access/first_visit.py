"""The first visit: whoever can read the bin's console makes the first account, within an hour."""

import hmac
import secrets

from hardware.clock import Clock

OPEN_S = 3600.0
"""Time after the start in which the first visit may come from another machine, in seconds."""

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Letters and digits that nobody mistakes for each other."""

GROUPS, LETTERS = 2, 4
"""Form of the code: ABCD-EFGH, 39 bits."""


class FirstVisit:
    """The code of a page that has no account yet. It is new at each start.

    Args:
        clock: its monotonic time is used: the wall clock of a bin that was just switched on is often wrong.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began_s = clock.now_s()
        self.code = "-".join("".join(secrets.choice(ALPHABET) for _ in range(LETTERS)) for _ in range(GROUPS))

    @property
    def left_s(self) -> float:
        """Time left for a visit from another machine, in seconds."""
        return max(self._began_s + OPEN_S - self._clock.now_s(), 0.0)

    def is_code(self, text: str) -> bool:
        """Whether this is the code, however it was typed."""
        typed = "".join(letter for letter in text.upper() if letter.isalnum())
        return hmac.compare_digest(typed.encode(), self.code.replace("-", "").encode())
