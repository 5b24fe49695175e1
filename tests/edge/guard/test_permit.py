"""The permit: granted by clear pictures of this moment, revoked by a person and by the lack of pictures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.alarms import Alarms
from edge.guard.interlock import Interlock
from edge.guard.permit import Permit
from hardware.limits import MAX_FRAME_INTERVAL_S

VALID_S = 0.5


def make_permit(*, has_lid: bool = False) -> Permit:
    return Permit(Interlock(Alarms(), clear_s=1.0), valid_s=VALID_S, has_lid=has_lid)


def test_nothing_is_permitted_before_two_clear_pictures() -> None:
    permit = make_permit()
    assert not permit.holds(0.0)
    permit.observe(False, 10.0, now_s=10.0)
    assert not permit.holds(10.0), "one picture may be the last before a hand"
    permit.observe(False, 10.1, now_s=10.1)
    assert permit.holds(10.1)


def test_it_lapses_when_no_picture_comes() -> None:
    permit = make_permit()
    permit.observe(False, 10.0, now_s=10.0)
    permit.observe(False, 10.1, now_s=10.1)
    assert permit.holds(10.1 + MAX_FRAME_INTERVAL_S - 0.001)
    assert not permit.holds(10.1 + MAX_FRAME_INTERVAL_S + 0.001)
    assert permit.is_blind(11.0)


def test_a_picture_that_was_old_when_it_came_grants_motion_for_less_time() -> None:
    permit = make_permit()
    permit.observe(False, 10.0, now_s=10.4)
    permit.observe(False, 10.1, now_s=10.5)
    assert permit.holds(10.1 + VALID_S - 0.001)
    assert not permit.holds(10.1 + VALID_S + 0.001)


@pytest.mark.parametrize(
    ("interval_s", "granted"), [(1 / 30, True), (0.2, True), (0.34, True), (0.36, False), (0.5, False)]
)
def test_rare_pictures_are_no_evidence(interval_s: float, granted: bool) -> None:
    permit = make_permit()
    for number in range(10):
        permit.observe(False, number * interval_s, now_s=number * interval_s)
        if number:
            assert permit.holds(number * interval_s) is granted


def test_a_person_in_a_stale_picture_revokes_it_and_an_empty_stale_picture_grants_nothing() -> None:
    permit = make_permit()
    permit.observe_stale(False, 9.0, now_s=9.0)
    permit.observe_stale(False, 9.1, now_s=9.1)
    assert not permit.holds(9.1)
    permit.observe(False, 10.0, now_s=10.0)
    permit.observe(False, 10.1, now_s=10.1)
    permit.observe_stale(True, 9.4, now_s=10.1)
    assert not permit.holds(10.1)
    assert not permit.is_blind(10.1), "it is a person, not the lack of pictures"


def test_after_a_hand_the_edge_must_have_been_clear_for_as_long_as_the_interlock_says() -> None:
    permit = make_permit()
    granted = []
    for tenth in range(60):
        permit.observe(10 <= tenth < 30, tenth / 10, now_s=tenth / 10)
        granted.append(permit.holds(tenth / 10))
    assert granted == [0 < tenth < 10 or tenth >= 39 for tenth in range(60)]


def test_the_same_picture_twice_is_one_picture() -> None:
    permit = make_permit()
    permit.observe(False, 10.0, now_s=10.0)
    permit.observe(False, 10.0, now_s=10.1)
    assert not permit.holds(10.1)


def test_the_bounds_themselves_still_grant() -> None:
    permit = make_permit()
    permit.observe(False, 0.0, now_s=0.0)
    permit.observe(False, MAX_FRAME_INTERVAL_S, now_s=MAX_FRAME_INTERVAL_S)
    assert permit.holds(2 * MAX_FRAME_INTERVAL_S)
    permit.observe(False, 1.0, now_s=1.25)
    permit.observe(False, 1.25, now_s=1.5)
    assert permit.holds(1.25 + VALID_S)


def test_without_a_lid_the_switches_alone_grant_nothing() -> None:
    permit = Permit(Interlock(Alarms(), clear_s=1.0), valid_s=VALID_S)
    permit.interlock.observe_switches(False, locked=False, now_s=5.0)
    assert not permit.holds(5.0)


def test_a_lid_that_was_never_read_grants_nothing() -> None:
    assert not make_permit(has_lid=True).holds(0.0)


def test_a_closed_lid_is_evidence_without_pictures_and_an_open_one_forbids() -> None:
    permit = make_permit(has_lid=True)
    permit.interlock.observe_switches(False, locked=False, now_s=5.0)
    assert permit.holds(5.0)
    permit.interlock.observe_switches(True, locked=False, now_s=6.0)
    assert not permit.holds(6.0)
    permit.interlock.observe_switches(None, locked=False, now_s=8.0)
    assert not permit.holds(8.0), "a lid that cannot be read may be open"


def test_behind_a_closed_lid_an_opening_needs_a_picture_all_the_same_and_a_closing_none() -> None:
    permit = make_permit(has_lid=True)
    permit.interlock.observe_switches(False, locked=False, now_s=5.0)
    assert (permit.holds(5.0), permit.holds_for_opening(5.0)) == (True, False)
    permit.observe(False, 5.0, now_s=5.0)
    assert permit.holds_for_opening(5.0 + VALID_S)
    assert not permit.holds_for_opening(5.1 + VALID_S), "it may show something else by now"
    assert permit.holds(5.1 + VALID_S)


@given(st.lists(st.tuples(st.floats(0.01, 1.0), st.booleans(), st.floats(0.0, 1.5)), min_size=1, max_size=40))
def test_it_never_holds_on_what_is_older_than_it_may_be_nor_soon_after_a_person(
    steps: list[tuple[float, bool, float]],
) -> None:
    permit, now_s = make_permit(), 0.0
    newest_clear_s = newest_crossed_s = -100.0
    for interval_s, is_crossed, age_s in steps:
        now_s += interval_s
        taken_s = now_s - age_s
        if age_s <= 0.5:
            permit.observe(is_crossed, taken_s, now_s=now_s)
            newest_clear_s = newest_clear_s if is_crossed else max(newest_clear_s, taken_s)
        else:
            permit.observe_stale(is_crossed, taken_s, now_s=now_s)
        newest_crossed_s = taken_s if is_crossed else newest_crossed_s
        if permit.holds(now_s):
            assert now_s - newest_clear_s <= VALID_S + 1e-9
            assert newest_clear_s > newest_crossed_s
