"""The view: square and of the right size for every image and mask."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.sight.view import NEUTRAL, Crop, ViewSpec, crop_and_resize, fade_background, full_view, make_view, object_view
from edge.values import Mask
from tests.builders.pictures import item_picture, tray_picture
from tests.builders.values import make_mask

sides = st.one_of(st.integers(1, 12), st.integers(13, 400))
shares = st.floats(0, 1, allow_nan=False)


@st.composite
def boxes(draw: st.DrawFn) -> tuple[float, float, float, float]:
    x0, y0 = draw(st.floats(0, 0.99)), draw(st.floats(0, 0.99))
    return x0, y0, draw(st.floats(x0 + 0.001, 1)), draw(st.floats(y0 + 0.001, 1))


@settings(max_examples=150)
@given(
    width=sides,
    height=sides,
    box=st.none() | boxes(),
    cover_width=st.integers(1, 160),
    size=st.integers(32, 160),
    margin=shares,
    stretch=st.floats(1, 2),
    toning=shares,
    feather=st.floats(0, 0.2),
    seed=st.integers(0, 99),
)
def test_any_picture_and_any_mask_make_a_view(
    width: int,
    height: int,
    box: tuple[float, float, float, float] | None,
    cover_width: int,
    size: int,
    margin: float,
    stretch: float,
    toning: float,
    feather: float,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (height, width, 3), np.uint8)
    mask = None
    if box is not None:
        cover_height = max(1, round(cover_width * height / width))
        mask = Mask((rng.random((min(cover_height, 160), cover_width)) > 0.5).astype(np.uint8) * 255, box, 0.5)
    before = pixels.copy()
    spec = ViewSpec(size=size, margin=margin, stretch=stretch, toning=toning, feather=feather)
    view = object_view(pixels, mask, spec)
    assert view.shape == (size, size, 3)
    assert view.dtype == np.uint8
    assert np.array_equal(pixels, before), "the frame belongs to others as well"


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 5000), (5000, 1), (10000, 200), (200, 10000), (33000, 2)])
def test_extreme_pictures_make_a_view(width: int, height: int) -> None:
    pixels = np.full((height, width, 3), 200, np.uint8)
    for view in (full_view(pixels, ViewSpec()), object_view(pixels, make_mask(), ViewSpec())):
        assert view.shape == (128, 128, 3)
    assert (full_view(pixels, ViewSpec()) == 200).any()


def brute_crop(pixels: np.ndarray, centre_x: float, centre_y: float, size: int) -> np.ndarray:
    """A crop without scaling, pixel by pixel."""
    height, width = pixels.shape[:2]
    x0, y0 = round(centre_x - size / 2), round(centre_y - size / 2)
    out = np.full((size, size, 3), NEUTRAL, np.uint8)
    for row in range(size):
        for column in range(size):
            if 0 <= y0 + row < height and 0 <= x0 + column < width:
                out[row, column] = pixels[y0 + row, x0 + column]
    return out


@settings(max_examples=80)
@given(
    st.integers(1, 24),
    st.integers(1, 24),
    st.integers(-30, 60),
    st.integers(-30, 60),
    st.integers(1, 12),
    st.integers(0, 99),
)
def test_a_crop_is_the_brute_force_one(width: int, height: int, x: int, y: int, half: int, seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    size = 2 * half
    assert np.array_equal(crop_and_resize(pixels, Crop(x, y, size, size), size), brute_crop(pixels, x, y, size))


@settings(max_examples=60)
@given(
    st.integers(1, 30),
    st.integers(1, 30),
    st.integers(-20, 50),
    st.integers(-20, 50),
    st.integers(4, 30),
    st.integers(2, 4),
)
def test_a_crop_scaled_up_has_the_same_layout(width: int, height: int, x: int, y: int, half: int, factor: int) -> None:
    """Scaling by a whole number keeps what is picture and what is outside exactly where brute force has it."""
    pixels = np.full((height, width, 3), 10, np.uint8)
    size = 2 * half
    inside = brute_crop(pixels, x, y, size)[..., 0] == 10
    scaled = crop_and_resize(pixels, Crop(x, y, size, size), size * factor)[..., 0] == 10
    assert np.array_equal(scaled, np.kron(inside, np.ones((factor, factor), bool)))


@pytest.mark.parametrize(("width", "height"), [(640, 480), (601, 477), (257, 259), (4001, 1023)])
def test_a_large_crop_is_the_mean_of_what_it_covers(width: int, height: int) -> None:
    """However many steps it is shrunk in: a ramp stays a ramp from end to end."""
    ramp = np.rint(np.linspace(0, 255, width)).astype(np.uint8)
    pixels = np.repeat(np.repeat(ramp[None, :, None], height, axis=0), 3, axis=2)
    row = crop_and_resize(pixels, Crop(width / 2, height / 2, width, height), 128)[64, :, 0].astype(float)
    assert np.abs(row - (np.arange(128) + 0.5) / 128 * 255).max() < 2


@given(boxes(), st.integers(64, 900), st.integers(64, 900), shares, st.floats(1, 2))
def test_the_crop_holds_the_box_within_the_stretch(
    box: tuple[float, float, float, float], width: int, height: int, margin: float, stretch: float
) -> None:
    crop = Crop.around(box, width, height, margin=margin, stretch=stretch)
    left, right = crop.centre_x - crop.width / 2, crop.centre_x + crop.width / 2
    top, bottom = crop.centre_y - crop.height / 2, crop.centre_y + crop.height / 2
    assert left <= box[0] * width + 1e-6
    assert right >= box[2] * width - 1e-6
    assert top <= box[1] * height + 1e-6
    assert bottom >= box[3] * height - 1e-6
    assert max(crop.width, crop.height) <= min(crop.width, crop.height) * stretch + 1e-6
    # It leaves the picture only where that is too narrow.
    leaves = left < -1e-6 or top < -1e-6 or right > width + 1e-6 or bottom > height + 1e-6
    assert not leaves or max(crop.width, crop.height) > min(width, height) * stretch - 1e-6


def test_the_crop_of_an_item_in_the_middle_is_the_box_and_its_margin() -> None:
    crop = Crop.around((0.4, 0.4, 0.6, 0.6), 500, 400, margin=0.1, stretch=4 / 3)
    assert (crop.centre_x, crop.centre_y, crop.width, crop.height) == pytest.approx((250, 200, 120, 100))
    square = Crop.around((0.4, 0.4, 0.6, 0.6), 500, 400, margin=0.1, stretch=1.0)
    assert (square.width, square.height) == pytest.approx((120, 120))


def test_a_picture_is_stretched_as_far_as_allowed_and_then_letterboxed() -> None:
    pixels = np.full((90, 120, 3), 7, np.uint8)
    assert (full_view(pixels, ViewSpec(size=120, stretch=4 / 3)) == 7).all()
    strict = full_view(pixels, ViewSpec(size=120, stretch=1.0))
    assert (strict[15:105] == 7).all()
    assert (strict[:15] == NEUTRAL).all()
    assert (strict[105:] == NEUTRAL).all()


@pytest.mark.parametrize(("width", "height"), [(900, 120), (120, 900), (640, 480), (333, 500)])
def test_the_mask_lies_over_its_item_whatever_the_aspect(width: int, height: int) -> None:
    """With the ground toned away, what is left of the picture is the box and nothing else."""
    box = (0.25, 0.25, 0.75, 0.75)
    scale = 160 / max(width, height)
    mask = make_mask(box, (max(4, round(height * scale)), max(4, round(width * scale))))
    pixels = np.full((height, width, 3), 255, np.uint8)
    view = object_view(pixels, mask, ViewSpec(size=128, margin=0.5, toning=1.0))[..., 0]
    assert view[64, 64] > 250
    ys, xs = np.nonzero(view > 200)
    assert (xs.min() + xs.max()) / 2 == pytest.approx(63.5, abs=4)
    assert (ys.min() + ys.max()) / 2 == pytest.approx(63.5, abs=4)


def test_the_item_is_centred_and_large() -> None:
    pixels = item_picture((0.6, 0.6, 0.8, 0.9), (200, 30, 30))
    mask = make_mask((0.6, 0.6, 0.8, 0.9), (120, 160))
    view = object_view(pixels, mask, ViewSpec(size=120, margin=0.1, toning=0.0))
    red = (view[..., 0] > 180) & (view[..., 1] < 60)
    ys, xs = np.nonzero(red)
    assert (xs.min() + xs.max()) / 2 == pytest.approx(59.5, abs=2)
    assert (ys.min() + ys.max()) / 2 == pytest.approx(59.5, abs=2)
    assert ys.max() - ys.min() + 1 == pytest.approx(120 / 1.2, abs=3)


@pytest.mark.parametrize(("toning", "expected"), [(0.0, 60), (0.5, 94), (1.0, NEUTRAL)])
def test_toning_draws_the_ground_to_grey_and_leaves_the_item(toning: float, expected: int) -> None:
    pixels = np.full((240, 320, 3), 60, np.uint8)
    pixels[72:168, 112:208] = (200, 30, 30)
    mask = make_mask((0.35, 0.3, 0.65, 0.7), (120, 160))
    view = object_view(pixels, mask, ViewSpec(size=128, margin=0.5, toning=toning))
    assert view[3, 64].tolist() == pytest.approx([expected] * 3, abs=2)
    assert view[64, 64].tolist() == pytest.approx([200, 30, 30], abs=2)


def test_the_edge_of_the_mask_is_soft() -> None:
    pixels = np.full((240, 320, 3), 0, np.uint8)
    mask = make_mask((0.35, 0.3, 0.65, 0.7), (120, 160))
    row = object_view(pixels, mask, ViewSpec(size=128, margin=0.5, toning=1.0, feather=0.05))[64, :, 0].astype(int)
    assert row[64] == 0
    assert row[2] == pytest.approx(NEUTRAL, abs=1)
    assert np.abs(np.diff(row)).max() < NEUTRAL / 4
    # On two sides: 0.05 of 128 pixels to either side of the edge, and what the scaling has softened.
    assert np.count_nonzero((row > 0) & (row < NEUTRAL)) == pytest.approx(2 * (6 + 1 + 6 + 1), abs=1)


@given(st.integers(0, 255), st.integers(0, 255), shares)
def test_toning_is_the_mean_of_the_picture_and_grey(value: int, cover: int, strength: float) -> None:
    toned = fade_background(np.full((4, 4, 3), value, np.uint8), np.full((4, 4), cover, np.uint8), strength)
    keep = 1 - strength * (1 - cover / 255)
    assert toned[0, 0, 0] == pytest.approx(value * keep + NEUTRAL * (1 - keep), abs=2)


def test_without_a_mask_the_whole_picture_is_shown() -> None:
    pixels = tray_picture()
    assert np.array_equal(object_view(pixels, None, ViewSpec()), full_view(pixels, ViewSpec()))


def lopsided() -> tuple[np.ndarray, Mask]:
    """A picture that no mirroring leaves as it is, and a mask about its middle."""
    pixels = np.random.default_rng(0).integers(0, 256, (120, 160, 3), np.uint8)
    return pixels, make_mask((0.35, 0.3, 0.65, 0.7), (120, 160))


def test_looks_with_one_margin_are_mirrored_in_turn() -> None:
    pixels, mask = lopsided()
    spec = ViewSpec(size=32)
    view = object_view(pixels, mask, spec)
    expected = [view, view[:, ::-1], view[::-1], view[::-1, ::-1], view]
    for number, wanted in enumerate(expected):
        assert np.array_equal(make_view(pixels, mask, spec, number), wanted), number


def test_looks_with_two_margins_show_both_straight_and_then_both_mirrored() -> None:
    pixels, mask = lopsided()
    spec = ViewSpec(size=32, margin=0.1, look_margins=(0.5,))
    near, far = object_view(pixels, mask, spec), object_view(pixels, mask, spec, margin=0.5)
    assert np.array_equal(far, object_view(pixels, mask, ViewSpec(size=32, margin=0.5)))
    expected = [near, far, near[:, ::-1], far[:, ::-1], near[::-1]]
    for number, wanted in enumerate(expected):
        assert np.array_equal(make_view(pixels, mask, spec, number), wanted), number


@given(st.lists(shares, max_size=7), st.integers(0, 99))
def test_the_first_look_is_the_plain_view_and_looks_come_round(margins: list[float], first: int) -> None:
    pixels, mask = lopsided()
    spec = ViewSpec(size=32, margin=0.0, look_margins=tuple(margins))
    assert np.array_equal(make_view(pixels, mask, spec, 0), object_view(pixels, mask, spec))
    period = 4 * (1 + len(margins))
    assert np.array_equal(make_view(pixels, mask, spec, first), make_view(pixels, mask, spec, first + period))


def test_the_whole_picture_has_no_margins_to_take_turns() -> None:
    pixels, _ = lopsided()
    spec = ViewSpec(size=32, look_margins=(0.5, 1.0))
    whole = full_view(pixels, spec)
    looks = [make_view(pixels, None, spec, number) for number in range(4)]
    for seen, wanted in zip(looks, [whole, whole[:, ::-1], whole[::-1], whole[::-1, ::-1]], strict=True):
        assert np.array_equal(seen, wanted)


def test_a_spec_from_before_there_were_look_margins_still_loads() -> None:
    assert ViewSpec.model_validate_json('{"size": 128, "margin": 0.2}').look_margins == ()
    with pytest.raises(ValueError, match="look_margins"):
        ViewSpec(look_margins=(1.5,))
