"""The clock that events may be deleted by: set, and without a jump for an hour."""

from edge.records.trusted_clock import JUMP_S, STEADY_S, TrustedClock
from hardware.clock import ManualClock

START_S = 1_767_225_600.0


class ServedClock:
    """A clock whose wall time can be set, as a time server does."""

    def __init__(self) -> None:
        self.clock = ManualClock(50.0, wall_s=START_S)
        self.synced = True
        self.offset_s = 0.0
        self.trusted = TrustedClock(self, lambda: self.synced)

    def now_s(self) -> float:
        return self.clock.now_s()

    def wall_s(self) -> float:
        return self.clock.wall_s() + self.offset_s

    def wait(self, event: object, timeout_s: float) -> bool:
        raise AssertionError("it never waits")

    def after(self, seconds: float) -> float | None:
        self.clock.advance(seconds)
        return self.trusted.wall_s()


def test_it_is_trusted_once_it_was_set_and_steady_for_an_hour() -> None:
    rig = ServedClock()
    assert rig.trusted.wall_s() is None
    assert rig.after(STEADY_S - 1) is None
    assert rig.after(1) == START_S + STEADY_S
    assert rig.after(10) == START_S + STEADY_S + 10


def test_a_clock_that_is_not_set_is_never_trusted() -> None:
    rig = ServedClock()
    rig.synced = False
    assert [rig.after(STEADY_S) for _ in range(50)] == [None] * 50
    rig.synced = True
    assert rig.after(0) is None
    assert rig.after(STEADY_S) is not None
    rig.synced = False
    assert rig.after(1) is None


def test_a_clock_that_jumps_years_ahead_and_back_is_not_trusted_for_a_moment() -> None:
    rig = ServedClock()
    rig.after(0)
    assert rig.after(STEADY_S) is not None
    rig.offset_s = 20 * 365 * 86_400.0
    assert rig.after(1) is None
    assert rig.after(STEADY_S / 2) is None
    rig.offset_s = 0.0
    assert rig.after(STEADY_S / 2) is None, "it has jumped back: the hour begins again"
    assert rig.after(STEADY_S) is not None


def test_a_correction_of_seconds_is_no_jump() -> None:
    rig = ServedClock()
    rig.after(0)
    rig.offset_s = -JUMP_S
    assert rig.after(STEADY_S) is not None
    rig.offset_s = JUMP_S + 1
    assert rig.after(1) is None
