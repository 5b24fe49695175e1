"""What belongs to the tray's surface is told from what lies on it, on the simulated tray."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.sight.background import BackgroundModel
from edge.sight.mask import find_mask
from edge.sight.surface_check import SurfaceEvidence
from edge.sight.work_image import to_work_image
from hardware.frame import Pixels
from hardware.sim.compositing import composite, make_layer, premultiplied
from hardware.sim.items import load_items
from hardware.sim.tray import SimTray
from hardware.sim.tray_faults import stained
from tests.paths import ROOT

WIDTH, HEIGHT = 320, 240
SPRITES = ROOT / "hardware" / "sim" / "sprites"


class GrainedTray:
    """A simulated tray, and the model learnt from it."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._tray = SimTray(width=WIDTH, height=HEIGHT, seed=seed, noise_sigma=2.0, light_drift=0.0)
        self.empty = self._tray.empty
        self._model = BackgroundModel.from_pictures([self.lab(self.empty, time_s / 15) for time_s in range(16)])

    def lab(self, scene: Pixels, time_s: float = 9.0) -> np.ndarray:
        return to_work_image(self._tray.expose(scene, time_s))

    def examine(self, scene: Pixels) -> SurfaceEvidence:
        exposed = self._tray.expose(scene, 9.0)
        mask = find_mask(exposed, self._model)
        assert mask is not None, "it is seen"
        return SurfaceEvidence(mask, to_work_image(exposed), self._model)


@pytest.fixture(params=range(4))
def tray(request: pytest.FixtureRequest) -> GrainedTray:
    return GrainedTray(request.param)


def test_a_stain_is_surface(tray: GrainedTray) -> None:
    for size in (0.15, 0.3, 0.45):
        scene = stained(tray.empty, x=0.45, y=0.5, size=size, colour=(96, 66, 38), seed=tray.seed)
        assert tray.examine(scene).is_surface, size


def test_a_shadow_is_surface_and_light(tray: GrainedTray) -> None:
    shade = np.ones((HEIGHT, WIDTH), np.float32)
    cv2.ellipse(shade, (120, 130), (70, 45), 20.0, 0, 360, 0.6, -1)
    scene = np.rint(tray.empty * cv2.GaussianBlur(shade, (0, 0), 6)[..., None]).astype(np.uint8)
    evidence = tray.examine(scene)
    assert evidence.is_surface
    assert evidence.is_light


def test_a_glint_is_surface_and_light(tray: GrainedTray) -> None:
    scene = tray.empty.copy()
    cv2.ellipse(scene, (200, 100), (14, 9), 30.0, 0, 360, (255, 255, 255), -1)
    evidence = tray.examine(scene)
    assert evidence.is_surface
    assert evidence.is_light


def test_a_crumb_is_surface_and_no_light(tray: GrainedTray) -> None:
    scene = tray.empty.copy()
    cv2.ellipse(scene, (200, 100), (10, 7), 30.0, 0, 360, (120, 80, 40), -1)
    evidence = tray.examine(scene)
    assert evidence.is_surface
    assert not evidence.is_light


@pytest.mark.parametrize("label", sorted(folder.name for folder in SPRITES.iterdir() if folder.is_dir()))
def test_no_item_is_light_and_hardly_one_is_surface(tray: GrainedTray, label: str) -> None:
    surfaces = 0
    for item, _ in zip(load_items(Path(SPRITES), labels=[label], seed=tray.seed), range(8), strict=False):
        scene = tray.empty.copy()
        composite(scene, make_layer(premultiplied(item.rgba, 0.5 * HEIGHT), 20.0, 1.0), 0.5 * WIDTH, 0.5 * HEIGHT)
        evidence = tray.examine(scene)
        assert not evidence.is_light, item.name
        surfaces += evidence.is_surface
    assert surfaces <= 1


@pytest.mark.parametrize("opacity", [0.15, 0.35, 0.6])
def test_clear_film_is_no_light(tray: GrainedTray, opacity: float) -> None:
    light = 0
    items = load_items(Path(SPRITES), labels=["plastic"], seed=tray.seed)
    for item, _ in zip(items, range(8), strict=False):
        scene = tray.empty.copy()
        film = np.rint(premultiplied(item.rgba, 0.5 * HEIGHT) * opacity).astype(np.uint8)
        composite(scene, make_layer(film, 20.0, 1.0), 0.5 * WIDTH, 0.5 * HEIGHT)
        exposed = tray._tray.expose(scene, 9.0)
        mask = find_mask(exposed, tray._model)
        light += mask is not None and SurfaceEvidence(mask, to_work_image(exposed), tray._model).is_light
    assert light == 0
