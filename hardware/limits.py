"""Numbers from the config are checked where they arrive."""

from hardware.errors import HardwareConfigError


def within(key: str, value: float, low: float, high: float) -> None:
    """Refuse a value outside ``low..high``, both included, and what is no number. Raises HardwareConfigError."""
    if not low <= value <= high:
        raise HardwareConfigError(f"{key}: expected {low:g}..{high:g}, got {value}")


def fps_within(fps: float) -> None:
    """Refuse frame rates that no camera has. Raises HardwareConfigError."""
    within("fps", fps, 0.01, 240)


def rising_pair(key: str, value: tuple[float, float], low: float, high: float) -> tuple[float, float]:
    """``value`` as two numbers within ``low..high``, the second not below the first. Raises HardwareConfigError."""
    if len(value) != 2 or not low <= value[0] <= value[1] <= high:
        raise HardwareConfigError(f"{key}: expected two rising numbers in {low:g}..{high:g}, got {value}")
    return float(value[0]), float(value[1])
