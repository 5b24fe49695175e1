"""The board that the bin runs on: what it is, how warm it is, and what it says of its supply."""

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
"""Bit of ``vcgencmd get_throttled`` -> what it says."""


def board_name(root: Path = Path("/")) -> str:
    """The board's name, or the processor's where there is none, by the files under ``root``."""
    board = read_text(root / "proc/device-tree/model")
    if board:
        return board.rstrip("\0")
    for line in (read_text(root / "proc/cpuinfo") or "").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.processor() or platform.machine()


def temperature_c(root: Path = Path("/")) -> float | None:
    """The warmest sensor in degrees Celsius; None where there is none."""
    found = [read_text(zone) for zone in sorted((root / "sys/class/thermal").glob("thermal_zone*/temp"))]
    return max((int(text) / 1000 for text in found if text and text.lstrip("-").isdecimal()), default=None)


def parse_throttled(text: str) -> list[str] | None:
    """``throttled=0x50000`` in words, [] when all is well; None when it is something else."""
    name, _, number = text.strip().partition("=")
    try:
        bits = int(number, 16)
    except ValueError:
        return None
    return [said for bit, said in THROTTLED_BITS.items() if bits >> bit & 1] if name == "throttled" else None


def read_text(path: Path) -> str | None:
    """A small text file without the white space around it; None where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return None
