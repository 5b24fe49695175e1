"""What the program knows of a pin factory of gpiozero, which comes without types."""

from typing import Protocol


class PinFactory(Protocol):
    """Hands out pins by their number: those of the Raspberry Pi's header, or mock pins for the simulated bin."""

    def pin(self, name: int) -> object:
        """The pin of a GPIO number; the same object each time."""
        ...

    def close(self) -> None:
        """Release all pins."""
        ...
