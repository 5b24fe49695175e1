"""What every sensor does: a switch is on or off, a level sensor looks down into a bin, and may have a reset line."""

from abc import abstractmethod

from hardware.device import Device


class Switch(Device):
    """A button, lid contact, light barrier or end switch. A context manager; ``close()`` may be called twice.

    Attributes:
        name: its config key, for messages, e.g. ``panel.lid``.
    """

    def __init__(self, *, name: str) -> None:
        self.name = name

    @property
    @abstractmethod
    def is_on(self) -> bool:
        """Pressed, lid open, hand there: now, or since it was asked last; free of bounce.

        Raises:
            SensorError: it cannot be read.
        """

    @property
    def is_on_now(self) -> bool:
        """The same without what is over: flap at home. Raises SensorError."""
        return self.is_on


class ResetLine(Device):
    """Holds a sensor in reset from the moment it is made until it is released. A context manager; ``close()``, which releases it,
    may be called twice.

    Attributes:
        name: its config key, for messages.
    """

    def __init__(self, *, name: str) -> None:
        self.name = name

    @abstractmethod
    def hold(self) -> None:
        """Hold the sensor in reset from now on. Raises SensorError."""

    @abstractmethod
    def release(self) -> None:
        """Let the sensor wake up. Raises SensorError."""


class LevelSensor(Device):
    """Measures how far below it the waste lies. A context manager; ``close()`` may be called twice.

    Attributes:
        name: its config key, for messages, e.g. ``bins.paper.level``.
    """

    def __init__(self, *, name: str) -> None:
        self.name = name

    @property
    @abstractmethod
    def distance_m(self) -> float | None:
        """The newest reading in metres; None: none yet, or nothing in range. Never blocks. Raises SensorError."""
