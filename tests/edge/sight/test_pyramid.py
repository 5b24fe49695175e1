"""Downscaled images: the right size, the right colours, no aliasing."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.sight.pyramid import Pyramid
from tests.builders.pictures import Pixels


def scaled(pixels: Pixels, width: int, height: int) -> Pixels:
    return Pyramid(pixels).scaled(width, height)


@settings(max_examples=150)
@given(
    st.integers(1, 300), st.integers(1, 300), st.integers(1, 80), st.integers(1, 80), st.sampled_from([(), (1,), (3,)])
)
def test_any_picture_takes_any_size_and_keeps_an_even_colour(
    width: int, height: int, new_width: int, new_height: int, channels: tuple[int, ...]
) -> None:
    out = scaled(np.full((height, width, *channels), 90, np.uint8), new_width, new_height)
    assert out.shape[:2] == (new_height, new_width)
    assert np.all(out == 90)


def test_a_picture_of_the_right_size_is_not_copied() -> None:
    pixels = np.zeros((48, 64, 3), np.uint8)
    assert scaled(pixels, 64, 48) is pixels


@pytest.mark.parametrize("known", [0, 1, 2])
@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_part_of_a_level_is_what_the_level_shows_there(known: int, number: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (101, 131, 3), np.uint8)
    pyramid, whole = Pyramid(pixels), Pyramid(pixels).level(number)
    pyramid.level(known)
    width, height = pyramid.size(number)
    assert (height, width) == whole.shape[:2]
    for x, y in ((slice(0, width), slice(0, height)), (slice(3, 20), slice(7, height)), (slice(5, 6), slice(9, 10))):
        assert np.array_equal(pyramid.part(number, x=x, y=y), whole[y, x])


def test_a_part_is_halved_alone() -> None:
    pixels = np.zeros((480, 640, 3), np.uint8)
    pyramid = Pyramid(pixels)
    assert pyramid.part(1, x=slice(10, 20), y=slice(10, 20)).shape == (10, 10, 3)
    assert len(pyramid._levels) == 1
    assert np.shares_memory(pyramid.part(0, x=slice(10, 20), y=slice(10, 20)), pixels)


def test_halving_twice_is_the_mean_of_sixteen() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8)
    exact = pixels.reshape(120, 4, 160, 4, 3).mean(axis=(1, 3))
    assert np.abs(scaled(pixels, 160, 120) - exact).max() <= 1.0


@pytest.mark.parametrize("size", [(640, 480), (511, 383), (400, 391)])
def test_a_fine_pattern_becomes_its_mean_and_no_other_pattern(size: tuple[int, int]) -> None:
    """A checkerboard of single pixels: picking every n-th one would show stripes or black."""
    y, x = np.mgrid[: size[1], : size[0]]
    board = ((x + y) % 2 * 255).astype(np.uint8)
    assert np.abs(scaled(board, 100, 90).astype(int) - 127).max() <= 1


@pytest.mark.parametrize("size", [(480, 480), (520, 390), (280, 210), (210, 280), (255, 255)])
def test_a_photograph_like_picture_is_close_to_the_exact_mean(size: tuple[int, int]) -> None:
    rough = np.random.default_rng(1).uniform(0, 255, (30, 40, 3)).astype(np.float32)
    pixels = np.clip(cv2.resize(rough, size, interpolation=cv2.INTER_CUBIC), 0, 255).astype(np.uint8)
    exact = cv2.resize(pixels, (128, 128), interpolation=cv2.INTER_AREA)
    assert np.abs(scaled(pixels, 128, 128).astype(int) - exact).mean() < 1.5


@pytest.mark.parametrize("size", [(128, 64), (64, 128)])
def test_half_the_size_in_one_direction_is_the_mean_of_two(size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (128, 128, 3), np.uint8)
    width, height = size
    exact = pixels.reshape(height, 128 // height, width, 128 // width, 3).mean(axis=(1, 3))
    assert np.abs(scaled(pixels, width, height) - exact).max() <= 1.0


def test_each_half_is_made_once() -> None:
    pyramid = Pyramid(np.zeros((48, 64), np.uint8))
    assert pyramid.level(2) is pyramid.level(2)
    assert pyramid.level(0) is pyramid.pixels
    assert [pyramid.level(number).shape for number in range(4)] == [(48, 64), (24, 32), (12, 16), (6, 8)]


def test_a_picture_of_one_pixel_can_be_halved_for_ever() -> None:
    assert Pyramid(np.full((1, 3, 3), 7, np.uint8)).level(6).shape == (1, 1, 3)
