"""What hides the whole tray is not the tray in another light."""

import numpy as np
import pytest

from edge.sight.background import MAX_GLOBAL_SHIFT, BackgroundModel
from edge.sight.cielab import Lab
from edge.sight.mask import NEAR
from edge.sight.tray_surface import TraySurface
from edge.sight.work_image import to_work_image
from hardware.sim.tray import SimTray
from hardware.world.scene import TrayTexture

SIZE = {"width": 320, "height": 240}
CLOTH = (-8.0, 0.0, 8.0)
"""How a plain coat differs from the tray, in Lab units: no more than the light may change."""


class WatchedTray:
    """A simulated tray that was looked at while it was empty."""

    def __init__(self, *, texture: float = 1.0) -> None:
        self._tray = SimTray(**SIZE, seed=3, noise_sigma=1.5, light_drift=0.0, texture=TrayTexture(texture=texture))
        self.surface = TraySurface(BackgroundModel.from_pictures([self.bare() for _ in range(16)]))
        for number in range(10):
            assert self.surface.segment(self.bare(), number / 2) is None
            self.surface.adapt(self.bare(), 0.1, number / 2)

    def bare(self, *, exposure: float = 1.0) -> Lab:
        return to_work_image(self._tray.expose(self._tray.empty, 0.0, exposure=exposure))

    def cloth(self, shift: tuple[float, float, float] = CLOTH) -> Lab:
        """A plain cloth over the whole tray, with the same noise as any picture."""
        bare = self.bare()
        return (bare.mean(axis=(0, 1)) + shift + np.random.default_rng(1).normal(0, 0.5, bare.shape)).astype(np.float32)


def test_a_plain_cloth_over_the_whole_tray_is_no_other_light() -> None:
    assert max(np.abs(CLOTH)) < MAX_GLOBAL_SHIFT
    tray = WatchedTray()
    cloth = tray.cloth()
    assert np.mean(tray.surface.background.distance(cloth) > NEAR) < 0.3, "it passes for a shift of the light"
    mask = tray.surface.segment(cloth, 10.0)
    assert mask is not None
    assert (mask.area, mask.edges) == (1.0, 4)


@pytest.mark.parametrize("exposure", [0.75, 0.85, 1.0, 1.2])
def test_another_light_on_the_tray_hides_nothing(exposure: float) -> None:
    tray = WatchedTray()
    assert tray.surface.segment(tray.bare(exposure=exposure), 10.0) is None


def test_a_smooth_tray_shows_no_texture_that_could_be_missed() -> None:
    """Nor is the noise of a picture, which adaptation makes a part of the model, such a texture."""
    tray = WatchedTray(texture=0.0)
    assert tray.surface.segment(tray.bare(exposure=0.9), 10.0) is None
