"""The smallest and the faintest thing that is seen, by the noise."""

import numpy as np
import pytest

from edge.sight.background import BackgroundModel
from edge.sight.visibility import CONTRASTS, SIZES, Visibility, measure_visibility


def seen_at(noise: float, lightness: float = 60.0) -> Visibility:
    mean = np.zeros((120, 160, 3), np.float32)
    mean[..., 0] = lightness
    return measure_visibility(BackgroundModel(mean, noise))


@pytest.mark.parametrize("lightness", [5.0, 60.0, 98.0], ids=["black", "grey", "white"])
def test_a_quiet_camera_sees_what_covers_a_thousandth_or_two(lightness: float) -> None:
    seen = seen_at(0.8, lightness)
    assert seen.least_size == pytest.approx(0.06, abs=0.005), "MIN_AREA is 0.2 % of the tray"
    assert seen.least_contrast is not None
    assert 5 <= seen.least_contrast <= 9


def test_noise_hides_what_is_faint_and_then_what_is_small() -> None:
    contrasts = [seen_at(noise).least_contrast or np.inf for noise in (0.8, 3.0, 6.0)]
    assert contrasts == sorted(set(contrasts))
    assert seen_at(6.0) == Visibility(None, None)


def test_the_same_tray_gives_the_same_answer() -> None:
    assert seen_at(1.5) == seen_at(1.5)
    assert tuple(sorted(SIZES + CONTRASTS)) == SIZES + CONTRASTS
