"""A servo on a PCA9685 board: sixteen channels on the I2C bus, for bins with many flaps."""

import errno
from typing import Any, Unpack

from hardware.error_translation import claiming
from hardware.errors import FlapError, HardwareConfigError
from hardware.flaps.pulsed import FRAME_MS, PulsedFlap, ServoOptions
from hardware.i2c import no_answer, open_bus

CHANNELS = 16

# Registers and bits, as the data sheet names them (NXP PCA9685, rev. 4, chapter 7.3).
MODE1, PRE_SCALE, ALL_LED_OFF_H = 0x00, 0xFE, 0xFD
LED0_ON_L, REGISTERS_PER_LED = 0x06, 4
AUTO_INCREMENT, SLEEP = 0x20, 0x10
FULL_OFF = 0x10
STEPS = 4096
OSCILLATOR_KHZ = 25_000

PRESCALE = round(OSCILLATOR_KHZ * FRAME_MS / STEPS) - 1
STEP_MS = (PRESCALE + 1) / OSCILLATOR_KHZ
"""A step of the pulses' length; the oscillator is good to a few per cent."""


class PCA9685Flap(PulsedFlap):
    """One servo on one channel of a PCA9685. Several flaps may share a board.

    Args:
        name: the bin's name, for messages.
        channel: 0..15.
        bus: number of the I2C bus.
        address: the board's address on it.
        pin_factory: not used; the board has its own pins.
        options: those of ``PulsedFlap``.

    Raises:
        HardwareConfigError: a limit is violated, there is no such channel or bus, or the package smbus2 is missing.
        FlapError: nothing answers at the address, or we may not use the bus.
    """

    def __init__(
        self,
        *,
        name: str,
        channel: int,
        bus: int = 1,
        address: int = 0x40,
        pin_factory: Any = None,
        **options: Unpack[ServoOptions],
    ) -> None:
        super().__init__(name=name, **options)
        if not 0 <= channel < CHANNELS:
            raise HardwareConfigError(f"{self._who}: channel: expected 0..{CHANNELS - 1}, got {channel}")
        self._channel = channel
        self._address = address
        self._place = f"channel {channel} of the PCA9685 at {address:#04x} on I2C bus {bus}"
        with claiming(self._who, self._where, FlapError):
            self._bus = open_bus(bus)
            try:
                self._set_up()
                self._quieten()
            except OSError as error:
                self._bus.close()
                if error.errno in (errno.ENXIO, errno.EREMOTEIO, errno.EIO, errno.ETIMEDOUT):
                    raise FlapError(no_answer(bus, address)) from error
                raise

    @property
    def _where(self) -> str:
        return self._place

    def _set_up(self) -> None:
        mode = self._bus.read_byte_data(self._address, MODE1)
        awake = mode & AUTO_INCREMENT and not mode & SLEEP
        if awake and self._bus.read_byte_data(self._address, PRE_SCALE) == PRESCALE:
            return  # another flap did it, and its pulses must go on
        self._bus.write_byte_data(self._address, ALL_LED_OFF_H, FULL_OFF)
        self._bus.write_byte_data(self._address, MODE1, AUTO_INCREMENT | SLEEP)  # the pre-scale is fixed but in sleep
        self._bus.write_byte_data(self._address, PRE_SCALE, PRESCALE)
        self._bus.write_byte_data(self._address, MODE1, AUTO_INCREMENT)

    def _pulse(self, width_ms: float) -> None:
        self._set_up()  # a board that has lost its power since is asleep, and would swallow the command
        # On at step 0 of each period, off at this one.
        self._send(0, round(width_ms / STEP_MS))

    def _quieten(self) -> None:
        self._send(0, FULL_OFF << 8)

    def _release(self) -> None:
        self._bus.close()

    def _send(self, on: int, off: int) -> None:
        first = LED0_ON_L + REGISTERS_PER_LED * self._channel
        self._bus.write_i2c_block_data(self._address, first, [on & 0xFF, on >> 8, off & 0xFF, off >> 8])
