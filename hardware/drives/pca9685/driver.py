"""A servo on a PCA9685 board: sixteen channels on the I2C bus, for bins with many flaps."""

import errno

from hardware.drives.pca9685.section import PCA9685Section
from hardware.drives.pulsed.driver import FRAME_MS, PulsedFlap
from hardware.error_translation import claiming
from hardware.errors import FlapError
from hardware.i2c import no_answer, open_bus
from hardware.sensor import Switch

# Registers and bits, as the data sheet names them (NXP PCA9685, rev. 4, chapter 7.3).
MODE1, PRE_SCALE, ALL_LED_OFF_H = 0x00, 0xFE, 0xFD
LED0_ON_L, REGISTERS_PER_LED = 0x06, 4
AUTO_INCREMENT, SLEEP = 0x20, 0x10
FULL_OFF = 0x10
STEPS = 4096
OSCILLATOR_KHZ = 25_000

PRESCALE = round(OSCILLATOR_KHZ * FRAME_MS / STEPS) - 1
STEP_MS = (PRESCALE + 1) / OSCILLATOR_KHZ
"""A step of the pulses' length, in milliseconds; the oscillator is accurate to a few per cent."""


class PCA9685Flap(PulsedFlap):
    """One servo on one channel of a PCA9685. Several flaps may share a board.

    Args:
        section: bus, address, channel, angles, pulses and travel time.
        name: the bin's name, for messages.
        end_switch: on while the flap is home; None: there is none.

    Raises:
        HardwareConfigError: there is no such bus, or the package smbus2 is missing.
        FlapError: nothing answers at the address, or we may not use the bus.
    """

    def __init__(self, section: PCA9685Section, *, name: str, end_switch: Switch | None = None) -> None:
        super().__init__(section, name=name, end_switch=end_switch)
        bus, address = section.bus, section.address
        self._channel = section.channel
        self._address = address
        self._place = f"channel {section.channel} of the PCA9685 at {address:#04x} on I2C bus {bus}"
        with claiming(self._who, self._where, FlapError):
            self._bus = open_bus(bus)
            try:
                self._set_up()
                self._stop_pulses()
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
            return  # another flap did it, and its pulses must continue
        self._bus.write_byte_data(self._address, ALL_LED_OFF_H, FULL_OFF)
        self._bus.write_byte_data(
            self._address, MODE1, AUTO_INCREMENT | SLEEP
        )  # the pre-scaler can be set only in sleep
        self._bus.write_byte_data(self._address, PRE_SCALE, PRESCALE)
        self._bus.write_byte_data(self._address, MODE1, AUTO_INCREMENT)

    def _pulse(self, width_ms: float) -> None:
        self._set_up()  # a board that has lost its power since is asleep, and would ignore the command
        # On at step 0 of each period, off at this one.
        self._send(0, round(width_ms / STEP_MS))

    def _stop_pulses(self) -> None:
        self._send(0, FULL_OFF << 8)

    def _release(self) -> None:
        self._bus.close()

    def _send(self, on: int, off: int) -> None:
        first = LED0_ON_L + REGISTERS_PER_LED * self._channel
        self._bus.write_i2c_block_data(self._address, first, [on & 0xFF, on >> 8, off & 0xFF, off >> 8])
