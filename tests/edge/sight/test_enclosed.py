"""The item of a single picture whose border shows no plain ground."""

import numpy as np
import pytest

from edge.sight.background import BackgroundModel
from edge.sight.enclosed import LEAST_PEAK, enclosed_contrast, enclosed_cover
from edge.sight.mask import find_mask
from edge.sight.work_image import to_work_image
from tests.builders.pictures import rails_picture


def test_an_item_on_rails_is_found_though_the_border_shows_no_plain_ground() -> None:
    mask = find_mask(rails_picture((90, 80, 180, 160)))
    assert mask is not None
    assert mask.is_guess
    assert mask.box == pytest.approx((90 / 320, 80 / 240, 180 / 320, 160 / 240), abs=0.04)


def test_a_bin_that_knows_its_empty_tray_asks_for_nothing_else() -> None:
    ground = BackgroundModel.from_pictures([to_work_image(rails_picture())])
    mask = find_mask(rails_picture((90, 80, 180, 160)), ground)
    assert mask is not None
    assert not mask.is_guess


def test_what_is_scattered_is_not_one_item() -> None:
    pixels = rails_picture((60, 30, 80, 50))
    pixels[180:200, 240:260] = (40, 90, 190)
    assert enclosed_cover(to_work_image(pixels)) is not None
    mask = find_mask(pixels)
    assert mask is None or not mask.is_guess


def test_what_runs_on_to_the_border_is_not_enclosed() -> None:
    assert enclosed_cover(to_work_image(rails_picture())) is None


def test_the_contrast_is_that_with_the_lowest_rim_over_which_a_pit_would_run_out() -> None:
    lab = np.full((60, 80, 3), (80.0, 0.0, 0.0), np.float32)
    lab[20:40, 20:60, 0] = 30.0  # a pit in L
    lab[25:35, 60:, 0] = 60.0  # through which it runs out to the border, down to 60
    contrast = enclosed_contrast(lab)
    assert contrast[30, 40] == pytest.approx(0.6 * (60.0 - 30.0), abs=0.1)
    assert contrast[30, 72] == pytest.approx(0.0, abs=0.01)
    assert contrast[5, 5] == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize("sign", [-1, 1])
def test_colour_counts_in_both_directions(sign: int) -> None:
    lab = np.full((60, 80, 3), (50.0, 0.0, 0.0), np.float32)
    lab[20:40, 20:60, 2] = sign * 40.0
    assert enclosed_contrast(lab)[30, 40] == pytest.approx(40.0, abs=0.1)


def test_what_hardly_stands_out_is_grain() -> None:
    lab = np.full((60, 80, 3), (50.0, 0.0, 0.0), np.float32)
    lab[20:40, 20:60, 1] = LEAST_PEAK * 0.9
    assert enclosed_cover(lab) is None
    lab[20:40, 20:60, 1] = LEAST_PEAK * 1.1
    cover = enclosed_cover(lab)
    assert cover is not None
    assert cover[30, 40] == 255
    assert cover[5, 5] == 0
