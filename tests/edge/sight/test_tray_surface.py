"""The tray's surface: what differs from it in whatever light, and what is taken for a part of it."""

from functools import cache

import cv2
import numpy as np
import pytest

from edge.sight.background import BackgroundModel
from edge.sight.cielab import Lab
from edge.sight.mask import MIN_AREA
from edge.sight.thing_tracker import COVERED_EDGES
from edge.sight.tray_patches import GONE_S, LOOK_AGAIN_S
from edge.sight.tray_surface import LONG_LOOK_FRAMES, TraySurface
from edge.sight.work_image import to_work_image
from edge.values import Mask
from tests.builders.pictures import tray_picture
from tests.builders.values import make_mask

RED, BROWN, WHITE = (190, 40, 40), (100, 85, 70), (240, 240, 240)
ITEM = (slice(72, 168), slice(112, 208))
"""Rows and columns of a picture: an eighth of it."""


_ROUGH = np.random.default_rng(5).normal(0, 1, (60, 80))
_GRAIN = 5 * cv2.resize(_ROUGH, (320, 240), interpolation=cv2.INTER_CUBIC)[..., np.newaxis]


def picture(
    *laid: tuple[tuple[slice, slice], tuple[int, int, int]],
    light: float | np.ndarray = 1.0,
    noise: float = 1.5,
    seed: int = 100,
) -> Lab:
    """A tray with a grain, 320 x 240, and what is laid on it, in some light."""
    pixels = 120 + _GRAIN + np.zeros(3)
    for place, colour in laid:
        pixels[place] = colour
    noisy = pixels * light + tray_picture(grey=128, noise=noise, seed=seed) - 128.0
    return to_work_image(np.clip(np.rint(noisy), 0, 255).astype(np.uint8))


@cache
def learnt() -> BackgroundModel:
    return BackgroundModel.from_pictures([picture(seed=seed) for seed in range(8)])


@pytest.fixture
def surface() -> TraySurface:
    return TraySurface(learnt())


def found(surface: TraySurface, lab: Lab, time_s: float) -> Mask:
    mask = surface.segment(lab, time_s)
    assert mask is not None
    return mask


def test_the_share_that_differs_for_certain_is_that_of_the_last_picture(surface: TraySurface) -> None:
    assert surface.far_share == 0.0
    assert surface.segment(picture((ITEM, RED)), 0.0) is not None
    assert surface.far_share == pytest.approx(0.12, abs=0.01)
    assert surface.segment(picture(), 1.0) is None
    assert surface.far_share < 0.001
    surface.segment(picture((ITEM, RED)), 2.0)
    # The whole picture in another light, with the same item.
    surface.segment(picture((ITEM, RED), light=0.6), 3.0)
    assert surface.far_share == pytest.approx(0.12, abs=0.02)


def test_the_model_adapts_by_the_weight(surface: TraySurface) -> None:
    before, noise = surface.background.mean, surface.background.noise
    lighter = before + np.float32(4.0)
    surface.adapt(lighter, 0.1, 0.0)
    assert np.allclose(surface.background.mean, before + 0.4, atol=1e-3)
    assert surface.background.noise == noise


def test_under_a_patch_the_model_stays_what_is_known_of_the_bare_tray(surface: TraySurface) -> None:
    surface.suppress(found(surface, picture((ITEM, BROWN)), 0.0), picture((ITEM, BROWN)), 0.0)
    before = surface.background.mean.copy()
    surface.adapt(picture((ITEM, BROWN)) + np.float32(4.0), 0.1, 1.0)
    change = surface.background.mean - before
    assert np.abs(change[40:80, 60:100]).max() == 0.0
    assert np.mean(change[:30, :40]) == pytest.approx(0.4, abs=0.05)


def test_what_is_suppressed_is_near_the_tray_until_it_is_due(surface: TraySurface) -> None:
    stained = picture((ITEM, BROWN))
    assert np.median(surface.distance(stained)[40:80, 60:100]) > 6.0
    surface.suppress(found(surface, stained, 0.0), stained, 0.0)
    assert np.median(surface.distance(stained)[40:80, 60:100]) < 1.0
    surface.adapt(stained, 0.0, LOOK_AGAIN_S - 1.0)
    assert surface.segment(stained, LOOK_AGAIN_S - 1.0) is None
    surface.adapt(stained, 0.0, LOOK_AGAIN_S)
    assert surface.segment(stained, LOOK_AGAIN_S + 1.0) is not None


def test_a_patch_that_is_wiped_off_is_forgotten(surface: TraySurface) -> None:
    stained = picture((ITEM, BROWN))
    surface.suppress(found(surface, stained, 0.0), stained, 0.0)
    for time_s in (1.0, GONE_S):
        assert surface.segment(picture(), time_s) is None
        assert surface.segment(stained, time_s) is None
    for time_s in (50.0, 50.0 + GONE_S):
        assert surface.segment(picture(), time_s) is None
    assert surface.segment(stained, 60.0 + GONE_S) is not None


def test_in_a_new_light_a_patch_is_looked_at_again_unless_the_tray_shows_through_it(surface: TraySurface) -> None:
    """Once: a jammed item that was taken for a stain, where nothing fell."""
    jammed = ((ITEM, RED),)
    surface.suppress(found(surface, picture(*jammed), 0.0), picture(*jammed), 0.0)
    surface.adapt(picture(*jammed), 0.0, 1.0)
    assert surface.segment(picture(*jammed), 2.0) is None, "the light is as it was"
    darker = picture(*jammed, light=0.6)
    surface.segment(darker, 3.0)
    surface.adapt(darker, 0.0, 4.0)
    assert surface.segment(darker, 5.0) is not None
    surface.suppress(found(surface, darker, 5.0), darker, 5.0)
    surface.adapt(darker, 0.0, 6.0)
    assert surface.segment(darker, 7.0) is None


def test_an_item_in_another_light_is_where_it_was(surface: TraySurface) -> None:
    """It shows the light, and its mask is the one that was known."""
    before = surface.segment(picture((ITEM, RED)), 0.0)
    assert before is not None
    for number, light in enumerate((0.6, 1.0, 1.4), 1):
        assert surface.segment(picture((ITEM, RED), light=light), float(number)) is before
        beside = (slice(10, 60), slice(20, 80))
        both = surface.segment(picture((ITEM, RED), (beside, WHITE), light=light), number + 0.5)
        assert both is not None
        assert both.object_count == 2, light
        before = surface.segment(picture((ITEM, RED), light=light), number + 0.6)


def test_light_that_goes_on_changing_is_followed_from_picture_to_picture(surface: TraySurface) -> None:
    before = found(surface, picture((ITEM, RED)), 0.0)
    for number, light in enumerate((0.8, 0.6, 0.5, 0.7), 1):
        assert surface.segment(picture((ITEM, RED), light=light), float(number)) is before, light


def test_an_item_that_comes_with_another_light_is_seen(surface: TraySurface) -> None:
    assert surface.segment(picture(), 0.0) is None
    mask = surface.segment(picture((ITEM, RED), light=0.6), 1.0)
    assert mask is not None
    assert mask.area == pytest.approx(0.12, abs=0.02)


def test_light_that_differs_from_place_to_place_is_no_item(surface: TraySurface) -> None:
    stripes = np.where(np.arange(320) // 40 % 2, 1.0, 0.6)[None, :, None]
    soft = cv2.blur(np.repeat(stripes[..., 0], 240, axis=0), (15, 15))[..., None]
    for time_s in (0.0, 1.0):
        assert surface.segment(picture(light=soft), time_s) is None
        assert surface.segment(picture(), time_s + 0.5) is None
    mask = surface.segment(picture((ITEM, RED), light=soft), 2.0)
    assert mask is not None
    assert mask.area == pytest.approx(0.12, abs=0.04)


def test_what_covers_the_whole_tray_is_seen_as_that(surface: TraySurface) -> None:
    mask = surface.segment(picture(((slice(None), slice(None)), RED)), 0.0)
    assert mask is not None
    assert (mask.area, mask.box, mask.edges) == (1.0, (0.0, 0.0, 1.0, 1.0), 4)
    assert mask.cover.dtype == np.uint8
    assert (mask.cover == 255).all()


DARK, DARK_NOISE = 0.35, 12.0
"""A tray in the dark, whose grain drowns in the noise of a single picture."""


def dark(seed: int) -> Lab:
    return picture(light=DARK, noise=DARK_NOISE, seed=seed)


def look(surface: TraySurface, number: int, *, edges: int = 4, moved: bool = False, coat: bool = False) -> list[bool]:
    """Look at so many pictures."""
    mask = Mask(np.full((120, 160), 255, np.uint8), (0.0, 0.0, 1.0, 1.0), 1.0, edges=edges)
    recognized = []
    for seed in range(number):
        lab = picture(((slice(None), slice(None)), RED), seed=seed) if coat else dark(seed)
        recognized.append(surface.look_longer(mask, lab, 0.1 * seed, moved=moved))
    return recognized


def test_a_tray_in_the_dark_is_recognized_in_several_pictures(surface: TraySurface) -> None:
    assert surface.background.matched_to_light(dark(0)) is None
    assert look(surface, LONG_LOOK_FRAMES) == [False] * (LONG_LOOK_FRAMES - 1) + [True]
    assert abs(float(np.median(surface.background.mean[..., 0] - dark(1)[..., 0]))) < 1.0
    assert look(surface, LONG_LOOK_FRAMES - 1) == [False] * (LONG_LOOK_FRAMES - 1), "of new pictures alone"


def test_what_moves_or_leaves_a_part_of_the_tray_free_begins_the_long_look_anew(surface: TraySurface) -> None:
    assert not any(look(surface, LONG_LOOK_FRAMES - 1))
    assert look(surface, 1, moved=True) == [False]
    assert not any(look(surface, LONG_LOOK_FRAMES - 1))
    assert look(surface, 1, edges=COVERED_EDGES - 1) == [False]
    assert look(surface, LONG_LOOK_FRAMES, edges=COVERED_EDGES)[-1]


def test_a_coat_over_the_tray_is_not_recognized_and_does_not_spoil_the_next_look(surface: TraySurface) -> None:
    assert not any(look(surface, LONG_LOOK_FRAMES, coat=True))
    assert look(surface, LONG_LOOK_FRAMES)[-1]


def test_only_the_parts_of_a_mask_that_are_light_are_suppressed(surface: TraySurface) -> None:
    shade = np.ones((240, 320), np.float32)
    cv2.ellipse(shade, (80, 120), (45, 70), 0.0, 0, 360, 0.6, -1)
    shadow = cv2.GaussianBlur(shade, (0, 0), 8)[..., None]
    item = (slice(72, 168), slice(220, 280))
    lab = picture((item, RED), light=shadow)
    mask = surface.segment(lab, 0.0)
    assert mask is not None
    assert surface.suppress_light(mask, lab, 0.0)
    left = surface.segment(lab, 1.0)
    assert left is not None
    assert left.box == pytest.approx((220 / 320, 72 / 240, 280 / 320, 168 / 240), abs=0.02)
    assert not surface.suppress_light(left, lab, 1.0)
    assert surface.segment(lab, 2.0) is not None


def test_less_than_the_smallest_item_is_nothing(surface: TraySurface) -> None:
    side = int((MIN_AREA * 320 * 240) ** 0.5)
    for pixels, is_seen in ((side - 3, False), (side + 3, True)):
        place = (slice(100, 100 + pixels), slice(100, 100 + pixels))
        assert (surface.segment(picture((place, RED)), 0.0) is not None) is is_seen, pixels


def test_a_place_that_shows_the_trays_texture_is_surface_and_an_item_is_not(surface: TraySurface) -> None:
    box = (0.35, 0.3, 0.65, 0.7)
    assert surface.examine(make_mask(box, (120, 160)), picture()).is_surface
    assert not surface.examine(make_mask(box, (120, 160)), picture((ITEM, RED))).is_surface
