"""What everything that holds on to hardware has in common: it is let go."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Device(ABC):
    """Something on a pin or a bus. A context manager; ``close()`` may be called twice."""

    @abstractmethod
    def close(self) -> None:
        """Let the hardware go, at rest."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
