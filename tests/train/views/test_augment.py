"""Augmentation: shape and type kept, mask and item stay together, equal random states give equal views."""

import cv2
import numpy as np
import pytest
from hypothesis import given as for_all
from hypothesis import settings as limits
from hypothesis import strategies as st

from tests.builders.pictures import rails_picture
from train.data.cache import CachedPicture, cache_photograph, cache_sprite, make_view
from train.network.scaling import to_input
from train.runs.settings import Settings
from train.views.augment import Augmenter, composite, find_box, perturb_mask, random_affine
from train.views.backgrounds import random_background
from train.views.photometric import degrade, relight
from train.views.synthetic_trays import synthetic_tray

RED = (200, 30, 30)


def red_item(height: int = 120, width: int = 160, *, sprite: bool = False) -> CachedPicture:
    """A red blob on grey with its exact mask."""
    cover = np.zeros((height, width), np.uint8)
    cv2.ellipse(cover, (width // 2 + 9, height // 2 - 5), (width // 5, height // 7), 30, 0, 360, 255, cv2.FILLED)
    pixels = np.where(cover[..., None] > 0, np.array(RED), np.array((150, 150, 150))).astype(np.uint8)
    return CachedPicture(pixels, cover, 0, mask_is_reliable=True, is_sprite=sprite)


@limits(max_examples=60, deadline=None)
@for_all(
    height=st.integers(16, 90),
    width=st.integers(16, 90),
    seed=st.integers(0, 10**6),
    size=st.sampled_from([32, 64]),
    masked=st.booleans(),
    sprite=st.booleans(),
)
def test_any_picture_becomes_a_view_of_the_right_shape(
    height: int, width: int, seed: int, size: int, masked: bool, sprite: bool
) -> None:
    kept = red_item(height, width, sprite=sprite)
    if not masked and not sprite:
        kept = CachedPicture(kept.pixels, None, 0, mask_is_reliable=False)
    augment = Augmenter(Settings(size=size), [red_item()])
    view = augment(kept, np.random.default_rng(seed))
    assert view.shape == (size, size, 3)
    assert view.dtype == np.uint8
    assert np.array_equal(view, augment(kept, np.random.default_rng(seed)))


@pytest.mark.parametrize("seed", range(20))
def test_mask_follows_the_item(seed: int) -> None:
    kept = red_item()
    pixels, cover = random_affine(kept, kept.pixels, np.random.default_rng(seed), Settings(cut_share=0.3))
    assert cover is not None
    # Turned freely on a square, or by quarters in its own frame.
    assert pixels.shape in ((160, 160, 3), (120, 160, 3), (160, 120, 3))
    assert cover.shape == pixels.shape[:2]
    red = (pixels[..., 0].astype(int) - pixels[..., 1]) > 80
    inside = cover > 127
    overlap = (red & inside).sum() / (red | inside).sum()
    assert overlap > 0.85, overlap


def test_another_ground_replaces_everything_but_the_item() -> None:
    kept = red_item()
    assert kept.cover is not None
    blue = np.full_like(kept.pixels, (10, 20, 220))
    out = composite(kept.pixels, kept.cover, blue).astype(int)
    sure = cv2.erode(kept.cover, np.ones((9, 9), np.uint8)) > 0
    away = cv2.dilate(kept.cover, np.ones((9, 9), np.uint8)) == 0
    assert np.abs(out[sure] - RED).max() <= 3
    assert np.abs(out[away] - (10, 20, 220)).max() <= 3


@pytest.mark.parametrize("seed", range(25))
def test_spoilt_masks_stay_masks(seed: int) -> None:
    cover = red_item().cover
    assert cover is not None
    spoilt = perturb_mask(cover, np.random.default_rng(seed))
    assert spoilt.shape == cover.shape
    assert spoilt.dtype == np.uint8
    assert find_box(spoilt) is not None
    assert 0.2 < float((spoilt > 127).mean()) / float((cover > 127).mean()) < 4
    assert find_box(np.zeros((20, 20), np.uint8)) is None


@pytest.mark.parametrize("seed", range(12))
def test_light_grounds_and_trays_keep_shape_and_are_not_flat_black_or_white(seed: int) -> None:
    random = np.random.default_rng(seed)
    kept = red_item()
    lit = degrade(
        relight(kept.pixels, random, Settings()), random, Settings(blur_share=1.0, noise_share=1.0, jpeg_share=1.0)
    )
    assert lit.shape == kept.pixels.shape
    assert lit.dtype == np.uint8
    # Moderate: the item is still redder than its ground.
    assert kept.cover is not None
    inside, outside = lit[kept.cover > 0].mean(axis=0), lit[kept.cover == 0].mean(axis=0)
    assert (inside[0] - inside[1]) - (outside[0] - outside[1]) > 20
    ground = random_background(random, 96, [kept])
    assert ground.shape == (96, 96, 3)
    assert ground.dtype == np.uint8
    assert 3 < ground.mean() < 252
    tray = synthetic_tray(kept, random)
    assert tray is not None
    assert tray.shape in ((160, 160, 3), (120, 160, 3), (160, 120, 3))


def test_an_item_whose_ground_is_not_known_is_seen_but_not_put_on_another() -> None:
    photograph = cache_photograph(rails_picture((90, 80, 180, 160)), 0, 96)
    assert photograph.cover is not None
    assert 0.1 < (photograph.cover > 127).mean() < 0.2
    assert not photograph.mask_is_reliable


def test_photographs_and_sprites_are_kept_with_masks_and_views_match_the_bins() -> None:
    kept = red_item(240, 320)
    photograph = cache_photograph(kept.pixels, 3, 96)
    assert photograph.pixels.shape == (72, 96, 3)
    assert photograph.target == 3
    assert photograph.mask_is_reliable
    assert photograph.cover is not None
    assert photograph.cover.shape == (72, 96)
    assert kept.cover is not None
    rgba = np.dstack([kept.pixels, kept.cover])
    sprite = cache_sprite(rgba, 1, 96)
    assert sprite is not None
    assert sprite.is_sprite
    assert max(sprite.pixels.shape) == 96
    assert cache_sprite(np.zeros((40, 40, 4), np.uint8), 1, 96) is None
    view = make_view(kept.pixels, Settings(size=64, toning=1.0).view_spec, "object")
    assert view.shape == (64, 64, 3)
    assert np.abs(view[1, 1].astype(int) - 128).max() <= 2
    assert to_input(np.array([0, 255], np.uint8)).tolist() == [-1.0, 1.0]
