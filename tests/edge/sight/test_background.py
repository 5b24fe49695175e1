"""The background model, and the distance from it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.sight.background import BLOCK, MAX_GLOBAL_SHIFT, NOISE_FLOOR, SINGLE_IMAGE_NOISE_FLOOR, BackgroundModel
from edge.sight.cielab import Lab
from edge.sight.work_image import WORK_SIDE, to_work_image
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
    for channel, distance in enumerate((6.0, 10.0, 10.0)):
        other = np.zeros((8, 8, 3), np.float32)
        other[4, 5, channel] = 10.0
        assert ground.distance(other)[4, 5] == pytest.approx(distance / NOISE_FLOOR, rel=1e-5)


@pytest.mark.parametrize("shift", [(5.0, -3.0, 2.0), (20.0, -20.0, 13.0)])
def test_the_shift_of_the_whole_picture_is_taken_out_as_far_as_a_lamp_drifts(shift: tuple[float, float, float]) -> None:
    ground = BackgroundModel(np.full((8, 12, 3), 50.0, np.float32), 2.0)
    lab = ground.mean + np.array(shift, np.float32)
    taken_out = np.clip(shift, -MAX_GLOBAL_SHIFT, MAX_GLOBAL_SHIFT)
    rest = np.subtract(shift, taken_out)
    assert ground.shift(lab) == pytest.approx(taken_out)
    assert ground.difference(lab)[3, 4] == pytest.approx(rest)
    assert ground.distance(lab)[3, 4] == pytest.approx(np.linalg.norm(np.array([0.6, 1.0, 1.0]) * rest) / 2.0, abs=1e-5)


@pytest.mark.parametrize(("values", "median"), [((1.0, 9.0), 5.0), ((1.0, 2.0, 9.0), 2.0), ((1.0, 2.0, 4.0, 9.0), 3.0)])
def test_the_shift_is_the_median_of_every_fourth_pixel(values: tuple[float, ...], median: float) -> None:
    ground = BackgroundModel(np.zeros((4, 4 * len(values), 3), np.float32), 1.0)
    lab = np.full_like(ground.mean, 7.0)
    lab[0, ::4] = np.array(values)[:, np.newaxis]
    assert ground.shift(lab).tolist() == [median] * 3
    on_its_side = BackgroundModel(np.swapaxes(ground.mean, 0, 1), 1.0)
    assert on_its_side.shift(np.swapaxes(lab, 0, 1)).tolist() == [median] * 3


GRAIN = np.random.default_rng(3).normal(0, 2.0, (120, 160)).astype(np.float32)


def grained(lightness: float = 50.0) -> Lab:
    lab = np.zeros((120, 160, 3), np.float32)
    lab[..., 0] = lightness + GRAIN
    return lab


def across(change: float) -> np.ndarray:
    """A change that grows to the right."""
    return np.linspace(-change, change, 160, dtype=np.float32)[np.newaxis, :]


def downwards(change: float) -> np.ndarray:
    return np.linspace(-change, change, 120, dtype=np.float32)[:, np.newaxis]


def test_light_from_one_side_and_of_another_colour_is_matched() -> None:
    ground = BackgroundModel(grained(), 1.3)
    lab = grained(30.0)
    lab[..., 0] += across(6.0)
    lab[..., 1] += 5.0 + downwards(3.0)
    lab[..., 2] -= 4.0 + across(2.0)
    # What lies there counts for nothing.
    lab[30:80, 40:100] = (70.0, 40.0, 40.0)
    matched = ground.matched_to_light(lab)
    assert matched is not None
    assert matched.noise == 1.3
    covered = np.zeros((120, 160), bool)
    covered[30:80, 40:100] = True
    assert np.abs(matched.mean - lab)[~covered].max() < 1.0


def test_the_noise_of_the_pixels_hardly_moves_the_light_that_is_matched() -> None:
    lab = grained(40.0)
    lab += np.random.default_rng(4).normal(0, 2.0, lab.shape).astype(np.float32)
    matched = BackgroundModel(grained(), 1.0).matched_to_light(lab)
    assert matched is not None
    assert np.abs(matched.mean - grained(40.0)).max() < 0.15


@pytest.mark.parametrize(("rows", "matches"), [(BLOCK * 5, True), (BLOCK * 6, False)])
def test_light_is_matched_while_a_quarter_of_the_tray_is_seen(rows: int, matches: bool) -> None:
    """Of seven rows of blocks."""
    ground = BackgroundModel(grained(), 1.0)
    lab = grained(40.0)
    lab[: rows + 4] = 60.0
    assert (ground.matched_to_light(lab) is not None) is matches


@pytest.mark.parametrize(("blocks", "matches"), [((3, 2), True), ((5, 1), False)])
def test_a_tray_of_a_few_blocks_is_not_matched(blocks: tuple[int, int], matches: bool) -> None:
    part = np.s_[: blocks[1] * BLOCK, : blocks[0] * BLOCK]
    assert (BackgroundModel(grained()[part], 1.0).matched_to_light(grained(40.0)[part]) is not None) is matches


@pytest.mark.parametrize(("change", "matches"), [(5.0, True), (7.5, False)])
def test_stripes_of_another_colour_are_no_light_that_is_matched(change: float, matches: bool) -> None:
    """A plane leaves them."""
    lab = grained()
    lab[..., 1] += np.where(np.arange(160) // BLOCK % 2, change, -change)
    assert (BackgroundModel(grained(), 1.0).matched_to_light(lab) is not None) is matches


def test_a_picture_of_another_size_or_without_texture_is_not_matched() -> None:
    ground = BackgroundModel(grained(), 1.0)
    assert ground.matched_to_light(grained()[:100]) is None
    assert ground.matched_to_light(np.full((120, 160, 3), 50.0, np.float32)) is None
    smooth = BackgroundModel(np.full((120, 160, 3), 50.0, np.float32), 1.0)
    assert smooth.matched_to_light(smooth.mean) is None


def test_the_tray_is_visible_by_its_texture_in_any_light() -> None:
    ground = BackgroundModel(grained(), 1.0)
    half = grained(20.0)
    half[..., 0] += across(10.0)
    assert ground.visible_share(half) == 1.0
    half[:, 80:, 0] = 20.0 + across(10.0)[:, 80:]
    assert ground.visible_share(half) == 0.5
    # Twice as contrasty, and the wrong way round.
    half[..., 0] = 50.0 + 2 * GRAIN
    assert ground.visible_share(half) == 1.0
    half[..., 0] = 50.0 - GRAIN
    assert ground.visible_share(half) == 0.0


@pytest.mark.parametrize(("noise", "share"), [(2.0, 1.0), (8.0, 0.0)])
def test_noise_hides_the_texture_from_a_correlation_of_two_fifths(noise: float, share: float) -> None:
    """The grain is 2: the correlation is 0.7, and 0.24."""
    lab = grained()
    lab[..., 0] += np.random.default_rng(4).normal(0, noise, GRAIN.shape)
    assert BackgroundModel(grained(), 1.0).visible_share(lab) == pytest.approx(share, abs=0.05)


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


def curved(noise: float = 0.0) -> Lab:
    """A tray whose light falls off as a quadratic surface, another one in each channel."""
    y, x = np.mgrid[-1:1:120j, -1:1:160j]
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)
    lab = terms @ np.array([[50, 5, -5], [6, 1, -2], [-4, 2, 1], [-9, 3, -3], [5, -4, 4], [-7, -2, 5]])
    return (lab + np.random.default_rng(0).normal(0, noise, lab.shape)).astype(np.float32)


@pytest.mark.parametrize("item", [np.s_[40:80, 50:110], np.s_[90:120, 20:60], np.s_[40:70, 0:50], np.s_[:, :60]])
def test_the_border_guess_is_the_quadratic_surface_whatever_lies_there(item: tuple[slice, slice]) -> None:
    lab = curved()
    lab[item] = (80.0, 60.0, -40.0)
    ground = BackgroundModel.from_border(lab)
    assert np.abs(ground.mean - curved()).max() < 0.01
    assert ground.noise == SINGLE_IMAGE_NOISE_FLOOR


def test_the_border_guess_looks_at_the_border_alone() -> None:
    """A sixteenth of the longer side: what begins behind it is another tray."""
    lab = curved()
    lab[10:-10, 10:-10] = (80.0, 60.0, -40.0)
    assert np.abs(BackgroundModel.from_border(lab).mean - curved()).max() < 0.01


def test_a_dark_frame_around_the_picture_is_left_out_of_the_border_guess() -> None:
    lab = np.zeros((120, 160, 3), np.float32)
    lab[2:-2, 2:-2] = curved()[2:-2, 2:-2]
    assert np.abs(BackgroundModel.from_border(lab).mean - curved()).max() < 0.01


@pytest.mark.parametrize("noise", [2.0, 4.0])
def test_the_noise_of_the_border_is_that_of_a_pixel(noise: float) -> None:
    """A little more, lest a median be too little."""
    ground = BackgroundModel.from_border(curved(noise))
    assert ground.noise == pytest.approx(1.06 * np.sqrt(3) * noise, rel=0.06)
    assert np.abs(ground.mean - curved()).max() < noise
