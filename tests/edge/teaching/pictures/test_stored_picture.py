"""A kept picture shows the model what the original did, and nothing hostile passes for one."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.errors import PictureError
from edge.sight.mask import find_mask
from edge.sight.view import ViewSpec, make_view
from edge.teaching.pictures.stored_picture import KEPT_MARGIN, LONGEST_SIDE, StoredPicture
from tests.builders.pictures import Pixels, damaged_in_the_middle, item_picture, png_claiming
from tests.builders.teaching import stored_picture
from tests.builders.values import make_mask


def textured(width: int, height: int) -> Pixels:
    """Of which a shifted or scaled view is another one."""
    rows, columns = np.mgrid[:height, :width] / width
    wave = 128 + 50 * np.sin(40 * rows) + 50 * np.cos(50 * columns)
    return np.repeat(wave[..., None], 3, axis=2).astype(np.uint8)


@pytest.mark.parametrize("size", [(320, 240), (640, 480), (1280, 960)])
@pytest.mark.parametrize(
    "box",
    [
        (0.35, 0.3, 0.65, 0.7),
        (0.0, 0.1, 0.3, 0.3),
        (0.8, 0.7, 1.0, 1.0),
        (0.45, 0.1, 0.5, 0.9),
        (0.05, 0.02, 0.95, 0.97),
    ],
)
def test_views_of_a_kept_picture_are_those_of_the_original(
    box: tuple[float, float, float, float], size: tuple[int, int]
) -> None:
    mask = make_mask(box, shape=(120, 160))
    original = textured(*size)
    kept, kept_mask = StoredPicture.of(original, mask).decode()
    assert kept_mask is not None
    assert max(kept.shape) <= LONGEST_SIDE
    spec = ViewSpec(size=64, margin=0.1, look_margins=(0.4, KEPT_MARGIN), toning=0.5)
    for number in range(6):
        before = make_view(original, mask, spec, number).astype(int)
        after = make_view(kept, kept_mask, spec, number).astype(int)
        # Half a pixel of a view of 64 where the picture was scaled down; JPEG and rounding elsewhere.
        assert np.abs(after - before).mean() < (8 if size[0] > LONGEST_SIDE else 5)


def test_what_lies_far_from_the_item_is_not_kept() -> None:
    pixels = item_picture((0.1, 0.1, 0.3, 0.4), width=640, height=480)
    mask = find_mask(pixels)
    kept, _ = StoredPicture.of(pixels, mask).decode()
    assert kept.shape[0] < 300
    assert kept.shape[1] < 300


def test_without_a_mask_the_whole_picture_is_kept() -> None:
    kept, mask = StoredPicture.of(item_picture(width=1280, height=960), None).decode()
    assert kept.shape == (480, 640, 3)
    assert mask is None


def test_a_picture_that_is_damaged_or_too_large_is_refused() -> None:
    sound = stored_picture()
    large = cv2.imencode(".jpg", np.zeros((LONGEST_SIDE + 1, 8, 3), np.uint8))[1].tobytes()
    noisy = StoredPicture.of(np.random.default_rng(0).integers(0, 255, (300, 300, 3), np.uint8), None).jpeg
    for jpeg in (b"", b"GIF89a", sound.jpeg[:-20], large, damaged_in_the_middle(noisy), sound.jpeg + bytes(2_000_000)):
        with pytest.raises(PictureError, match="a taught picture cannot be used"):
            StoredPicture(jpeg, sound.mask).decode()


@pytest.mark.parametrize("mask", [b"", b"nothing", png_claiming(50_000, 50_000), bytes(200_000)])
def test_a_mask_that_is_damaged_or_too_large_is_refused(mask: bytes) -> None:
    with pytest.raises(PictureError, match="its mask is damaged"):
        StoredPicture(stored_picture().jpeg, mask).decode()


def test_an_empty_mask_means_the_whole_picture() -> None:
    nothing = cv2.imencode(".png", np.zeros((48, 64), np.uint8))[1].tobytes()
    assert StoredPicture(stored_picture().jpeg, nothing).decode()[1] is None


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=8), st.booleans())
def test_changed_bytes_are_read_or_refused(place: int, change: bytes, of_mask: bool) -> None:
    sound = stored_picture()
    assert sound.mask is not None
    content = bytearray(sound.mask if of_mask else sound.jpeg)
    place %= len(content)
    content[place : place + len(change)] = change
    changed = StoredPicture(sound.jpeg, bytes(content)) if of_mask else StoredPicture(bytes(content), sound.mask)
    try:
        pixels, mask = changed.decode()
    except PictureError:
        return
    assert max(pixels.shape) <= LONGEST_SIDE
    assert mask is None or mask.cover.shape <= (160, 160)


def test_a_mask_of_one_pixel_can_be_kept() -> None:
    mask = make_mask((0.5, 0.5, 0.52, 0.52), shape=(120, 160))
    _, kept = StoredPicture.of(item_picture(), mask).decode()
    assert kept is not None
