"""Patches that are suppressed, and when they are seen again."""

import cv2
import numpy as np
import pytest

from edge.sight.mask import NEAR, mask_from_distance
from edge.sight.tray_patches import (
    GONE_S,
    LATEST_LOOK_S,
    LOOK_AGAIN_S,
    MARGIN,
    MAX_PATCHES,
    MAX_STRENGTH,
    TrayPatches,
)
from edge.values import Mask

NOISE = 1.0
BROWN = (-20.0, 8.0, 12.0)
"""Lab difference of a stain from the tray."""


ROWS, COLUMNS = slice(50, 70), slice(60, 90)
"""Where the stain is."""


def stain(rows: slice = ROWS, columns: slice = COLUMNS) -> tuple[Mask, np.ndarray]:
    cover = np.zeros((120, 160), np.uint8)
    cover[rows, columns] = 255
    difference = np.zeros((120, 160, 3), np.float32)
    difference[cover > 0] = BROWN
    box = (columns.start / 160, rows.start / 120, columns.stop / 160, rows.stop / 120)
    return Mask(cover, box, np.count_nonzero(cover) / cover.size), difference


def with_stain() -> TrayPatches:
    patches = TrayPatches()
    patches.add(*stain(), 0.0)
    return patches


def reduced(patches: TrayPatches, difference: np.ndarray, noise: float = NOISE) -> np.ndarray:
    distance: np.ndarray = np.linalg.norm(difference, axis=2).astype(np.float32) / noise
    patches.reduce(distance, difference, noise)
    return distance


def left_over(patches: TrayPatches, difference: np.ndarray, noise: float = NOISE) -> np.ndarray:
    """What is seen: the pixels that differ from the tray and from its patches, without specks of one or two pixels."""
    distance = reduced(patches, difference, noise)
    opened: np.ndarray = cv2.morphologyEx((distance > NEAR).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    return opened > 0


def covered(patches: TrayPatches) -> np.ndarray:
    """Where patches are."""
    mean, bare = np.zeros((120, 160, 3), np.float32), np.ones((120, 160, 3), np.float32)
    patches.restore(mean, bare)
    return mean[..., 0] > 0


def seen(patches: TrayPatches, difference: np.ndarray) -> bool:
    return bool(left_over(patches, difference)[52:68, 62:88].any())


def test_a_patch_is_tray_until_it_is_due() -> None:
    patches = TrayPatches()
    mask, difference = stain()
    assert seen(patches, difference)
    patches.add(mask, difference, 0.0)
    assert not seen(patches, difference)
    assert patches.look_again(LOOK_AGAIN_S - 1.0) == 0
    assert not seen(patches, difference)
    assert patches.look_again(LOOK_AGAIN_S) == 1
    assert seen(patches, difference)
    assert patches.look_again(LOOK_AGAIN_S + 1.0) == 0, "it is seen already"


def test_each_look_in_vain_doubles_the_wait_up_to_a_day() -> None:
    patches = TrayPatches()
    mask, difference = stain()
    now_s, waits_s = 0.0, []
    for _ in range(8):
        patches.add(mask, difference, now_s)
        wait_s = next(wait for wait in range(600, 100_000, 600) if patches.look_again(now_s + wait))
        waits_s.append(wait_s)
        now_s += wait_s
    assert waits_s[:3] == [LOOK_AGAIN_S, 2 * LOOK_AGAIN_S, 4 * LOOK_AGAIN_S]
    assert waits_s[-1] == LATEST_LOOK_S


def test_a_patch_is_due_when_it_does_not_look_like_the_surface_in_a_new_light() -> None:
    patches = TrayPatches()
    mask, difference = stain()
    patches.add(mask, difference, 0.0)
    patches.review(lambda found: found is mask)
    assert patches.look_again(1.0) == 0
    patches.review(lambda found: found is not mask)
    assert patches.look_again(1.0) == 1


def lit(ratio: np.ndarray) -> np.ndarray:
    """A yellowish tray with an ``L + 16`` of 60, times a ratio."""
    lab = np.full((120, 160, 3), (0.0, 3.0, 20.0), np.float32)
    lab[..., 0] = 60.0 * ratio - 16.0
    return lab


@pytest.mark.parametrize("ratio", [0.5, 2.0])
def test_a_patch_follows_the_light(ratio: float) -> None:
    """``L + 16`` of the tray goes by a ratio, and so does what a stain takes from it."""
    patches = TrayPatches()
    mask, difference = stain()
    patches.add(mask, difference, 0.0)
    before, now = (lit(np.array(light)) for light in (1.0, ratio))
    patches.relight(before, now)
    assert not seen(patches, difference * np.float32(ratio))
    assert seen(patches, difference * np.float32(ratio * (MAX_STRENGTH + 0.5))), "no more than it does"


def test_an_item_on_a_patch_is_seen() -> None:
    patches = TrayPatches()
    mask, difference = stain()
    patches.add(mask, difference, 0.0)
    difference[55:65, 65:80] = (10.0, 40.0, -20.0)
    assert seen(patches, difference)


def test_a_patch_that_was_wiped_off_is_forgotten() -> None:
    patches = TrayPatches()
    mask, difference = stain()
    patches.add(mask, difference, 0.0)
    bare = np.zeros((120, 160), np.float32)
    assert patches.forget_gone(bare, NOISE, 0.0) == 0
    assert patches.forget_gone(bare, NOISE, GONE_S) == 1
    assert len(patches) == 0


@pytest.mark.parametrize("rubbed_off_s", [0.0, GONE_S])
def test_a_glint_that_comes_and_goes_is_not_forgotten(rubbed_off_s: float) -> None:
    patches = with_stain()
    bare, there = np.zeros((120, 160), np.float32), np.full((120, 160), 20.0, np.float32)
    now_s = rubbed_off_s
    for _ in range(3):
        assert patches.forget_gone(bare, NOISE, now_s) == 0
        assert patches.forget_gone(bare, NOISE, now_s + GONE_S - 1.0) == 0
        assert patches.forget_gone(there, NOISE, now_s + GONE_S) == 0
        now_s += 2 * GONE_S
    assert len(patches) == 1


@pytest.mark.parametrize(("columns_wiped", "forgotten"), [(20, 0), (22, 1)])
def test_a_patch_is_gone_when_seven_tenths_of_it_are_wiped_off(columns_wiped: int, forgotten: int) -> None:
    """Of 30 columns. Its soft edge hardly differed, and says nothing."""
    patches = with_stain()
    distance = np.full((120, 160), NEAR, np.float32)
    distance[:, : COLUMNS.start + columns_wiped] = NEAR - 0.5
    patches.forget_gone(distance, NOISE, 0.0)
    assert patches.forget_gone(distance, NOISE, GONE_S) == forgotten


@pytest.mark.parametrize(("noise", "forgotten"), [(4.0, 1), (5.0, 0)])
def test_a_patch_that_hardly_differed_from_the_tray_is_not_missed(noise: float, forgotten: int) -> None:
    """By 24.6 in Lab, which must be more than six times the noise."""
    patches = with_stain()
    bare = np.zeros((120, 160), np.float32)
    patches.forget_gone(bare, noise, 0.0)
    assert patches.forget_gone(bare, noise, GONE_S) == forgotten


def test_of_several_patches_the_one_that_is_gone_is_forgotten() -> None:
    patches = with_stain()
    other = stain(slice(90, 110), slice(20, 60))
    patches.add(*other, 0.0)
    wiped = np.zeros((120, 160), np.float32)
    wiped[80:] = 20.0
    patches.forget_gone(wiped, NOISE, 0.0)
    assert patches.forget_gone(wiped, NOISE, GONE_S) == 1
    assert not left_over(patches, other[1]).any()
    assert seen(patches, stain()[1])


@pytest.mark.parametrize(
    ("strength", "is_seen"),
    [(-0.2, True), (-0.1, False), (0.0, False), (0.5, False), (MAX_STRENGTH + 0.1, False), (MAX_STRENGTH + 0.2, True)],
)
def test_a_patch_may_look_weaker_or_a_little_stronger_and_not_the_other_way_round(
    strength: float, is_seen: bool
) -> None:
    """Its distance from the tray is 18.8 times the noise, and what differs by three times the noise is seen."""
    assert seen(with_stain(), stain()[1] * np.float32(strength)) is is_seen


@pytest.mark.parametrize(("noise", "is_seen"), [(0.5, True), (2.0, False)])
def test_what_a_patch_leaves_is_seen_by_the_noise(noise: float, is_seen: bool) -> None:
    difference = stain()[1]
    difference[55:65, 65:80, 1] += 4.0
    assert left_over(with_stain(), difference, noise).any() == is_seen


@pytest.mark.parametrize(
    ("channel", "by", "is_seen"),
    [(0, 4.5, False), (0, 7.5, True), (1, 2.5, False), (1, 4.0, True), (2, 3.5, False), (2, 4.5, True)],
)
def test_lightness_counts_less_than_colour_on_a_patch_too(channel: int, by: float, is_seen: bool) -> None:
    difference = stain()[1]
    difference[55:65, 65:80, channel] += by
    assert seen(with_stain(), difference) is is_seen


def test_the_soft_edge_of_a_patch_belongs_to_it_and_what_lies_beside_it_does_not() -> None:
    reach = MARGIN // 2
    mask, _ = stain()
    wider = stain(slice(50 - reach, 70 + reach), slice(60 - reach, 90 + reach))[1]
    patches = TrayPatches()
    patches.add(mask, wider, 0.0)
    assert not left_over(patches, wider).any()
    beyond = stain(slice(50 - reach - 3, 70 + reach), slice(60 - reach, 90 + reach))[1]
    assert left_over(patches, beyond)[50 - reach - 3 : 50 - reach, 60 - reach : 90 + reach].all()


def test_a_patch_hides_nothing_in_the_corner_of_its_box() -> None:
    """An L: what comes to lie within its two arms is seen, though it has the colour of the patch."""
    cover = np.zeros((120, 160), np.uint8)
    cover[40:80, 40:50] = cover[70:80, 40:100] = 255
    difference = np.where(cover[..., None] > 0, np.array(BROWN, np.float32), np.float32(0.0))
    patches = TrayPatches()
    patches.add(Mask(cover, (0.25, 0.33, 0.625, 0.67), 0.05), difference, 0.0)
    assert not left_over(patches, difference).any()
    everywhere = np.full((120, 160, 3), BROWN, np.float32)
    assert left_over(patches, everywhere)[42:60, 60:100].all()


def test_the_same_patch_seen_again_takes_the_place_of_the_first_and_another_stands_beside_it() -> None:
    patches = with_stain()
    # A little larger: it contains the first, with its soft edge.
    patches.add(*stain(slice(45, 75), slice(55, 95)), 1.0)
    assert len(patches) == 1
    patches = with_stain()
    # With its soft edge it covers half of the first.
    patches.add(*stain(slice(45, 75), slice(79, 125)), 2.0)
    assert len(patches) == 2


def test_the_oldest_patch_gives_way_when_there_are_too_many() -> None:
    patches = TrayPatches()
    corners = [(row, column) for row in range(5, 110, 24) for column in (5, 45, 85, 125)][: MAX_PATCHES + 1]
    places = [(slice(row, row + 8), slice(column, column + 8)) for row, column in corners]
    for place in places:
        patches.add(*stain(*place), 0.0)
    assert len(patches) == MAX_PATCHES
    found = [bool(left_over(patches, stain(*place)[1]).any()) for place in places]
    assert found == [True] + [False] * MAX_PATCHES


def test_one_patch_is_due_and_the_others_stay_hidden() -> None:
    patches = with_stain()
    later = stain(slice(90, 110), slice(20, 60))
    patches.add(*later, 100.0)
    assert patches.look_again(LOOK_AGAIN_S) == 1
    assert seen(patches, stain()[1])
    assert not left_over(patches, later[1]).any()
    assert patches.look_again(LOOK_AGAIN_S + 100.0) == 1


def test_a_patch_that_spreads_over_its_edge_is_followed() -> None:
    """The edge of the sunlight is soft, and wanders by a pixel from picture to picture."""
    patches = with_stain()
    for right in range(91, 121):
        wandered = cv2.blur(stain(ROWS, slice(60, right))[1], (7, 7))
        patches.follow(wandered, NOISE)
        assert mask_from_distance(reduced(patches, wandered)) is None, right
    wandered[55:65, 75:115] = (10.0, 40.0, -20.0)
    assert left_over(patches, wandered)[55:65, 75:115].all(), "an item on it"
    assert patches.look_again(LOOK_AGAIN_S) == 1, "it is still the patch that was found first"


def test_what_comes_to_lie_away_from_a_patch_does_not_make_it_spread() -> None:
    patches = with_stain()
    difference = stain()[1]
    difference[20:40, 110:140] = BROWN
    patches.follow(difference, NOISE)
    assert left_over(patches, difference)[20:40, 110:140].all()
    assert not left_over(patches, difference)[50:].any()


@pytest.mark.parametrize(
    ("beside", "difference", "noise"),
    [
        ((ROWS, slice(70, 90)), BROWN, 1.0),
        ((slice(60, 61), slice(96, 97)), BROWN, 1.0),
        ((ROWS, slice(90, 100)), (0.0, NEAR * 2.0 - 0.5, 0.0), 2.0),
        ((slice(20, 40), slice(110, 140)), BROWN, 1.0),
    ],
    ids=["nothing", "a pixel", "noise", "something far away"],
)
def test_a_patch_beside_which_there_is_nothing_of_it_does_not_spread(
    beside: tuple[slice, slice], difference: tuple[float, float, float], noise: float
) -> None:
    patches = with_stain()
    before = covered(patches)
    picture = stain()[1]
    picture[beside] = difference
    patches.follow(picture, noise)
    assert np.array_equal(covered(patches), before)


@pytest.mark.parametrize("rows", [ROWS, slice(58, 62)], ids=["its whole side", "a tongue"])
def test_a_patch_that_spreads_takes_its_soft_edge_along(rows: slice) -> None:
    patches = with_stain()
    picture = stain()[1]
    picture[rows, 90:96] = BROWN
    patches.follow(picture, NOISE)
    assert not left_over(patches, picture).any()
    # A pixel is blurred.
    assert np.argwhere(covered(patches))[:, 1].max() == 96 + MARGIN // 2


def test_where_a_patch_that_spreads_has_grown_weaker_it_keeps_its_strength() -> None:
    """The sun comes back to where it has been."""
    patches = with_stain()
    wandered = stain(ROWS, slice(60, 96))[1]
    wandered[ROWS, 60:75] = 0.0
    patches.follow(wandered, NOISE)
    assert not left_over(patches, stain(ROWS, slice(60, 96))[1]).any()


def test_the_model_of_the_bare_tray_stays_where_patches_are_and_follows_elsewhere() -> None:
    mean, bare = np.full((120, 160, 3), 50.0, np.float32), np.full((120, 160, 3), 60.0, np.float32)
    with_stain().restore(mean, bare)
    place = np.zeros((120, 160), bool)
    place[50 - MARGIN // 2 : 70 + MARGIN // 2, 60 - MARGIN // 2 : 90 + MARGIN // 2] = True
    assert (mean[place] == 60.0).all()
    assert (mean[~place] == 50.0).all()
    assert (bare == 60.0).all()


def test_a_tray_under_light_that_differs_from_place_to_place_takes_its_patch_along() -> None:
    patches = with_stain()
    gain = np.linspace(0.6, 1.5, 160, dtype=np.float32)
    patches.relight(lit(np.array(1.0)), lit(gain))
    assert not seen(patches, stain()[1] * gain[None, :, None])
