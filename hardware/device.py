"""What everything that holds hardware has in common: it is released."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Device(ABC):
    """Something on a pin or a bus. A context manager; ``close()`` may be called twice."""

    @abstractmethod
    def close(self) -> None:
        """Bring the hardware to rest and release it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
