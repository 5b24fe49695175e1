"""The other end of the pins: gpiozero's mock ones, or those of a kernel's simulated chip.

``SORTER_TEST_PINS=lgpio:CHIP`` names a /dev/gpiochip made by the kernel's gpio-sim; without it those tests are skipped.
"""

import os
import time
from abc import ABC, abstractmethod
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from gpiozero.pins.mock import MockFactory

from hardware.pins import lgpio_factory, mock_factory

KERNEL_PINS = "SORTER_TEST_PINS"


class Wires(ABC):
    """Pins, and what is wired to them.

    Attributes:
        factory: the drivers' side, a gpiozero pin factory.
    """

    factory: Any

    @abstractmethod
    def level(self, pin: int) -> bool:
        """Whether the pin is high."""

    @abstractmethod
    def pull(self, pin: int, up: bool) -> None:
        """Pull at the pin, as a switch does that is wired to it."""

    @abstractmethod
    def hold_elsewhere(self, pin: int) -> Any:
        """A context in which another program holds the pin."""

    def rest(self, seconds: float) -> None:  # noqa: B027 mock pins have no time
        """Leave the pins as they are for a while."""

    def cut(self, pin: int) -> None:
        """Nothing can be written to the pin any more, nor read from it; not so the kernel's."""
        raise NotImplementedError

    def close(self) -> None:
        """Let the pins go."""
        self.factory.close()

    def pulse_ms(self, pin: int) -> float | None:
        """Length of the pulses on the pin, in milliseconds; None when it is quiet."""
        device = self.factory.pin(pin)
        return None if device.frequency is None else 1000 * device.state / device.frequency


class MockWires(Wires):
    """gpiozero's mock pins."""

    def __init__(self) -> None:
        self.factory = mock_factory()
        self._broken: list[Any] = []

    def cut(self, pin: int) -> None:
        def broken(*_: float) -> None:
            raise RuntimeError("bus gone")

        device = self.factory.pin(pin)
        device._set_state = device._get_state = broken
        self._broken.append(device)

    def close(self) -> None:
        for device in self._broken:
            del device._set_state, device._get_state
        super().close()

    def level(self, pin: int) -> bool:
        return bool(self.factory.pin(pin).state)

    def pull(self, pin: int, up: bool) -> None:
        device = self.factory.pin(pin)
        (device.drive_high if up else device.drive_low)()

    @contextmanager
    def hold_elsewhere(self, pin: int) -> Any:
        class error(Exception):  # noqa: N801, N818 what lgpio raises, which is no OSError
            pass

        def busy(name: int) -> Any:
            if name == pin:
                raise error("'GPIO busy'")
            return MockFactory.pin(self.factory, name)

        self.factory.pin = busy
        yield
        del self.factory.pin


class KernelWires(Wires):
    """Lines of a chip of the kernel's gpio-sim, driven through lgpio and seen through sysfs."""

    def __init__(self, chip: int) -> None:
        self._chip = chip
        self.factory = lgpio_factory(chip=chip)

    def _file(self, pin: int, name: str) -> Path:
        (folder,) = Path("/sys/devices/platform").glob(f"*/gpiochip{self._chip}/sim_gpio{pin}")
        return folder / name

    def level(self, pin: int) -> bool:
        return self._file(pin, "value").read_text().strip() == "1"

    def pull(self, pin: int, up: bool) -> None:
        self._file(pin, "pull").write_text("pull-up" if up else "pull-down")

    def rest(self, seconds: float) -> None:
        time.sleep(seconds)  # the kernel stamps the edges

    @contextmanager
    def hold_elsewhere(self, pin: int) -> Any:
        import lgpio

        handle = lgpio.gpiochip_open(self._chip)
        lgpio.gpio_claim_input(handle, pin)
        yield
        lgpio.gpiochip_close(handle)

    def pulse_ms(self, pin: int) -> float | None:
        width_ms = super().pulse_ms(pin)
        if width_ms is not None:
            for level in (True, False):
                assert self._comes(pin, level), f"pulses are sent, and the pin stays {'low' if level else 'high'}"
        return width_ms

    def _comes(self, pin: int, level: bool) -> bool:
        # Without a pause: a look every so often would keep step with the pulses and miss them all.
        until_s = time.monotonic() + 10.0
        while time.monotonic() < until_s:
            if self.level(pin) is level:
                return True
        return False


def mock_wires() -> Wires:
    """On gpiozero's mock pins."""
    return MockWires()


def kernel_wires() -> Wires:
    """On the kernel's, or skipped."""
    kind, _, chip = os.environ.get(KERNEL_PINS, "").partition(":")
    if kind != "lgpio":
        pytest.skip(f"{KERNEL_PINS} names no gpio-sim chip (lgpio:CHIP)")
    return KernelWires(int(chip))


EVERY_WIRES = [pytest.param(mock_wires, id="mock"), pytest.param(kernel_wires, id="lgpio")]
