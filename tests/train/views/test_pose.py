"""How an item is laid: what is drawn of a crop is what the bin would cut out of the whole frame."""

import cv2
import numpy as np
import pytest
from hypothesis import given as for_all
from hypothesis import settings as limits
from hypothesis import strategies as st

from edge.sight.view import NEUTRAL, WHOLE, Crop, crop_and_resize
from train.data.cache import CachedPicture
from train.runs.settings import Settings
from train.views.pose import ItemPose, draw_pose, is_empty

PLAIN = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


def soft_picture(height: int, width: int, seed: int) -> np.ndarray:
    """Without edges that two ways of scaling would blur differently."""
    few = np.random.default_rng(seed).integers(0, 255, (4, 5, 3), np.uint8)
    return np.asarray(cv2.resize(few, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def cached(height: int, width: int, seed: int, *, reliable: bool) -> CachedPicture:
    cover = np.zeros((height, width), np.uint8)
    cover[height // 3 : height // 2, width // 3 : 2 * width // 3] = 255
    return CachedPicture(soft_picture(height, width, seed), cover, 0, mask_is_reliable=reliable)


@limits(max_examples=60, deadline=None)
@for_all(
    height=st.integers(60, 200),
    width=st.integers(60, 200),
    seed=st.integers(0, 1000),
    reliable=st.booleans(),
    left=st.floats(0.0, 0.5),
    top=st.floats(0.0, 0.5),
)
def test_a_crop_is_drawn_as_the_bin_cuts_it_out_of_the_frame(
    height: int, width: int, seed: int, reliable: bool, left: float, top: float
) -> None:
    picture = cached(height, width, seed, reliable=reliable)
    pose = draw_pose(picture, np.random.default_rng(seed), Settings())
    frame = pose.render(picture.pixels, pose.whole(), pose.width, pose.height)
    # On whole pixels, to which the bin rounds a crop.
    wide, high = pose.width // 2, pose.height // 2
    crop = Crop(round(left * pose.width) + wide / 2, round(top * pose.height) + high / 2, wide, high)
    drawn, cut = pose.render(picture.pixels, crop, 64, 64), crop_and_resize(frame, crop, 64)
    inside = slice(8, -8)
    assert np.abs(drawn[inside, inside].astype(int) - cut[inside, inside]).mean() < 4


@pytest.mark.parametrize("shape", [(100, 100), (256, 256), (400, 300)])
def test_a_pose_that_changes_nothing_gives_the_picture_at_any_scale(shape: tuple[int, int]) -> None:
    picture = soft_picture(*shape, seed=1)
    pose = ItemPose(PLAIN, shape[1], shape[0], cv2.BORDER_CONSTANT)
    small = pose.render(picture, pose.whole(), 50, 50).astype(int)
    expected = cv2.resize(picture, (50, 50), interpolation=cv2.INTER_AREA).astype(int)
    assert np.abs(small - expected).mean() < 3


def test_pixel_grids_of_halved_pictures_lie_where_those_of_whole_ones_do() -> None:
    step = np.zeros((64, 64, 3), np.uint8)
    step[:, 32:] = 200
    pose = ItemPose(PLAIN, 64, 64, cv2.BORDER_REPLICATE)
    quarter = pose.render(step, pose.whole(), 16, 16)[:, :, 0]
    np.testing.assert_array_equal(quarter[:, :8], 0)
    np.testing.assert_array_equal(quarter[:, 8:], 200)


def test_pictures_that_fill_their_frame_are_turned_by_quarters_and_keep_their_sides() -> None:
    picture = cached(80, 120, 3, reliable=False)
    frames = {
        (pose.width, pose.height)
        for pose in (draw_pose(picture, np.random.default_rng(seed), Settings()) for seed in range(20))
    }
    assert frames == {(120, 80), (80, 120)}


def test_beyond_a_neutral_border_there_is_neither_picture_nor_item() -> None:
    picture = cached(60, 60, 2, reliable=True)
    pose = ItemPose(PLAIN + np.array([[0.0, 0.0, 500.0], [0.0, 0.0, 0.0]]), 60, 60, cv2.BORDER_CONSTANT)
    whole = Crop.around(WHOLE, 60, 60, margin=0.0, stretch=1.0)
    assert (pose.render(picture.pixels, whole, 32, 32) == NEUTRAL).all()
    assert picture.cover is not None
    assert is_empty(pose.render_cover(picture.cover, whole, 32, 32))
