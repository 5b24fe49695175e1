"""What looks like a part of the tray waits the longer, the more of it did not fall."""

from dataclasses import replace

import numpy as np
import pytest

from edge.sight.opening_caution import FIRST_WAIT_S, FORGOTTEN_S, MOST_WAIT_S, OpeningCaution
from edge.values import Item
from tests.builders.values import make_frame, make_item


def item_at_rest(now_s: float, *, for_s: float = 0.5) -> Item:
    return replace(make_item(1), frame=make_frame(time_s=now_s), rest_since_s=now_s - for_s)


def test_nothing_waits_before_anything_did_not_fall() -> None:
    assert OpeningCaution().wait_s(item_at_rest(100.0)) == 0.0


def test_each_that_does_not_fall_doubles_the_wait_up_to_a_minute() -> None:
    caution = OpeningCaution()
    waits_s = []
    for _ in range(6):
        caution.note_opening(is_surface=True)
        caution.note_empty(100.0)
        waits_s.append(caution.wait_s(item_at_rest(101.0, for_s=0.0)))
    assert waits_s == [4.0, 8.0, 16.0, 32.0, MOST_WAIT_S, MOST_WAIT_S]


def test_a_twitch_does_not_begin_the_wait_anew() -> None:
    caution = OpeningCaution()
    caution.note_empty(100.0)
    assert caution.wait_s(item_at_rest(103.0, for_s=3.0)) == pytest.approx(1.0)
    assert caution.wait_s(item_at_rest(103.5, for_s=0.2)) == pytest.approx(0.5)


def test_the_wait_begins_anew_with_another_item_and_in_another_place() -> None:
    caution = OpeningCaution()
    caution.note_empty(100.0)
    item = item_at_rest(103.0, for_s=3.0)
    assert caution.wait_s(item) == pytest.approx(1.0)
    assert caution.wait_s(replace(item, rest_since_s=102.9, number=2)) == pytest.approx(3.9)
    moved = replace(item.mask, cover=np.roll(item.mask.cover, item.mask.cover.shape[1] // 2, axis=1))
    assert caution.wait_s(replace(item, rest_since_s=102.9, number=2, mask=moved)) == pytest.approx(3.9)
    assert caution.wait_s(replace(item, rest_since_s=103.0, number=2)) == pytest.approx(4.0)


def test_the_wait_is_time_at_rest() -> None:
    caution = OpeningCaution()
    caution.note_empty(100.0)
    assert caution.wait_s(item_at_rest(103.0, for_s=3.0)) == pytest.approx(FIRST_WAIT_S - 3.0)
    assert caution.wait_s(item_at_rest(105.0, for_s=FIRST_WAIT_S)) == 0.0


@pytest.mark.parametrize(("is_surface", "wait_s"), [(True, 0.0), (False, FIRST_WAIT_S)])
def test_only_a_small_thing_that_falls_ends_the_caution(is_surface: bool, wait_s: float) -> None:
    caution = OpeningCaution()
    caution.note_empty(100.0)
    caution.note_opening(is_surface=is_surface)
    caution.note_fallen()
    assert caution.wait_s(item_at_rest(110.0, for_s=0.0)) == wait_s


def test_it_is_forgotten_after_an_hour() -> None:
    caution = OpeningCaution()
    caution.note_empty(100.0)
    assert caution.wait_s(item_at_rest(100.0 + FORGOTTEN_S, for_s=0.0)) == FIRST_WAIT_S
    assert caution.wait_s(item_at_rest(100.1 + FORGOTTEN_S, for_s=0.0)) == 0.0
