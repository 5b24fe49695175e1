"""Stand-ins for the kernel's PWM and for an I2C bus with the devices on it. They obey the real ones' rules."""

import errno
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest


def refusal(number: int) -> OSError:
    return OSError(number, os.strerror(number))


class PWMTree:
    """The folder /sys/class/pwm, with the rules of the kernel's sysfs.

    Attributes:
        root: where it lies.
        writes: what was written, e.g. ``("pwm0/enable", "1")``.
        refused: raised on every write from now on; None: nothing is.
        refused_once: raised on the next write to a file of this name.
    """

    def __init__(self, root: Path, chips: Mapping[str, str], *, channels: int = 2) -> None:
        self.root = root / "class"
        self.writes: list[tuple[str, str]] = []
        self.refused: OSError | None = None
        self.refused_once: dict[str, OSError] = {}
        self.root.mkdir()
        for chip, device in chips.items():
            folder = self.root / chip
            folder.mkdir()
            (folder / "npwm").write_text(f"{channels}\n")
            (root / "devices" / device).mkdir(parents=True)
            (folder / "device").symlink_to(root / "devices" / device)

    def plug_into(self, patch: pytest.MonkeyPatch) -> None:
        """Be what the drivers find."""
        patch.setattr("hardware.pwm.SYSFS", self.root)
        patch.setattr("hardware.pwm._write", self.write)

    def write(self, file: Path, value: int | str) -> None:
        """What the kernel does with a write."""
        if self.refused is not None:
            raise self.refused
        if (refused := self.refused_once.pop(file.name, None)) is not None:
            raise refused
        self.writes.append((f"{file.parent.name}/{file.name}", str(value)))
        if file.name in ("export", "unexport"):
            channel = file.parent / f"pwm{value}"
            if channel.exists() is (file.name == "export"):
                raise refusal(errno.EBUSY if file.name == "export" else errno.ENODEV)
            if file.name == "unexport":
                shutil.rmtree(channel)
                return
            channel.mkdir()
            for name, text in (("period", "0"), ("duty_cycle", "0"), ("enable", "0"), ("polarity", "normal")):
                (channel / name).write_text(f"{text}\n")
            return
        state = {name: self.read(file.parent, name) for name in ("period", "duty_cycle", "enable")}
        if file.name == "polarity" and state["enable"]:
            raise refusal(errno.EBUSY)
        if file.name != "polarity":
            state[file.name] = int(value)
        if not state["period"] or state["duty_cycle"] > state["period"]:
            raise refusal(errno.EINVAL)
        file.write_text(f"{value}\n")

    @staticmethod
    def read(channel: Path, name: str) -> int:
        return int((channel / name).read_text())


class I2CBuses:
    """The buses of a machine, in place of ``smbus2.SMBus``.

    Attributes:
        devices: (bus, address) -> the device that answers there.
    """

    def __init__(self, *numbers: int) -> None:
        self._numbers = numbers
        self.devices: dict[tuple[int, int], Registers] = {}

    def __call__(self, number: int) -> "I2CBus":
        if number not in self._numbers:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", f"/dev/i2c-{number}")
        return I2CBus(self, number)

    def device_at(self, number: int, address: int) -> "Registers | None":
        """What answers there."""
        return self.devices.get((number, address))


class I2CBus:
    """What of ``smbus2.SMBus`` is used."""

    def __init__(self, buses: I2CBuses, number: int) -> None:
        self._buses = buses
        self._number = number

    def _device(self, address: int) -> "Registers":
        device = self._buses.device_at(self._number, address)
        if device is None:
            raise refusal(errno.EREMOTEIO)
        return device

    def read_byte_data(self, address: int, register: int) -> int:
        return self._device(address).read(register)

    def write_byte_data(self, address: int, register: int, value: int) -> None:
        self._device(address).write(register, value)

    def write_i2c_block_data(self, address: int, register: int, values: list[int]) -> None:
        self._device(address).write_many(register, values)

    def i2c_rdwr(self, message: Any) -> None:
        device = self._device(message.addr)
        if message.flags & 1:
            for position in range(message.len):
                message.buf[position] = bytes([device.read(device.pointer + position)])
        elif message.len:
            device.pointer, *values = list(message)
            device.write_many(device.pointer, values)

    def close(self) -> None:
        pass


class Registers:
    """An I2C device: a page of registers.

    Attributes:
        values: what stands in them.
        pointer: where the next read begins.
        writes: (register, value), in order.
    """

    def __init__(self) -> None:
        self.values = bytearray(256)
        self.pointer = 0
        self.writes: list[tuple[int, int]] = []

    def read(self, register: int) -> int:
        return self.values[register]

    def write(self, register: int, value: int) -> None:
        self.writes.append((register, value))
        self.values[register] = value

    def write_many(self, register: int, values: list[int]) -> None:
        for offset, value in enumerate(values):
            self.write(register + offset, value)


class PCA9685(Registers):
    """A PCA9685 as it comes up: asleep, every channel off."""

    MODE1, LED0_ON_L, ALL_LED_ON_L, PRE_SCALE = 0x00, 0x06, 0xFA, 0xFE
    SLEEP, AUTO_INCREMENT, FULL = 0x10, 0x20, 0x10

    def __init__(self) -> None:
        super().__init__()
        self.values[self.MODE1] = 0x11
        self.values[self.PRE_SCALE] = 0x1E
        for channel in range(16):
            self.values[self.LED0_ON_L + 4 * channel + 3] = self.FULL

    def write(self, register: int, value: int) -> None:
        if register == self.PRE_SCALE and not self.values[self.MODE1] & self.SLEEP:
            return  # fixed while the oscillator runs
        super().write(register, value)
        if self.ALL_LED_ON_L <= register < self.PRE_SCALE:
            for channel in range(16):
                self.values[self.LED0_ON_L + 4 * channel + register - self.ALL_LED_ON_L] = value

    def write_many(self, register: int, values: list[int]) -> None:
        step = 1 if self.values[self.MODE1] & self.AUTO_INCREMENT else 0
        for offset, value in enumerate(values):
            self.write(register + step * offset, value)


def pca9685_pulse_ms(read: Any, channel: int) -> float | None:
    """Length of a channel's pulses as its registers tell, in milliseconds; None without pulses.

    Args:
        read: register -> value.
        channel: 0..15.
    """
    on_low, on_high, off_low, off_high = (read(PCA9685.LED0_ON_L + 4 * channel + part) for part in range(4))
    asleep = read(PCA9685.MODE1) & PCA9685.SLEEP
    if asleep or off_high & PCA9685.FULL:
        return None
    assert not on_high & PCA9685.FULL, "always on is no pulse"
    steps = (off_low + 256 * off_high) - (on_low + 256 * on_high)
    return steps * (read(PCA9685.PRE_SCALE) + 1) / 25_000


class VL53L0X(Registers):
    """A VL53L0X that measures ``distance_mm`` (8190: nothing in range).

    Attributes:
        ranging: whether its laser is at work on its own.
    """

    def __init__(self, distance_mm: int) -> None:
        super().__init__()
        self.distance_mm = distance_mm
        self.ranging = False
        for register, value in ((0xC0, 0xEE), (0xC1, 0xAA), (0xC2, 0x10)):
            self.values[register] = value

    def read(self, register: int) -> int:
        if register in (0x1E, 0x1F):
            return self.distance_mm >> 8 if register == 0x1E else self.distance_mm & 0xFF
        # It has just started, a reading is ready, and so are its reference values.
        always = {0x00: 0, 0x13: 0x07, 0x83: 0x01}
        return always.get(register, self.values[register])

    def write(self, register: int, value: int) -> None:
        super().write(register, value)
        if register == 0x00 and not self.values[0xFF]:
            self.ranging = value == 0x02


class ResettableVL53L0X(VL53L0X):
    """One with its XSHUT on a mock pin: a low pin resets it, and it wakes up at 0x29 whatever address it had.

    Attributes:
        address: at which it answers.
    """

    WAKES_AT, ADDRESS_REGISTER = 0x29, 0x8A

    def __init__(self, distance_mm: int, xshut: Any) -> None:
        super().__init__(distance_mm)
        self._xshut = xshut
        self.address = self.WAKES_AT

    @property
    def is_awake(self) -> bool:
        is_awake = not (self._xshut.function == "output" and not self._xshut.state)
        if not is_awake:
            self.lose_power()
        return is_awake

    def lose_power(self) -> None:
        self.address, self.ranging = self.WAKES_AT, False

    def write(self, register: int, value: int) -> None:
        super().write(register, value)
        if register == self.ADDRESS_REGISTER and not self.values[0xFF]:
            self.address = value


class VL53L0XBus(I2CBuses):
    """Bus 1 with several of them; two that answer at once are an error of the test.

    Attributes:
        sensors: those on it.
    """

    def __init__(self, *sensors: ResettableVL53L0X) -> None:
        super().__init__(1)
        self.sensors = sensors

    def device_at(self, number: int, address: int) -> Registers | None:
        answering = [one for one in self.sensors if one.is_awake and one.address == address]
        assert len(answering) < 2, f"{len(answering)} sensors answer at {address:#04x}"
        return answering[0] if answering else super().device_at(number, address)
