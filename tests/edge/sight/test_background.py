"""The background model, and the distance from it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.sight.background import NOISE_FLOOR, WORK_SIDE, BackgroundModel, to_work_image
from tests.builders.pictures import item_picture, tray_picture


@settings(max_examples=40)
@given(st.integers(1, 700), st.integers(1, 700))
def test_the_working_picture_keeps_the_aspect(width: int, height: int) -> None:
    lab = to_work_image(np.full((height, width, 3), 90, np.uint8))
    longer, shorter = max(width, height), min(width, height)
    assert lab.dtype == np.float32
    assert max(lab.shape[:2]) == WORK_SIDE
    assert min(lab.shape[:2]) == max(1, round(shorter * WORK_SIDE / longer))
    assert (lab.shape[1] == WORK_SIDE) if width > height else (lab.shape[0] == WORK_SIDE or width == height)


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [
        ((0, 0, 0), (0, 0, 0)),
        ((255, 255, 255), (100, 0, 0)),
        ((255, 0, 0), (53.2, 80.1, 67.2)),
        ((0, 0, 255), (32.3, 79.2, -107.9)),
    ],
)
def test_colours_are_cielab(rgb: tuple[int, int, int], lab: tuple[float, float, float]) -> None:
    assert to_work_image(np.full((4, 4, 3), rgb, np.uint8))[0, 0] == pytest.approx(lab, abs=0.5)


def test_an_empty_tray_is_near_itself_and_an_item_is_far() -> None:
    ground = BackgroundModel.from_pictures([to_work_image(tray_picture(seed=seed)) for seed in range(4)])
    assert np.percentile(ground.distance(to_work_image(tray_picture(seed=9))), 99) < 3
    distance = ground.distance(to_work_image(item_picture(seed=9)))
    assert distance[60, 80] > 20
    assert np.percentile(distance[:20], 99) < 3


@pytest.mark.parametrize("change", [-25, 25])
def test_light_that_changes_everywhere_is_taken_out(change: int) -> None:
    ground = BackgroundModel.from_pictures([to_work_image(tray_picture(grey=150))])
    assert np.percentile(ground.distance(to_work_image(tray_picture(grey=150 + change, seed=1))), 99) < 3
    assert ground.distance(to_work_image(item_picture(grey=150 + change, seed=1)))[60, 80] > 20


def test_more_light_than_a_lamp_drifts_is_not_taken_out() -> None:
    ground = BackgroundModel.from_pictures([to_work_image(tray_picture(grey=100))])
    assert np.median(ground.distance(to_work_image(tray_picture(grey=200)))) > 6


def test_lightness_counts_less_than_colour() -> None:
    ground = BackgroundModel(np.zeros((8, 8, 3), np.float32), NOISE_FLOOR)
    lighter, redder = np.zeros((8, 8, 3), np.float32), np.zeros((8, 8, 3), np.float32)
    lighter[4, 5, 0] = redder[4, 5, 1] = 10.0
    assert ground.distance(redder)[4, 5] == pytest.approx(10 / NOISE_FLOOR, rel=1e-5)
    assert ground.distance(lighter)[4, 5] == pytest.approx(6 / NOISE_FLOOR, rel=1e-5)


def test_the_distance_leaves_the_picture_as_it_was() -> None:
    ground = BackgroundModel.from_pictures([to_work_image(tray_picture())])
    lab = to_work_image(item_picture())
    before, mean = lab.copy(), ground.mean.copy()
    ground.distance(lab)
    assert np.array_equal(lab, before)
    assert np.array_equal(ground.mean, mean)


def test_a_picture_of_another_shape_is_refused_with_both_sizes() -> None:
    ground = BackgroundModel.from_pictures([to_work_image(tray_picture(320, 240))])
    with pytest.raises(ValueError, match="160x90 and the empty tray 160x120"):
        ground.distance(to_work_image(tray_picture(320, 180)))


def test_noise_is_measured_and_has_a_floor() -> None:
    lab = np.zeros((10, 10, 3), np.float32)
    assert BackgroundModel.from_pictures([lab, lab]).noise == NOISE_FLOOR
    assert BackgroundModel.from_pictures([lab, lab + 8.0]).noise == pytest.approx(np.sqrt(3 * 16.0), rel=1e-4)
    with pytest.raises(ValueError, match="at least one"):
        BackgroundModel.from_pictures([])


def test_the_border_guess_follows_light_that_falls_off() -> None:
    y, x = np.mgrid[-1:1:240j, -1:1:320j]
    shaded = np.repeat((150 - 40 * (x * x + y * y) / 2)[..., None], 3, axis=2)
    empty = np.clip(shaded + np.random.default_rng(0).normal(0, 1, shaded.shape), 0, 255).astype(np.uint8)
    with_item = empty.copy()
    with_item[90:150, 120:200] = (180, 40, 40)
    lab = to_work_image(with_item)
    distance = BackgroundModel.from_border(lab).distance(lab)
    assert distance[60, 80] > 10
    assert np.percentile(distance[:, :50], 95) < 4


def test_the_border_guess_bears_an_item_that_runs_out_of_the_picture() -> None:
    lab = to_work_image(item_picture((0.3, 0.4, 0.6, 1.0)))
    distance = BackgroundModel.from_border(lab).distance(lab)
    assert distance[100, 70] > 10
    assert np.percentile(distance[:40], 95) < 4


@settings(max_examples=30)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_the_border_guess_stands_any_picture(width: int, height: int, seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    lab = to_work_image(pixels)
    ground = BackgroundModel.from_border(lab)
    assert ground.mean.shape == lab.shape
    assert np.isfinite(ground.mean).all()
    assert ground.noise >= NOISE_FLOOR
