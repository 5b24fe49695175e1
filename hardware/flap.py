"""What every flap does: go to open, go home, let go."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Flap(ABC):
    """One flap over one bin. Commands return at once; whoever gives them waits ``travel_s`` on its own clock.

    Nothing moves at construction. A context manager; ``close()`` may be called twice and leaves the pins undriven.
    """

    def __init__(self, *, name: str, travel_s: float) -> None:
        self.name = name
        self.travel_s = travel_s

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

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
