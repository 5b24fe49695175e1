"""Travel time of a flap between home and open: measured by its end switch, by the camera, or by the user's key."""

import math
import threading
from collections.abc import Callable, Iterator

import cv2

from edge.calibrate.dialogue import Dialogue, enter_or
from edge.calibrate.mover import FlapJogger
from hardware.clock import Clock
from hardware.frame import Frame

MAX_S = 8.0
"""Longest travel time that is measured, in seconds: with the margin it stays below the limit of ``travel_s``, 10 s."""

MIN_S = 0.05
"""Shortest travel time that the user can measure, in seconds: a shorter one means that the key was pressed twice."""

MARGIN = 1.2
"""Factor between the measured and the configured travel time: dirt and cold slow a flap down."""

GRID_S = 0.05
"""Step to which the configured travel time is rounded up, in seconds."""

POLL_S = 0.01
"""Seconds between two readings of a switch: far below the travel times, which are at least 0.05 s."""

MOTION_LEVELS = 6.0
"""Grey levels by which part of the picture must change to count as motion: above the noise of the reduced picture."""

REST_S = 0.7
"""Seconds without motion after which a flap is at rest."""

STAY_S = 0.3
"""Seconds for which a drive is powered after its end switch closed: the switch may close before the end of the way."""


def with_margin(measured_s: float) -> float:
    """Value of ``travel_s`` for a measured travel time, in seconds: with a margin, rounded up."""
    # The small number keeps an exact multiple, computed with rounding errors, from being rounded up to the next one.
    return round(max(math.ceil(measured_s * MARGIN / GRID_S - 1e-6), 1) * GRID_S, 2)


def by_end_switch(mover: FlapJogger, clock: Clock) -> float | None:
    """Measure the way home.

    Returns:
        Travel time in seconds; None if the end switch is not off when open and on at home.

    Raises:
        FlapError, SensorError: the flap cannot be driven, or the switch not read.
    """
    never = threading.Event()
    mover.start_open()
    mover.detach(after_s=mover.full_travel_s)
    if mover.at_home():
        return None
    begin_s = clock.now_s()
    mover.start_home()
    while not mover.at_home():
        clock.wait(never, POLL_S)
        mover.check_stop_button()
        if clock.now_s() - begin_s > MAX_S:
            mover.detach()
            return None
    measured_s = clock.now_s() - begin_s
    mover.detach(after_s=STAY_S)
    return measured_s


def by_camera(mover: FlapJogger, clock: Clock, fresh: Callable[[], Iterator[Frame]]) -> float | None:
    """Measure both ways by the motion in the picture.

    Args:
        mover: moves the flap.
        clock: clock of the camera.
        fresh: yields frames captured after it was called.

    Returns:
        The longer travel time in seconds; None if the camera does not see the flap move.

    Raises:
        FlapError: the flap cannot be driven.
    """
    ways_s = []
    for start in (mover.start_open, mover.start_home):
        begin_s = clock.now_s()
        start()
        way_s = _until_still(mover, fresh(), begin_s)
        mover.detach()
        if way_s is None:
            return None
        ways_s.append(way_s)
    return max(ways_s)


def _until_still(mover: FlapJogger, frames: Iterator[Frame], begin_s: float) -> float | None:
    before = None
    moved_s: float | None = None
    for frame in frames:
        mover.check_stop_button()
        small = cv2.GaussianBlur(cv2.resize(frame.pixels, (160, 120), interpolation=cv2.INTER_AREA), (0, 0), 2.0)
        if before is not None and float(cv2.absdiff(small, before).max()) > MOTION_LEVELS:
            moved_s = frame.time_s
        before = small
        if frame.time_s - (moved_s or begin_s) > (REST_S if moved_s is not None else 2 * REST_S):
            break
        if frame.time_s - begin_s > MAX_S:
            return None
    return None if moved_s is None else moved_s - begin_s


def by_person(mover: FlapJogger, clock: Clock, dialogue: Dialogue) -> float | None:
    """Measure both ways by the user's key.

    Returns:
        The longer travel time in seconds; None if the user skips, or presses the key too early or too late.

    Raises:
        FlapError: the flap cannot be driven.
    """
    question = "Enter opens it; press Enter again when it has arrived, and once more when it is home again (s skips)"
    if enter_or(dialogue, question, "s") == "s":
        return None
    ways_s = []
    # No pause at open: a solenoid would get hot.
    for start in (mover.start_open, mover.start_home):
        watch = _Stopwatch(mover, clock)
        start()
        answer = dialogue.watch(watch.look)
        ways_s.append(clock.now_s() - watch.begin_s)
        if answer is None:
            break
    mover.detach()
    return max(ways_s) if len(ways_s) == 2 and min(ways_s) >= MIN_S and max(ways_s) < MAX_S else None


class _Stopwatch:
    def __init__(self, mover: FlapJogger, clock: Clock) -> None:
        self._mover = mover
        self._clock = clock
        self._never = threading.Event()
        self.begin_s = clock.now_s()

    def look(self) -> str | None:
        self._clock.wait(self._never, POLL_S)
        self._mover.check_stop_button()
        passed_s = self._clock.now_s() - self.begin_s
        return f"{passed_s:.1f} s" if passed_s < MAX_S else None
