"""The tray is the tray in light that differs from place to place, and an item on it is none."""

import numpy as np
import pytest

from edge.sight.background import BackgroundModel
from edge.sight.local_light import distance_in_any_light
from edge.sight.mask import FAR
from edge.sight.work_image import to_work_image
from hardware.frame import Pixels
from hardware.sim.tray import SimTray
from hardware.world.scene import TrayTexture

SIZE = {"width": 320, "height": 240}


def sunny(seed: int) -> tuple[SimTray, BackgroundModel]:
    tray = SimTray(**SIZE, seed=seed, noise_sigma=2.0, light_drift=0.0, texture=TrayTexture(stripes=0.5))
    pictures = [to_work_image(tray.expose(tray.empty, number / 15)) for number in range(16)]
    return tray, BackgroundModel.from_pictures(pictures)


def with_item(empty: Pixels, colour: tuple[int, int, int]) -> Pixels:
    scene = empty.copy()
    scene[80:160, 120:200] = colour
    return scene


@pytest.mark.parametrize("seed", range(3))
def test_under_stripes_of_sun_the_tray_is_the_tray(seed: int) -> None:
    tray, model = sunny(seed)
    for time_s in (10.0, 40.0, 100.0):
        lab = to_work_image(tray.expose(tray.empty, time_s))
        assert np.mean(model.distance(lab) > FAR) > 0.3, "it looks different all over"
        distance = distance_in_any_light(model, lab)
        assert distance is not None
        assert np.mean(distance > FAR) < 0.01


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("colour", [(190, 40, 40), (230, 230, 230), (150, 150, 150), (40, 40, 40)])
def test_an_item_is_seen_under_them(seed: int, colour: tuple[int, int, int]) -> None:
    tray, model = sunny(seed)
    distance = distance_in_any_light(model, to_work_image(tray.expose(with_item(tray.empty, colour), 40.0)))
    assert distance is not None
    assert np.mean(distance[44:76, 64:96] > FAR) > 0.8


def test_what_covers_most_of_the_tray_is_no_light() -> None:
    tray, model = sunny(0)
    coat = np.full_like(tray.empty, 90)
    assert distance_in_any_light(model, to_work_image(tray.expose(coat, 40.0))) is None
