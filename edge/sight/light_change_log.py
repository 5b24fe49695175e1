"""Log lines about changes of the light: one for each change, however many pictures it takes."""

import logging

log = logging.getLogger(__name__)

LEAST_SHARE = 0.1
"""Share of the tray that a change must explain to be worth a line: a door that opens explains most of it, a shadow less."""

STEADY_S = 10.0
"""Changes that follow each other within this time, in seconds, are one: a door that opens, clouds."""


class LightChangeLog:
    """Logs a change once, until the light has been steady for ``STEADY_S``; the rest goes to the debug log."""

    def __init__(self) -> None:
        self._changed_s: float | None = None

    def add(self, share: float, time_s: float) -> None:
        """Report a change.

        Args:
            share: share of the tray, 0..1, that looked different and is empty when seen in the new light.
            time_s: when, in seconds.
        """
        lately = self._changed_s is not None and 0 <= time_s - self._changed_s < STEADY_S
        level = logging.DEBUG if lately or share < LEAST_SHARE else logging.INFO
        log.log(level, "the light has changed: the empty tray is recognised in the new light")
        if share >= LEAST_SHARE:
            self._changed_s = time_s
