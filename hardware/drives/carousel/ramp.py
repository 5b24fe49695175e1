"""How fast the pulses of a stepper come: speed up, cruise, slow down."""

import math
from collections.abc import Iterator


def step_delays(count: int, *, cruise_hz: float, acceleration: float) -> Iterator[float]:
    """The pause after each of ``count`` steps from rest to rest, in seconds.

    Args:
        count: number of steps.
        cruise_hz: highest speed, in steps per second.
        acceleration: of speeding up and slowing down, in steps per second squared. From rest, the k-th step of a motion
            with this acceleration is made at sqrt(2 * acceleration * k).
    """
    for number in range(count):
        from_rest = min(number, count - 1 - number) + 1
        yield 1.0 / min(cruise_hz, math.sqrt(2.0 * acceleration * from_rest))
