"""One output of the kernel's PWM, through the files below /sys/class/pwm."""

import os
import re
import time
from pathlib import Path

from hardware.error_translation import undoing
from hardware.errors import HardwareConfigError

SYSFS = Path("/sys/class/pwm")

_HEADER = re.compile(r"(1f00098000|[0-9a-f]+20c000)\.pwm")
"""The controllers behind the header: on the Raspberry Pi 5, and on those before it."""

_UDEV_S = 2.0
"""How long udev may take to hand a channel's new files to the group gpio."""


class KernelPWM:
    """A channel of a PWM chip, silent at first. ``close()`` may be called twice.

    Args:
        chip: number of the pwmchip; None: the one behind the Raspberry Pi's header (its number changes from kernel to
            kernel).
        channel: number of the channel, from 0.
        period_ms: from one pulse to the next, in milliseconds.

    Raises:
        HardwareConfigError: there is no such chip or channel.
        OSError: its files cannot be written.
    """

    def __init__(self, *, chip: int | None, channel: int, period_ms: float) -> None:
        folder = _header_chip() if chip is None else SYSFS / f"pwmchip{chip}"
        if folder is None or not folder.is_dir():
            missing = "PWM chip behind the Raspberry Pi's header" if folder is None else str(folder)
            raise HardwareConfigError(
                f"there is no {missing} ({_found()}): switch it on with 'dtoverlay=pwm-2chan,pin=12,func=4,pin2=13,"
                "func2=4' in /boot/firmware/config.txt and reboot"
            )
        channels = int((folder / "npwm").read_text())
        if not 0 <= channel < channels:
            raise HardwareConfigError(f"{folder} has no channel {channel}; expected 0..{channels - 1}")
        self._channel = channel
        self._chip = folder
        self._files = folder / f"pwm{channel}"
        self._closed = False
        if not self._files.is_dir():
            _write(folder / "export", channel)
        with undoing(self.close):
            self._wait_for_udev()
            self._set_up(round(period_ms * 1e6))

    def pulse(self, width_ms: float) -> None:
        """Send pulses of this length from now on, in milliseconds. Raises OSError."""
        _write(self._files / "duty_cycle", round(width_ms * 1e6))
        _write(self._files / "enable", 1)

    def stop(self) -> None:
        """Send no more pulses. Raises OSError."""
        _write(self._files / "enable", 0)

    def close(self) -> None:
        """Give the channel back to the kernel. Raises OSError."""
        if not self._closed:
            self._closed = True
            _write(self._chip / "unexport", self._channel)

    def _set_up(self, period_ns: int) -> None:
        # No write that is not needed: the kernel refuses every one before there is a period that the chip can do, and a
        # period shorter than the pulse that another program left.
        if self._read("enable"):
            self.stop()
        if self._read("duty_cycle") > period_ns:
            _write(self._files / "duty_cycle", 0)
        _write(self._files / "period", period_ns)
        if (self._files / "polarity").read_text().strip() != "normal":
            _write(self._files / "polarity", "normal")

    def _read(self, name: str) -> int:
        return int((self._files / name).read_text())

    def _wait_for_udev(self) -> None:
        until_s = time.monotonic() + _UDEV_S
        while not os.access(self._files / "enable", os.W_OK) and time.monotonic() < until_s:
            time.sleep(0.02)


def _write(file: Path, value: int | str) -> None:
    file.write_text(str(value))


def _header_chip() -> Path | None:
    for folder in sorted(SYSFS.glob("pwmchip*")):
        if _HEADER.fullmatch((folder / "device").resolve().name):
            return folder
    return None


def _found() -> str:
    chips = sorted(SYSFS.glob("pwmchip*"))
    return (
        "there is none at all"
        if not chips
        else "found " + ", ".join(f"{chip.name} ({(chip / 'device').resolve().name})" for chip in chips)
    )
