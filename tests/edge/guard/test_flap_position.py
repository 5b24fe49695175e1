"""Where a flap stands by the clock."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.guard.flap_position import FlapPosition
from hardware.clock import ManualClock

STEPS = st.lists(
    st.tuples(st.sampled_from(["open", "home", "fail", "stay", "forget"]), st.floats(0.0, 3.0)), min_size=1, max_size=12
)
"""What is done, and the seconds until the next."""


def do(position: FlapPosition, what: str) -> None:
    if what in ("stay", "forget"):
        getattr(position, what)()
        return
    position.set_out(0.0 if what == "home" else 1.0)
    if what != "fail":
        position.note_sent()


@given(steps=STEPS)
def test_it_never_jumps_and_never_turns_faster_than_its_travel(steps: list[tuple[str, float]]) -> None:
    clock = ManualClock(10.0)
    position = FlapPosition(travel_s=2.0, clock=clock)
    for what, seconds in steps:
        before = position.opening
        do(position, what)
        at_once = position.opening
        assert at_once == (1.0 if what == "forget" else pytest.approx(before))
        clock.advance(seconds)
        assert 0.0 <= position.opening <= 1.0
        assert abs(position.opening - at_once) <= seconds / 2.0 + 1e-9


def test_it_is_known_again_once_a_command_that_succeeded_has_had_its_whole_time() -> None:
    clock = ManualClock(10.0)
    position = FlapPosition(travel_s=2.0, clock=clock)
    assert position.is_known
    position.forget()
    do(position, "fail")
    clock.advance(5.0)
    assert not position.is_known, "the command failed"
    do(position, "home")
    clock.advance(1.0)
    position.stay()
    clock.advance(5.0)
    assert not position.is_known, "it was stopped on its way"
    do(position, "home")
    clock.advance(1.9)
    do(position, "open")
    clock.advance(1.9)
    assert not position.is_known, "it turned round on its way"
    clock.advance(0.2)
    assert position.is_known
    assert not position.is_moving
