"""The other end of a pin: what the kernel's simulated header says of it, and what pulls at it."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

HEADER = Path("/sys/devices/platform/gpio-sim/gpiochip0")


@dataclass(frozen=True, slots=True)
class GpioLine:
    """One line of the header, by its GPIO number, seen from outside the processor."""

    number: int

    @property
    def level(self) -> bool:
        """Whether the pin is high."""
        return self._file("value").read_text().strip() == "1"

    def pull(self, up: bool) -> None:
        """Pull at the pin as a switch does that is wired to it."""
        self._file("pull").write_text("pull-up" if up else "pull-down")

    def pulses(self, seconds: float) -> list[tuple[float, float]]:
        """Every whole pulse within so many seconds: when it began, and how long it was; in seconds."""
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
