"""Which decisions are offered for review: all unsure ones, and of the sure ones a random share that never changes."""

import pytest

from edge.records.review_draw import ReviewDraw
from tests.builders.values import make_event


@pytest.mark.parametrize("reason", ["unsure", "unknown"])
def test_what_was_unsure_is_always_offered(reason: str) -> None:
    assert ReviewDraw(0.0).draw(1, make_event(1, reason=reason)) == (1.0, True)


def test_several_things_are_never_offered() -> None:
    assert ReviewDraw(1.0).draw(1, make_event(1, reason="several")) == (0.0, False)


@pytest.mark.parametrize("share", [0.02, 0.5])
def test_of_the_sure_ones_the_share_is_drawn(share: float) -> None:
    draw = ReviewDraw(share)
    drawn = [draw.draw(session, make_event(number))[1] for session in range(1, 21) for number in range(1, 501)]
    # Four standard deviations of a binomial share.
    assert abs(sum(drawn) / len(drawn) - share) < 4 * (share * (1 - share) / len(drawn)) ** 0.5
    assert drawn[:500] != drawn[500:1000]


def test_an_event_is_drawn_or_not_once_and_for_all_and_stays_drawn_with_a_larger_share() -> None:
    few, many = ReviewDraw(0.1), ReviewDraw(0.3)
    for number in range(1, 200):
        event = make_event(number)
        assert few.draw(4, event) == few.draw(4, event)
        assert many.draw(4, event)[1] or not few.draw(4, event)[1]


@pytest.mark.parametrize(("share", "expected"), [(0.0, False), (1.0, True)])
def test_none_or_all_can_be_asked_for(share: float, expected: bool) -> None:
    assert all(ReviewDraw(share).draw(1, make_event(number))[1] is expected for number in range(1, 100))
