"""Bin level by light: a VL53L0X time-of-flight sensor on the I2C bus."""

import logging
import threading
from contextlib import suppress
from typing import Protocol

from hardware.error_translation import claiming
from hardware.errors import HardwareConfigError, HardwareError, SensorError
from hardware.i2c import RawBus, no_answer, open_bus
from hardware.pin_factory import PinFactory
from hardware.sensor import LevelSensor, ResetLine

log = logging.getLogger(__name__)

EVERY_S = 0.2
"""Pause between two readings, in seconds."""

TIMEOUT_S = 1.0
"""How long the sensor may take, in seconds."""

OUT_OF_RANGE_MM = 8190
"""Its reading, or above, when no light comes back, in millimetres."""

WAKES_AT = 0x29
"""Address of every sensor when it gets its power, or wakes up from its reset."""

BOOT_S = 0.002
"""Time from the end of its reset until it answers, in seconds: 1.2 ms at most by the data sheet (t_BOOT)."""

# The library keeps one buffer for all of its sensors; and no two may be awake without an address of their own.
_one_at_a_time = threading.Lock()


class Ranger(Protocol):
    """What is used of Adafruit's driver, which comes without types.

    Attributes:
        range: the newest reading, in millimetres.
    """

    @property
    def range(self) -> int: ...

    def start_continuous(self) -> None:
        """Measure again and again from now on."""

    def stop_continuous(self) -> None:
        """Measure no more."""

    def set_address(self, address: int) -> None:
        """Answer at another address from now on."""


class VL53L0XLevel(LevelSensor):
    """One sensor, read in a thread of its own; when it stops answering it is set up again until it answers.

    All of them wake up at the same address. So there is one for each bus (``dtoverlay=i2c-gpio`` makes more), or each one on a
    bus has a reset line: all are held in reset first, then one after the other wakes up and gets its own address.

    Args:
        name: its config key, for messages.
        bus: number of the I2C bus.
        address: its address.
        reset: holds it in reset now, as the others on its bus that have no address of their own yet; the caller closes it. None:
            it is alone on its bus.
        pin_factory: not used.

    Raises:
        HardwareConfigError: there is no such bus, or a package is missing.
        SensorError: no VL53L0X answers at the address, or another one is awake where it wakes up.
    """

    def __init__(
        self,
        *,
        name: str,
        bus: int = 1,
        address: int = WAKES_AT,
        reset: ResetLine | None = None,
        pin_factory: PinFactory | None = None,
    ) -> None:
        super().__init__(name=name)
        self._number = bus
        self._address = address
        self._reset = reset
        self._distance_m: float | None = None
        self._failure: str | None = None
        self._stop = threading.Event()
        with claiming(name, f"I2C bus {bus}", SensorError):
            self._bus = open_bus(bus)
            try:
                self._sensor = self._set_up()
            except BaseException:
                self._bus.close()
                raise
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def distance_m(self) -> float | None:
        if self._stop.is_set():
            raise SensorError(f"{self.name}: cannot read, it is closed")
        if (failure := self._failure) is not None:
            raise SensorError(f"{self.name}: {failure}")
        return self._distance_m

    def close(self) -> None:
        if self._stop.is_set():
            return
        self._stop.set()
        self._thread.join(timeout=2 * TIMEOUT_S)
        if self._thread.is_alive():
            return  # it hangs in the kernel, with the lock and the bus in its hands
        with suppress(OSError, RuntimeError), _one_at_a_time:
            self._sensor.stop_continuous()
        self._bus.close()

    def _run(self) -> None:
        while not self._stop.wait(EVERY_S):
            try:
                if self._failure is not None:
                    self._sensor = self._set_up()
                with _one_at_a_time:
                    distance_mm = self._sensor.range
            except (OSError, RuntimeError) as error:
                self._hold_in_reset()
                if self._failure is None:
                    log.warning("%s: %s", self.name, error)
                self._failure = str(error) if isinstance(error, SensorError) else f"it stopped answering: {error}"
            else:
                self._distance_m = distance_mm / 1000 if distance_mm < OUT_OF_RANGE_MM else None
                self._failure = None

    def _hold_in_reset(self) -> None:
        """One that has failed may have woken up at the address of them all, where it would be in the way of others."""
        if self._reset is not None:
            with suppress(HardwareError):
                self._reset.hold()

    def _wake(self, bus: RawBus) -> int:
        """Let it wake up, if it can be reset. Returns the address at which it answers now; raises SensorError."""
        if self._reset is None:
            return self._address
        self._reset.hold()
        if _answers(bus, WAKES_AT):
            raise SensorError(
                f"something answers at {WAKES_AT:#04x} on I2C bus {self._number} although every sensor there is held in reset: "
                "check the wires to XSHUT, and that each sensor on this bus has an xshut_pin"
            )
        self._reset.release()
        self._stop.wait(BOOT_S)
        return WAKES_AT

    def _set_up(self) -> Ranger:
        try:
            from adafruit_vl53l0x import VL53L0X
        except ImportError as error:
            raise HardwareConfigError(
                f"kind vl53l0x needs the package adafruit-circuitpython-vl53l0x ({error}): "
                "pip install 'smart-bin-sorter[vl53l0x]'"
            ) from error
        with _one_at_a_time:
            bus = RawBus(self._bus)
            address = self._wake(bus)
            try:
                sensor: Ranger = VL53L0X(bus, address, io_timeout_s=TIMEOUT_S)
                if address != self._address:
                    sensor.set_address(self._address)
                sensor.start_continuous()
            except ValueError as error:  # what it makes of a silent address
                raise SensorError(no_answer(self._number, address)) from error
            except RuntimeError as error:
                raise SensorError(
                    f"at address {address:#04x} on I2C bus {self._number} is no VL53L0X: {error}"
                ) from error
        return sensor


def _answers(bus: RawBus, address: int) -> bool:
    try:
        bus.readfrom_into(address, bytearray(1))
    except OSError:
        return False
    return True
