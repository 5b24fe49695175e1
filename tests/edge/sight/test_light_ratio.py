"""How the light has changed between two pictures of one scene, and that it hides nothing else that has."""

import numpy as np
import pytest

from edge.sight.cielab import Lab, roots_to_lab, to_cube_roots
from edge.sight.light_ratio import light_between
from edge.sight.work_image import to_work_image
from hardware.sim.tray import SimTray
from tests.builders.pictures import Pixels, tray_picture

SIZE = {"width": 320, "height": 240}


class LitTray:
    """A grained tray with things on it, in any light."""

    def __init__(self, seed: int) -> None:
        self._tray = SimTray(**SIZE, seed=seed, noise_sigma=2.0, light_drift=0.0)
        self.empty = self._tray.empty
        self.item = self.empty.copy()
        self.item[80:140, 120:200] = (150, 110, 70)
        self.hand = self.item.copy()
        self.hand[0:100, 200:320] = (190, 140, 110)
        self.coat = np.full_like(self.empty, (70, 75, 90))

    def lab(self, scene: Pixels, gain: float = 1.0) -> Lab:
        return to_work_image(self._tray.expose(scene, 0.0, exposure=gain))


@pytest.fixture(params=[1, 2])
def tray(request: pytest.FixtureRequest) -> LitTray:
    return LitTray(request.param)


@pytest.mark.parametrize("gain", [0.3, 0.4, 0.6, 1.5])
def test_an_item_shows_the_light(tray: LitTray, gain: float) -> None:
    before, now = tray.lab(tray.item), tray.lab(tray.item, gain)
    light = light_between(before, now)
    assert light is not None
    assert np.abs(light.relight(before) - now).mean() < 2.0
    # The eye's cube root, of a camera's gamma of 2.2.
    assert light.planes[0] == pytest.approx(gain ** (2.2 / 3), abs=0.04)


@pytest.mark.parametrize("gain", [0.4, 1.0, 1.5])
def test_what_comes_or_goes_is_no_light(tray: LitTray, gain: float) -> None:
    for before, now in (
        (tray.item, tray.empty),
        (tray.empty, tray.item),
        (tray.item, tray.hand),
        (tray.empty, tray.hand),
        (tray.item, tray.coat),
        (tray.empty, tray.coat),
    ):
        assert light_between(tray.lab(before), tray.lab(now, gain)) is None


def test_a_channel_that_is_saturated_says_nothing() -> None:
    """A red item in twice the light: its red stays at 255."""
    tray = LitTray(1)
    tray.item[80:140, 120:200] = (200, 40, 40)
    light = light_between(tray.lab(tray.item), tray.lab(tray.item, 1.5))
    assert light is not None
    assert light.planes[0] == pytest.approx(1.5 ** (2.2 / 3), abs=0.04)


def test_a_washed_out_picture_and_one_without_structure_say_nothing() -> None:
    tray = LitTray(1)
    assert light_between(tray.lab(tray.item), tray.lab(tray.item, 2.5)) is None
    smooth = [to_work_image(tray_picture(grey=grey, noise=0.0)) for grey in (150, 90)]
    assert light_between(smooth[0], smooth[1]) is None
    assert light_between(smooth[0], smooth[1][:60]) is None


def test_light_from_one_side_and_of_another_colour_is_followed() -> None:
    tray = LitTray(1)
    slope = np.linspace(0.5, 0.8, 320)[:, np.newaxis] * np.array([1.1, 1.0, 0.8])
    before, now = tray.lab(tray.item), to_work_image(np.clip(tray.item * slope, 0, 255).astype(np.uint8))
    light = light_between(before, now)
    assert light is not None
    assert np.abs(light.relight(before) - now).mean() < 2.0
    assert light.planes[1].min() > 0.05, "more of every channel towards the right"


def test_cube_roots_and_back_is_the_same_picture() -> None:
    lab = LitTray(1).lab(LitTray(1).item)
    assert np.abs(roots_to_lab(to_cube_roots(lab)) - lab).max() < 1e-3
