"""The outside of a pin: its level and pulses on the kernel's simulated header, and its pull."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

HEADER = Path("/sys/devices/platform/gpio-sim/gpiochip0")


@dataclass(frozen=True, slots=True)
class GpioLine:
    """One line of the header, seen from outside the processor.

    Attributes:
        number: GPIO number.
    """

    number: int

    @property
    def level(self) -> bool:
        """Whether the pin is high."""
        return self._file("value").read_text().strip() == "1"

    def pull(self, up: bool) -> None:
        """Pull the pin up or down, as a switch that is wired to it does."""
        self._file("pull").write_text("pull-up" if up else "pull-down")

    def pulses(self, seconds: float) -> list[tuple[float, float]]:
        """Observe the pin for a time; start and width of every whole pulse, in seconds."""
        found: list[tuple[float, float]] = []
        file = os.open(self._file("value"), os.O_RDONLY)
        try:
            start_s = rise_s = time.monotonic()
            high, whole = os.pread(file, 1, 0) == b"1", False
            while (now_s := time.monotonic()) - start_s < seconds:
                level = os.pread(file, 1, 0) == b"1"
                if level and not high:
                    rise_s, whole = now_s, True
                elif high and not level and whole:
                    found.append((rise_s - start_s, now_s - rise_s))
                high = level
        finally:
            os.close(file)
        return found

    def _file(self, name: str) -> Path:
        return HEADER / f"sim_gpio{self.number}" / name
