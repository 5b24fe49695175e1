"""A picture with an open flap: the hole is no person and no light, and a hand beside it is no speck."""

import cv2
import numpy as np
import pytest

from edge.sight.background import BackgroundModel
from edge.sight.cielab import Lab
from edge.sight.hidden_tray import BareTrayPicture
from edge.sight.tray_surface import TraySurface
from edge.sight.work_image import to_work_image
from hardware.frame import Pixels

HEIGHT, WIDTH = 120, 160
SMOOTH = 8.0
"""Grain of a tray whose texture is weak beside the outline of a hole, in grey levels before it is blurred."""

SIDES = (0.3, 0.6, 0.8, 0.88)
"""Sides of the hole, as shares of the tray's."""


def tray(seed: int = 0, *, gain: float = 1.0, grain: float = 24.0) -> Pixels:
    """A grained tray with a camera's noise."""
    grains = cv2.GaussianBlur(np.random.default_rng(1).normal(0, grain, (HEIGHT, WIDTH)), (0, 0), 1.0)
    noise = np.random.default_rng(seed).normal(0, 2, (HEIGHT, WIDTH, 3))
    return np.clip((150 + grains[..., None]) * gain + noise, 0, 255).astype(np.uint8)


def with_hole(picture: Pixels, side: float) -> Pixels:
    x, y = round(WIDTH * (1 - side) / 2), round(HEIGHT * (1 - side) / 2)
    picture = picture.copy()
    picture[y : HEIGHT - y, x : WIDTH - x] = 22
    return picture


def lab(picture: Pixels) -> Lab:
    return to_work_image(picture)


def surface_of(grain: float) -> TraySurface:
    surface = TraySurface(BackgroundModel.from_pictures([lab(tray(seed, grain=grain)) for seed in range(1, 6)]))
    assert surface.segment(lab(tray(7, grain=grain)), 1.0) is None
    surface.adapt(lab(tray(7, grain=grain)), 0.01, 1.0)
    return surface


@pytest.fixture
def surface() -> TraySurface:
    return surface_of(24.0)


@pytest.fixture
def smooth() -> TraySurface:
    return surface_of(SMOOTH)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("gain", [0.9, 1.0, 1.08])
def test_a_hole_crosses_no_edge_in_a_light_that_drifts(surface: TraySurface, side: float, gain: float) -> None:
    mask = surface.segment_around_flap(lab(with_hole(tray(8, gain=gain), side)))
    assert mask is not None
    assert mask.edges == 0
    assert mask.area == pytest.approx(side**2, abs=0.03)


@pytest.mark.parametrize("pushed", [(0, 0), (2, -1), (3, 3)])
@pytest.mark.parametrize("side", SIDES)
def test_neither_a_hole_close_to_the_rim_nor_a_push_hides_the_texture_of_the_rim(
    smooth: TraySurface, side: float, pushed: tuple[int, int]
) -> None:
    picture = with_hole(np.roll(tray(10, grain=SMOOTH), pushed, (0, 1)), side)
    mask = smooth.segment_around_flap(lab(picture))
    assert mask is not None
    assert mask.edges == 0


@pytest.mark.parametrize("side", SIDES)
def test_a_finger_beside_a_hole_is_no_speck(surface: TraySurface, side: float) -> None:
    picture = with_hole(tray(9), side)
    picture[50:58, :6] = (190, 130, 110)
    mask = surface.segment_around_flap(lab(picture))
    assert mask is not None
    assert mask.edges == 1


@pytest.mark.parametrize("side", [0.0, 0.6, 0.88])
@pytest.mark.parametrize("level", [60, 120, 135, 165, 230])
def test_a_plain_sheet_over_the_rim_hides_the_tray(surface: TraySurface, side: float, level: int) -> None:
    sheet = np.clip(level + np.random.default_rng(3).normal(0, 2, (HEIGHT, WIDTH, 3)), 0, 255).astype(np.uint8)
    mask = surface.segment_around_flap(lab(with_hole(sheet, side) if side else sheet))
    assert mask is not None
    assert mask.edges == 4


def test_the_bare_tray_is_seen_where_no_flap_is_open(surface: TraySurface) -> None:
    assert surface.segment_around_flap(lab(tray(11))) is None


def test_a_smooth_tray_says_nothing_about_what_hides_it() -> None:
    """Its light may be another one: only what differs by more than a shift of the light is seen."""
    plain = np.full((HEIGHT, WIDTH, 3), 150, np.uint8)
    model = BackgroundModel.from_pictures([lab(plain)] * 3)
    nothing = np.zeros(model.mean.shape[:2], np.bool_)
    assert not BareTrayPicture(model, lab(plain)).is_rim_hidden(model, lab(plain + 20), nothing)
