"""What every status light does: show one signal until the next."""

from abc import abstractmethod
from enum import StrEnum

from hardware.device import Device


class Signal(StrEnum):
    """What the bin shows to people."""

    OFF = "off"
    """Nothing: the bin is not running."""
    READY = "ready"
    """Throw something in."""
    SORTING = "sorting"
    """A moment, please."""
    ATTENTION = "attention"
    """A person should look: a bin is full, a lid stands open."""
    FAULT = "fault"
    """It does not sort until a person has helped."""


class StatusLight(Device):
    """Shows one signal; dark at first. A context manager; ``close()`` may be called twice and leaves it dark.

    Attributes:
        name: its config key, for messages, e.g. ``panel.light``.
    """

    def __init__(self, *, name: str) -> None:
        self.name = name

    @abstractmethod
    def show(self, signal: Signal) -> None:
        """Show ``signal`` from now on, without any further call. Raises SensorError when a pin cannot be driven."""
