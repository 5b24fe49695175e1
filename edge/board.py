"""Information about the board: model name, temperature, and throttling caused by its power supply."""

import platform
from pathlib import Path

THROTTLED_BITS = {
    0: "under-voltage now",
    1: "frequency capped now",
    2: "throttled now",
    3: "soft temperature limit now",
    16: "under-voltage since start",
    17: "frequency capped since start",
    18: "throttled since start",
    19: "soft temperature limit since start",
}
"""Bit of ``vcgencmd get_throttled`` -> meaning."""


def board_name(root: Path = Path("/")) -> str:
    """Name of the board, or of the processor if the board has none. ``root`` is the root of the file system."""
    board = read_text(root / "proc/device-tree/model")
    if board:
        return board.rstrip("\0")
    for line in (read_text(root / "proc/cpuinfo") or "").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.processor() or platform.machine()


def temperature_c(root: Path = Path("/")) -> float | None:
    """Highest temperature of all thermal zones, in degrees Celsius; None if there is none."""
    found = [read_text(zone) for zone in sorted((root / "sys/class/thermal").glob("thermal_zone*/temp"))]
    return max((int(text) / 1000 for text in found if text and text.lstrip("-").isdecimal()), default=None)


def has_undervoltage(root: Path = Path("/")) -> bool | None:
    """Whether a Raspberry Pi's power supply is too weak at this moment, so that it slows down; None: not known.

    The kernel's driver asks the firmware; who may not open a device can read it as well.
    """
    for monitor in sorted((root / "sys/class/hwmon").glob("hwmon*")):
        if read_text(monitor / "name") == "rpi_volt":
            found = read_text(monitor / "in0_lcrit_alarm")
            return None if found is None else found != "0"
    return None


def parse_throttled(text: str) -> list[str] | None:
    """Parse output of ``vcgencmd get_throttled``, such as ``throttled=0x50000``.

    Returns:
        The meanings of the bits that are set, [] for none; None if the text has another format.
    """
    name, _, number = text.strip().partition("=")
    try:
        bits = int(number, 16)
    except ValueError:
        return None
    return [meaning for bit, meaning in THROTTLED_BITS.items() if bits >> bit & 1] if name == "throttled" else None


def read_text(path: Path) -> str | None:
    """Content of a small text file, stripped of surrounding white space; None if it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return None
