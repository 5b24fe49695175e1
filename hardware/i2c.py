"""The I2C bus."""

from typing import TYPE_CHECKING

from hardware.errors import HardwareConfigError
from hardware.missing_bus import how_to_get_bus

if TYPE_CHECKING:
    from smbus2 import SMBus


def open_bus(number: int) -> "SMBus":
    """The bus /dev/i2c-``number``, as a ``smbus2.SMBus``.

    Raises:
        HardwareConfigError: the package smbus2 is not installed, or there is no such bus.
        OSError: we may not use it.
    """
    try:
        from smbus2 import SMBus
    except ImportError as error:
        raise HardwareConfigError(
            f"I2C needs the package smbus2 ({error}): pip install 'smart-bin-sorter[pi]'"
        ) from error
    try:
        return SMBus(number)
    except FileNotFoundError as error:
        raise HardwareConfigError(f"there is no I2C bus {number} ({error}): {how_to_get_bus(number)}") from error


def no_answer(number: int, address: int) -> str:
    """What to say about a device that is not there."""
    return (
        f"nothing answers at address {address:#04x} on I2C bus {number}: check its power and wiring "
        f"('i2cdetect -y {number}' shows who is there)"
    )


class RawBus:
    """A bus as CircuitPython's drivers want it, so that they need not know the board they run on.

    Args:
        bus: what ``open_bus`` gave.
    """

    def __init__(self, bus: "SMBus") -> None:
        self._bus = bus

    def try_lock(self) -> bool:
        """Always: the kernel keeps the messages of several apart."""
        return True

    def unlock(self) -> None:
        """Nothing."""

    def writeto(self, address: int, buffer: bytes | bytearray, *, start: int = 0, end: int | None = None) -> None:
        """Send ``buffer[start:end]``. Raises OSError."""
        from smbus2 import i2c_msg

        self._bus.i2c_rdwr(i2c_msg.write(address, bytes(buffer[start:end])))

    def readfrom_into(self, address: int, buffer: bytearray, *, start: int = 0, end: int | None = None) -> None:
        """Fill ``buffer[start:end]``. Raises OSError."""
        from smbus2 import i2c_msg

        message = i2c_msg.read(address, len(buffer[start:end]))
        self._bus.i2c_rdwr(message)
        buffer[start:end] = bytes(message)
