"""How long a flap takes from home to open, or back: by its end switch, by the camera, or by a person's key."""

import math
import threading
from collections.abc import Callable, Iterator

import cv2

from edge.calibrate.dialogue import Dialogue, enter_or
from edge.calibrate.mover import FlapJogger
from hardware.clock import Clock
from hardware.frame import Frame

LONGEST_S = 8.0
"""A way that takes longer is no travel, in seconds: with the reserve it stays below what the configuration takes."""

SHORTEST_S = 0.05
"""Nobody sees a flap arrive sooner, in seconds: that was a key too many."""

RESERVE = 1.2
"""A flap becomes slower with dirt and cold."""

POLL_S = 0.01
"""So often a switch is looked at, in seconds."""

MOTION_LEVELS = 6.0
"""Grey levels by which a part of the picture changes when something moves in it."""

REST_S = 0.7
"""Nothing has moved for so long: it is at rest. In seconds."""

STAY_S = 0.3
"""A drive is let go this long after it was seen to arrive, in seconds: where the switch closes it may not be there yet."""


def with_margin(measured_s: float) -> float:
    """What to set: a reserve added, rounded up to 0.05 s."""
    return round(max(math.ceil(measured_s * RESERVE / 0.05 - 1e-6), 1) * 0.05, 2)


def by_end_switch(mover: FlapJogger, clock: Clock) -> float | None:
    """The way home, in seconds; None when the switch does not change on it: off when open, on at home."""
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
        if clock.now_s() - begin_s > LONGEST_S:
            mover.detach()
            return None
    measured_s = clock.now_s() - begin_s
    mover.detach(after_s=STAY_S)
    return measured_s


def by_camera(mover: FlapJogger, clock: Clock, fresh: Callable[[], Iterator[Frame]]) -> float | None:
    """The longer of both ways, in seconds; None when the camera does not see the flap move.

    ``fresh`` gives picture after picture, all taken after it was called.
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
        if frame.time_s - begin_s > LONGEST_S:
            return None
    return None if moved_s is None else moved_s - begin_s


def by_person(mover: FlapJogger, clock: Clock, dialogue: Dialogue) -> float | None:
    """The longer of both ways, in seconds, as somebody sees it; None when it is skipped, or nobody answered in time."""
    question = "Enter opens it; press Enter again when it has arrived, and once more when it is home again (s skips)"
    if enter_or(dialogue, question, "s") == "s":
        return None
    ways_s = []
    # Without a pause at open: a solenoid gets hot.
    for start in (mover.start_open, mover.start_home):
        watch = _Stopwatch(mover, clock)
        start()
        answer = dialogue.watch(watch.look)
        ways_s.append(clock.now_s() - watch.begin_s)
        if answer is None:
            break
    mover.detach()
    return max(ways_s) if len(ways_s) == 2 and min(ways_s) >= SHORTEST_S and max(ways_s) < LONGEST_S else None


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
        return f"{passed_s:.1f} s" if passed_s < LONGEST_S else None
