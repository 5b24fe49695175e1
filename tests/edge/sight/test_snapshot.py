"""A snapshot of the tray tells whether the same item still lies there."""

import numpy as np
import pytest

from edge.sight.snapshot import MAX_LENGTH_RATIO, OTHER_LIGHT_LAB, SAME_ITEM_LAB, TraySnapshot
from edge.values import Mask
from tests.builders.values import make_mask

SHAPE = (48, 64)
BOX = (0.25, 0.25, 0.75, 0.75)
Box = tuple[float, float, float, float]


def snapshot(
    colour: tuple[float, float, float] = (40.0, 10.0, -10.0),
    box: Box = BOX,
    *,
    mask: Mask | bool | None = True,
    lightness: float = 60.0,
) -> TraySnapshot:
    """A tray with an item of this difference from it in Lab."""
    shown = make_mask(box, SHAPE)
    foreground = shown.cover > 0
    difference = np.zeros((*SHAPE, 3), np.float32)
    difference[foreground] = colour
    return TraySnapshot(difference, foreground, shown if mask is True else mask or None, lightness)


NOTHING = TraySnapshot(np.zeros((*SHAPE, 3), np.float32), np.zeros(SHAPE, np.bool_), None, 60.0)


def test_a_tray_matches_itself_unless_nothing_lies_there() -> None:
    assert snapshot().matches(snapshot())
    assert not NOTHING.matches(NOTHING)
    assert snapshot(mask=None).matches(snapshot(mask=None)), "the mask does not matter"


@pytest.mark.parametrize(("by", "same"), [(SAME_ITEM_LAB * 3 - 1.0, True), (SAME_ITEM_LAB * 3 + 1.0, False)])
def test_the_mean_change_over_the_item_is_small(by: float, same: bool) -> None:
    """Of three channels one changes."""
    assert snapshot((60.0, 60.0, 60.0)).matches(snapshot((60.0 + by, 60.0, 60.0))) is same
    assert snapshot((60.0 + by, 60.0, 60.0)).matches(snapshot((60.0, 60.0, 60.0))) is same


@pytest.mark.parametrize(("now", "same"), [(3.5, True), (2.5, False), (0.0, False)])
def test_a_faint_item_changes_by_less_than_half_of_its_contrast(now: float, same: bool) -> None:
    assert snapshot((6.0, 6.0, 6.0)).matches(snapshot((now,) * 3)) is same


def test_an_item_that_has_left_or_come_elsewhere_is_another_tray() -> None:
    assert not snapshot().matches(NOTHING)
    assert not NOTHING.matches(snapshot())
    assert not snapshot().matches(snapshot(box=(0.5, 0.5, 1.0, 1.0)))
    assert not snapshot(box=(0.5, 0.5, 1.0, 1.0)).matches(snapshot())


def test_pictures_of_another_size_show_no_item_that_is_known() -> None:
    small = TraySnapshot(np.zeros((24, 32, 3), np.float32), np.ones((24, 32), np.bool_), make_mask(BOX, (24, 32)), 60.0)
    assert not snapshot().matches(small)
    assert not snapshot().resembles(small)


@pytest.mark.parametrize(
    ("box", "alike"),
    [
        (BOX, True),
        ((0.4, 0.25, 0.9, 0.75), True),  # 0.35 of 0.65
        ((0.45, 0.25, 0.95, 0.75), False),  # 0.3 of 0.7
        ((0.25, 0.4, 0.75, 0.9), True),
        ((0.25, 0.45, 0.75, 0.95), False),
        ((0.75, 0.75, 1.0, 1.0), False),
        ((0.25, 0.25, 0.5, 0.75), False),  # half of it is not more than half
    ],
)
def test_an_item_that_slid_lies_over_most_of_its_place(box: Box, alike: bool) -> None:
    assert snapshot().resembles(snapshot(box=box)) is alike
    assert snapshot(box=box).resembles(snapshot()) is alike


@pytest.mark.parametrize(
    ("colour", "alike"),
    [
        ((47.0, 10.0, -10.0), True),
        ((40.0, 17.0, -17.0), True),
        ((20.0, 40.0, -40.0), False),
        ((-40.0, -10.0, 10.0), False),
        ((24.0, 6.0, -6.0), True),
        ((40.0 / MAX_LENGTH_RATIO + 1, 5.25, -5.25), True),
        ((40.0 / MAX_LENGTH_RATIO - 1, 4.75, -4.75), False),
        ((78.0, 19.5, -19.5), True),
        ((82.0, 20.5, -20.5), False),
    ],
)
def test_an_item_has_the_same_colours_in_any_light(colour: tuple[float, float, float], alike: bool) -> None:
    assert snapshot().resembles(snapshot(colour)) is alike
    assert snapshot(colour).resembles(snapshot()) is alike


@pytest.mark.parametrize(
    ("lightness", "box", "alike"),
    [
        (60.0 + OTHER_LIGHT_LAB + 1, BOX, True),
        (60.0 - OTHER_LIGHT_LAB - 1, BOX, True),
        (60.0 + OTHER_LIGHT_LAB - 1, BOX, False),
        (60.0 + OTHER_LIGHT_LAB + 1, (BOX[0] + 0.08, *BOX[1:]), False),
    ],
)
def test_an_item_of_clipped_colours_in_another_light_is_known_by_its_outline(
    lightness: float, box: Box, alike: bool
) -> None:
    clipped = snapshot((-40.0, -10.0, 10.0), box, lightness=lightness)
    assert snapshot().resembles(clipped) is alike
    assert clipped.resembles(snapshot()) is alike


def test_without_a_mask_nothing_resembles() -> None:
    assert not snapshot(mask=None).resembles(snapshot())
    assert not snapshot().resembles(snapshot(mask=None))
