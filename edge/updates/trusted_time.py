"""Whether the wall clock may be believed: a Raspberry Pi without a battery wakes in the past, where nothing has expired."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from edge.errors import UnavailableError
from edge.files.bounded import read_bounded
from edge.files.owner import make_folder
from edge.files.state_files import write_whole
from hardware.clock import Clock

NAME = "clock.json"
"""File with the latest time that was believed."""

SYNCED = Path("/run/systemd/timesync/synchronized")
"""Made by systemd-timesyncd once the clock is set."""

TIMESYNCD = Path("/run/systemd/timesync")
"""Folder of a running systemd-timesyncd: where there is none, another service sets the clock, and does not say so."""

PROGRAM_MADE_WALL_S = 1_793_491_200.0
"""1 November 2026: no clock is right that is before this program."""

AHEAD_S = 366 * 86_400.0
"""How far the clock may leap at once, in seconds: what leaps further was set to nonsense, and would let everything expire."""


def is_synchronized() -> bool:
    """Whether the clock is set, as far as that can be told."""
    return SYNCED.exists() or not TIMESYNCD.is_dir()


class TrustedTime:
    """Remembers the latest time that was believed.

    Args:
        updates: the folder of updates.
        clock: time.
        synchronized: whether the clock is set.
    """

    def __init__(self, updates: Path, clock: Clock, *, synchronized: Callable[[], bool] = is_synchronized) -> None:
        self._path = updates / NAME
        self._clock = clock
        self._synchronized = synchronized

    def check(self) -> None:
        """See that signatures can be judged by the clock.

        Raises:
            UnavailableError: they cannot, yet.
        """
        now_s, known_s = self._clock.wall_s(), self._known_s()
        if not self._synchronized():
            raise UnavailableError(
                "the clock is not set yet, so that nothing can be said to have expired: waiting for it"
            )
        if now_s < known_s:
            raise UnavailableError(
                f"the clock stands {(known_s - now_s) / 3600:.0f} h before a time that is past: waiting until it is set"
            )

    def note(self) -> None:
        """Believe the present time, after signatures were verified.

        Raises:
            OSError: it cannot be written.
        """
        make_folder(self._path.parent)
        latest = min(self._clock.wall_s(), self._known_s() + AHEAD_S)
        write_whole(self._path, json.dumps({"wall_s": latest}).encode(), durable=True)

    def _known_s(self) -> float:
        with suppress(OSError, ValueError, KeyError, TypeError):
            return max(PROGRAM_MADE_WALL_S, float(json.loads(read_bounded(self._path, 1000))["wall_s"]))
        return PROGRAM_MADE_WALL_S
