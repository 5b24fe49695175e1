"""Drawn grounds and cameras: pictures of the right kind, different each time, the same for the same draw."""

from collections.abc import Callable

import numpy as np
import pytest

from train.views.backgrounds import random_background
from train.views.bin_grounds import GROUNDS, Draw, bin_ground
from train.views.cameras import CAMERAS, Camera, back_lit, coarse, dim, over_exposed, random_camera, tinted

Level = Callable[[np.ndarray], float]


def scene() -> np.ndarray:
    """A dark and a bright half with a fine pattern."""
    pixels = np.full((96, 96, 3), 60, np.uint8)
    pixels[:, 48:] = 180
    pixels[::2, ::2] += 20
    return pixels


@pytest.mark.parametrize("ground", GROUNDS, ids=lambda ground: ground.__name__)
@pytest.mark.parametrize("side", [40, 160])
def test_each_ground_is_drawn_at_any_size(ground: Draw, side: int) -> None:
    for seed in range(15):
        layer = ground(np.random.default_rng(seed), side)
        assert layer.shape == (side, side)
        assert layer.dtype == np.float32
        assert np.isfinite(layer).all()


def test_grounds_are_pictures_that_differ_from_draw_to_draw() -> None:
    drawn = [bin_ground(np.random.default_rng(seed), 64) for seed in range(40)]
    assert all(one.shape == (64, 64, 3) and one.dtype == np.uint8 for one in drawn)
    assert np.array_equal(drawn[3], bin_ground(np.random.default_rng(3), 64))
    brightness = [one.mean() for one in drawn]
    assert min(brightness) < 70
    assert max(brightness) > 150
    assert sum(one.std() > 8 for one in drawn) > 25


def test_backgrounds_are_of_bins_as_often_as_asked() -> None:
    seeds = range(30)
    always = [random_background(np.random.default_rng(seed), 48, [], 1.0) for seed in seeds]
    never = [random_background(np.random.default_rng(seed), 48, []) for seed in seeds]
    # A share of 0 draws nothing, so that views without bins' grounds stay as they were.
    assert all(
        np.array_equal(one, random_background(np.random.default_rng(seed), 48, [], 0.0))
        for seed, one in zip(seeds, never, strict=True)
    )
    assert np.mean([one.std() for one in always]) > np.mean([one.std() for one in never])


@pytest.mark.parametrize("camera", CAMERAS, ids=lambda camera: camera.__name__)
def test_each_camera_changes_the_picture_and_keeps_its_shape(camera: Camera) -> None:
    for seed in range(10):
        out = camera(scene(), np.random.default_rng(seed))
        assert out.shape == (96, 96, 3)
        assert out.dtype == np.uint8
        assert np.abs(out.astype(int) - scene()).mean() > 0.5


@pytest.mark.parametrize("seed", range(5))
def test_cameras_do_what_their_names_say(seed: int) -> None:
    def seen(camera: Camera) -> np.ndarray:
        return camera(scene(), np.random.default_rng(seed)).astype(float)

    assert seen(dim).mean() < 0.7 * scene().mean()
    assert seen(over_exposed).mean() > 1.2 * scene().mean()
    means = seen(tinted).mean(axis=(0, 1))
    assert means.max() / means.min() > 1.05
    assert (
        np.abs(np.diff(seen(coarse)[:, :40], axis=0)).mean()
        < np.abs(np.diff(scene()[:, :40].astype(float), axis=0)).mean()
    )
    flat = back_lit(np.full((96, 96, 3), 100, np.uint8), np.random.default_rng(seed))
    assert flat.max() > 120 > 100 > flat.min()
    assert random_camera(scene(), np.random.default_rng(seed)).shape == (96, 96, 3)
