"""No drive moves under people: what the judge lets pass, and under which name, and what it does not."""

import math
from collections import Counter
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from edge.simulation.invariants import Invariant, ViolationLog
from edge.simulation.motion_judge import REACT_S, MotionBounds, MotionJudge, StatedException
from hardware.world.flap_command import FlapCommand, NewestFrame
from hardware.world.flap_motion import FlapMotion
from hardware.world.person import PersonOverTray

AGE_S = 0.5
CAME_S = 10.0
"""When somebody comes, in seconds."""

HALTING = FlapMotion(
    time_s=CAME_S,
    bin="glass",
    person=PersonOverTray(0.3, CAME_S),
    commanded_s=CAME_S - 0.2,
    travel_s=0.4,
    halt_s=0.0,
    seen=NewestFrame(CAME_S - 0.05, CAME_S - 0.05, 0.0),
    faults=frozenset(),
    planned=frozenset(),
)
COMMAND = FlapCommand(
    time_s=CAME_S,
    bin="glass",
    opens=True,
    by_spring=False,
    travel_s=0.4,
    item=1,
    at_rest=True,
    seen=HALTING.seen,
    person=HALTING.person,
    on_s=0.0,
    faults=frozenset(),
)


class Bench:
    def __init__(self, **bounds: Any) -> None:
        world: Any = SimpleNamespace(now_s=0.0, start_s=0.0)
        self.log = ViolationLog(world)
        self.judge = MotionJudge(self.log, MotionBounds(**({"max_frame_age_s": AGE_S} | bounds)))

    @property
    def verdict(self) -> tuple[list[Invariant], Counter[StatedException]]:
        return [one.invariant for one in self.log.violations], self.judge.exceptions


def seen_at(time_s: float, shown_s: float, cover: float = 0.0) -> NewestFrame:
    return NewestFrame(time_s, shown_s, cover)


def shown(shown_s: float) -> PersonOverTray:
    return PersonOverTray(0.3, CAME_S, shown_s)


VIOLATED: tuple[list[Invariant], Counter[StatedException]] = ([Invariant.NO_PERSON], Counter())


def excused(exception: StatedException) -> tuple[list[Invariant], Counter[StatedException]]:
    return [], Counter([exception])


@pytest.mark.parametrize(
    ("after_s", "person", "frame", "expected"),
    [
        (0.01, shown(math.inf), seen_at(9.95, 9.95), excused(StatedException.UNSEEN)),
        # A picture shows it: the loop has its period to act.
        (0.1, shown(CAME_S + 0.05), seen_at(10.05, 10.05, 0.3), excused(StatedException.UNSEEN)),
        (0.05 + REACT_S + 0.01, shown(CAME_S + 0.05), seen_at(10.05, 10.05, 0.3), VIOLATED),
        # No picture shows it, and the newest is too old to go by, whatever its stamp says.
        (AGE_S + REACT_S + 0.01, shown(math.inf), seen_at(CAME_S, CAME_S), VIOLATED),
        (AGE_S + REACT_S + 0.01, shown(math.inf), seen_at(10.6, CAME_S), VIOLATED),
        (AGE_S - 0.1, shown(math.inf), seen_at(CAME_S, CAME_S), excused(StatedException.UNSEEN)),
        (0.01, shown(math.inf), None, VIOLATED),
    ],
)
@pytest.mark.parametrize("opens", [True, False])
def test_what_could_not_be_seen_is_excused_and_nothing_older(
    after_s: float, person: PersonOverTray, frame: NewestFrame | None, expected: Any, opens: bool
) -> None:
    commanded, moved = Bench(), Bench()
    command = replace(COMMAND, time_s=CAME_S + after_s, person=person, seen=frame, opens=opens)
    commanded.judge.judge_command(command, running=True)
    assert commanded.verdict == expected
    moved.judge.judge_motion(replace(HALTING, time_s=CAME_S + after_s, person=person, seen=frame), running=True)
    assert moved.verdict == expected


def test_a_command_and_its_motion_are_one_case() -> None:
    one = Bench()
    late = replace(COMMAND, time_s=CAME_S + 1.0, person=shown(CAME_S + 0.05), seen=seen_at(11.0, 11.0, 0.3))
    one.judge.judge_command(late, running=True)
    for step in range(5):
        motion = replace(HALTING, time_s=late.time_s + step / 50, commanded_s=late.time_s, person=shown(CAME_S + 0.05))
        one.judge.judge_motion(motion, running=True)
    assert one.verdict == VIOLATED


@pytest.mark.parametrize(
    ("halt_s", "expected"),
    [(0.0, VIOLATED), (0.1, excused(StatedException.UNSEEN)), (math.inf, excused(StatedException.UNSTOPPABLE))],
)
def test_what_cannot_stop_ends_its_travel(halt_s: float, expected: Any) -> None:
    one = Bench()
    one.judge.judge_command(replace(COMMAND, time_s=CAME_S - 0.2, person=None), running=True)
    motion = replace(HALTING, time_s=CAME_S + 0.2, person=shown(CAME_S + 0.01), halt_s=halt_s)
    one.judge.judge_motion(motion, running=True)
    assert one.verdict == expected


def test_a_spring_that_closes_after_a_power_cut_is_no_program_s() -> None:
    one = Bench()
    motion = replace(HALTING, time_s=CAME_S + 1.0, commanded_s=-math.inf, person=shown(CAME_S), halt_s=math.inf)
    one.judge.judge_motion(motion, running=True)
    assert one.verdict == excused(StatedException.UNSTOPPABLE)


def test_a_relay_is_judged_by_its_command() -> None:
    one = Bench()
    command = replace(COMMAND, time_s=CAME_S + 1.0, person=shown(CAME_S + 0.05), seen=seen_at(11.0, 11.0, 0.3))
    one.judge.judge_command(command, running=True)
    motion = replace(HALTING, time_s=11.2, commanded_s=11.0, person=command.person or shown(0.0), halt_s=math.inf)
    one.judge.judge_motion(motion, running=True)
    assert one.verdict == VIOLATED


@pytest.mark.parametrize(
    ("on_s", "by_spring", "expected"),
    [
        (20.0, True, excused(StatedException.RELEASED)),
        (19.0, True, VIOLATED),
        (20.0, False, VIOLATED),
    ],
    ids=["by its spring", "too early", "by its drive"],
)
def test_a_spring_may_close_after_the_longest_time_under_current(on_s: float, by_spring: bool, expected: Any) -> None:
    one = Bench(max_on_s={"glass": 20.0})
    person = shown(CAME_S + 0.05)
    command = replace(COMMAND, time_s=30.0, person=person, on_s=on_s, opens=False, by_spring=by_spring)
    one.judge.judge_command(command, running=True)
    assert one.verdict == expected


@pytest.mark.parametrize(("blind_s", "expected"), [(8.0, excused(StatedException.BLIND)), (4.0, VIOLATED)])
def test_a_flap_may_come_home_after_the_bounded_wait_without_a_picture(blind_s: float, expected: Any) -> None:
    one = Bench(blind_home_s=5.0)
    command = replace(COMMAND, time_s=CAME_S + blind_s, opens=False, person=shown(math.inf))
    one.judge.judge_command(command, running=True)
    motion = replace(HALTING, time_s=command.time_s + 0.1, commanded_s=command.time_s, person=shown(math.inf))
    one.judge.judge_motion(motion, running=True)
    assert one.verdict == expected


@pytest.mark.parametrize(("blind_home_s", "expected"), [(5.0, excused(StatedException.BLIND)), (math.inf, VIOLATED)])
def test_who_comes_while_a_flap_closes_blindly_comes_to_a_blind_closing(blind_home_s: float, expected: Any) -> None:
    one = Bench(blind_home_s=blind_home_s)
    before = replace(COMMAND, time_s=CAME_S + 7.9, opens=False, person=None)
    one.judge.judge_command(before, running=True)
    person = PersonOverTray(0.03, CAME_S + 8.0)
    one.judge.judge_motion(
        replace(HALTING, time_s=CAME_S + 8.0, commanded_s=before.time_s, person=person), running=True
    )
    assert one.verdict == expected


def test_what_comes_home_blindly_stops_when_a_picture_shows_somebody() -> None:
    one = Bench(blind_home_s=5.0)
    one.judge.judge_command(replace(COMMAND, time_s=18.0, opens=False, person=shown(math.inf)), running=True)
    motion = replace(HALTING, time_s=18.3, commanded_s=18.0, person=shown(18.1), seen=seen_at(18.1, 18.1, 0.3))
    one.judge.judge_motion(motion, running=True)
    assert one.verdict == ([Invariant.NO_PERSON], Counter([StatedException.BLIND]))


@pytest.mark.parametrize(("opens", "expected"), [(False, excused(StatedException.STOPPING)), (True, VIOLATED)])
def test_the_end_of_the_program_is_counted_apart_and_opens_nothing(opens: bool, expected: Any) -> None:
    one = Bench()
    late = replace(COMMAND, time_s=CAME_S + 5.0, opens=opens, person=shown(CAME_S + 0.05))
    one.judge.judge_command(late, running=False)
    assert one.verdict == expected


@pytest.mark.parametrize(
    ("planned", "expected"), [({"slow"}, excused(StatedException.FAULTY_DRIVE)), ({"hand"}, VIOLATED)]
)
def test_a_drive_that_moves_later_than_it_was_told_to(planned: set[str], expected: Any) -> None:
    one = Bench()
    motion = replace(HALTING, time_s=CAME_S + 2.0, person=shown(CAME_S + 0.05), planned=frozenset(planned))
    one.judge.judge_motion(motion, running=True)
    assert one.verdict == expected
