"""Whether memory and open files stay within bounds."""

from pathlib import Path

from edge.simulation.invariants import Invariant, ViolationLog

MOST_FRAMES_HELD = 24
"""Number of pictures that may be held at once: the newest, the views that are voted on, and those for a film or a record."""

MORE_FILES = 12
"""Number of files that may be open beyond those at the first check."""

OPEN_FILES = Path("/proc/self/fd")


class ResourceBounds:
    """Checks ``BOUNDED``.

    Args:
        violations: where violations go.
    """

    def __init__(self, violations: ViolationLog) -> None:
        self._violations = violations
        self._files: int | None = None

    def check(self, frames_held: int) -> None:
        """Compare the number of pictures held, and of open files, with their bounds."""
        if frames_held > MOST_FRAMES_HELD:
            self._violations.add(Invariant.BOUNDED, f"{frames_held} pictures are held")
        if not OPEN_FILES.is_dir():
            return
        files = len(list(OPEN_FILES.iterdir()))
        self._files = files if self._files is None else self._files
        if files > self._files + MORE_FILES:
            self._violations.add(Invariant.BOUNDED, f"{files} files are open, {self._files} were at first")
