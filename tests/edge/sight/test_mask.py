"""Segmentation of the item."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.sight.background import BackgroundModel
from edge.sight.mask import FAR, MAX_AREA, MIN_AREA, NEAR, find_mask, mask_from_distance, split
from edge.sight.work_image import to_work_image
from edge.values import Mask
from tests.builders.pictures import item_picture, tray_picture

SHAPE = (120, 160)


def distance_with(*rectangles: tuple[int, int, int, int], value: float = 10.0) -> np.ndarray:
    """Zero but for rectangles (x0, y0, x1, y1)."""
    distance = np.zeros(SHAPE, np.float32)
    for x0, y0, x1, y1 in rectangles:
        distance[y0:y1, x0:x1] = value
    return distance


def test_a_rectangle_is_found_where_it_is() -> None:
    mask = mask_from_distance(distance_with((40, 30, 100, 90)))
    assert mask is not None
    assert mask.box == (40 / 160, 30 / 120, 100 / 160, 90 / 120)
    assert mask.area == pytest.approx(60 * 60 / (160 * 120), rel=0.02)
    assert set(np.unique(mask.cover)) == {0, 255}


def test_nothing_is_found_on_an_empty_tray() -> None:
    assert mask_from_distance(np.zeros(SHAPE, np.float32)) is None
    ground = BackgroundModel.from_pictures([to_work_image(tray_picture(seed=seed)) for seed in range(3)])
    assert find_mask(tray_picture(seed=7), ground) is None


def test_what_is_only_a_little_off_is_no_item_but_belongs_to_one_that_it_touches() -> None:
    between = (NEAR + FAR) / 2
    faint = distance_with((40, 30, 100, 90), value=between)
    assert mask_from_distance(faint) is None
    faint[50:60, 60:70] = FAR + 1
    mask = mask_from_distance(faint)
    assert mask is not None
    assert mask.box == (40 / 160, 30 / 120, 100 / 160, 90 / 120)


def test_specks_are_dropped() -> None:
    assert mask_from_distance(distance_with((40, 30, 42, 32))) is None
    side = int(np.sqrt(MIN_AREA * 160 * 120))
    assert mask_from_distance(distance_with((40, 30, 40 + side - 1, 30 + side - 1))) is None
    assert mask_from_distance(distance_with((40, 30, 40 + side + 2, 30 + side + 2))) is not None


def test_a_speck_beside_an_item_does_not_widen_its_box_but_a_second_part_does() -> None:
    with_speck = mask_from_distance(distance_with((40, 30, 100, 90), (140, 100, 145, 105)))
    with_part = mask_from_distance(distance_with((40, 30, 100, 90), (120, 60, 150, 90)))
    assert with_speck is not None
    assert with_part is not None
    assert with_speck.box[2] == 100 / 160
    assert with_part.box[2] == 150 / 160


def test_a_clear_middle_is_filled() -> None:
    ring = distance_with((40, 30, 100, 90))
    ring[45:75, 55:85] = 0
    mask = mask_from_distance(ring)
    assert mask is not None
    assert mask.cover[60, 70] == 255
    assert mask.area == pytest.approx(3600 / 19200, rel=0.02)


def test_a_mask_over_everything_is_not_believed() -> None:
    assert mask_from_distance(np.full(SHAPE, 10, np.float32)) is None
    wide = int(160 * (MAX_AREA - 0.1))
    assert mask_from_distance(distance_with((0, 0, wide, 120))) is not None


@settings(max_examples=60)
@given(st.integers(1, 80), st.integers(1, 80), st.integers(0, 2**32 - 1), st.floats(0.5, 20))
def test_any_distance_gives_a_believable_mask_or_none(width: int, height: int, seed: int, scale: float) -> None:
    distance = np.random.default_rng(seed).exponential(scale, (height, width)).astype(np.float32)
    mask = mask_from_distance(distance)
    if mask is None:
        return
    x0, y0, x1, y1 = mask.box
    assert mask.cover.shape == (height, width)
    assert mask.cover.dtype == np.uint8
    assert 0 <= x0 < x1 <= 1
    assert 0 <= y0 < y1 <= 1
    assert 0 < mask.area <= MAX_AREA
    ys, xs = np.nonzero(mask.cover)
    assert (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1) == pytest.approx(
        (x0 * width, y0 * height, x1 * width, y1 * height)
    )
    assert mask.area == pytest.approx(len(xs) / (width * height))


def test_an_item_is_found_with_and_without_the_empty_tray() -> None:
    pixels = item_picture((0.35, 0.3, 0.65, 0.7), seed=5)
    ground = BackgroundModel.from_pictures([to_work_image(tray_picture(seed=seed)) for seed in range(3)])
    for mask in (find_mask(pixels, ground), find_mask(pixels)):
        assert mask is not None
        assert mask.box == pytest.approx((0.35, 0.3, 0.65, 0.7), abs=0.03)


def test_only_the_empty_tray_tells_what_lies_there_always() -> None:
    stained = item_picture((0.1, 0.1, 0.3, 0.3), (40, 40, 160))
    ground = BackgroundModel.from_pictures([to_work_image(stained)])
    with_item = stained.copy()
    with_item[120:200, 180:260] = (190, 40, 40)
    mask = find_mask(with_item, ground)
    assert mask is not None
    assert mask.box[0] > 0.5


def test_it_reaches_over_the_edges_that_it_is_seen_at() -> None:
    found = {
        box: mask.edges
        for box in [(40, 30, 100, 90), (100, 40, 160, 60), (0, 0, 30, 30), (0, 0, 160, 100), (40, 100, 60, 118)]
        if (mask := mask_from_distance(distance_with(box))) is not None
    }
    # The last lies two pixels from the edge: closing joins it with the edge, but nothing is seen there.
    assert list(found.values()) == [0, 1, 2, 3, 0]


def test_the_parts_of_a_mask_have_their_own_place_area_and_edges() -> None:
    cover = np.zeros((60, 80), np.uint8)
    cover[10:20, 8:24] = 255
    cover[30:60, 40:44] = 255
    cover[20, 24] = 255  # touches the first by a corner
    first, second = split(Mask(cover, (0.0, 0.0, 1.0, 1.0), 0.1))
    assert first.box == pytest.approx((8 / 80, 10 / 60, 25 / 80, 21 / 60))
    assert second.box == pytest.approx((40 / 80, 30 / 60, 44 / 80, 1.0))
    assert (first.area, second.area) == (pytest.approx(161 / 4800), pytest.approx(120 / 4800))
    assert (first.edges, second.edges) == (0, 1)
    assert np.array_equal(np.maximum(first.cover, second.cover), cover)
    assert set(np.unique(second.cover)) == {0, 255}
    assert np.count_nonzero(second.cover) == 120
    assert split(Mask(np.zeros((60, 80), np.uint8), (0.0, 0.0, 1.0, 1.0), 0.1)) == []
