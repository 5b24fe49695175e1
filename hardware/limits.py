"""Bounds of numbers from the configuration, and checks that drivers and the simulation share."""

from hardware.errors import HardwareConfigError

MIN_FPS, MAX_FPS = 1.0, 120.0
"""Range of a camera's frame rate, in frames per second. Below 1, a hand is seen too late and a decision over several frames takes
too long; 120 is more than the supported cameras deliver at a usable size."""

MAX_FRAME_INTERVAL_S = 0.35
"""Longest time between two pictures by which a flap may move, in seconds: a hand that is not in one picture must be in the next
before a flap, which travels for some 0.4 s, has closed on it. 3 frames per second just keep it."""

WEAK_FORCE_N = 10.0
"""Force at a flap's edge up to which it may close without evidence that nobody is in the way, on the way out, in newtons: the
weight of one kilogram, which a child's finger holds up. ISO/TS 15066 allows 140 N on a finger; this is far below."""

MAX_LIGHT_DRIFT = 0.2
"""Largest amplitude of the simulated slow change of the light, as a fraction: beyond it exposure control would step in."""


MIN_LIGHT_COLOUR, MAX_LIGHT_COLOUR = 0.1, 2.0
"""Range of the simulated lamp's red, green and blue, as factors: darker, nothing is seen, and brighter, all is white."""


def is_weak(force_n: float | None) -> bool:
    """Whether a finger holds a flap of this force. One that is not stated (None) counts as strong."""
    return force_n is not None and force_n <= WEAK_FORCE_N


def within(key: str, value: float, low: float, high: float) -> None:
    """Refuse a value outside ``low..high``, both included, and what is no number. Raises HardwareConfigError."""
    if not low <= value <= high:
        raise HardwareConfigError(f"{key}: expected {low:g}..{high:g}, got {value}")


def fps_within(fps: float) -> None:
    """Refuse frame rates that no camera has. Raises HardwareConfigError."""
    within("fps", fps, MIN_FPS, MAX_FPS)


def rising_pair(key: str, value: tuple[float, float], low: float, high: float) -> tuple[float, float]:
    """``value`` as two numbers within ``low..high``, the second not below the first. Raises HardwareConfigError."""
    if len(value) != 2 or not low <= value[0] <= value[1] <= high:
        raise HardwareConfigError(f"{key}: expected two rising numbers in {low:g}..{high:g}, got {value}")
    return float(value[0]), float(value[1])
