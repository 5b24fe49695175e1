"""Focus is measured as the width of edges in pixels, whatever the noise."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from edge.sight.focus import MAX_EDGE_SHARE, measure_focus

Grey = NDArray[np.float32]


def edges(blur_px: float, *, noise: float = 0.0, width: int = 320, height: int = 240, seed: int = 0) -> list[Grey]:
    """Pictures of a dark box."""
    scene = np.full((height, width), 150, np.float32)
    cv2.rectangle(scene, (width // 3, height // 3), (2 * width // 3, 2 * height // 3), 60, -1)
    if blur_px:
        scene = cv2.GaussianBlur(scene, (0, 0), blur_px)
    rng = np.random.default_rng(seed)
    return [(scene + rng.normal(0, noise, scene.shape)).astype(np.float32) for _ in range(4)]


@pytest.mark.parametrize("noise", [0.0, 3.0])
@pytest.mark.parametrize("blur_px", [1.0, 2.0, 4.0])
def test_the_width_of_an_edge_is_that_of_its_blur(blur_px: float, noise: float) -> None:
    assert measure_focus(edges(blur_px, noise=noise)).edge_px == pytest.approx(blur_px, rel=0.12)


def test_an_edge_lies_in_either_direction() -> None:
    upright = np.full((240, 320), 150, np.float32)
    upright[:, 160:] = 60
    upright = cv2.GaussianBlur(upright, (0, 0), 2.0)
    across = np.ascontiguousarray(upright.T)
    widths = [measure_focus([one, one]).edge_px for one in (upright, across)]
    assert widths == [pytest.approx(2.0, rel=0.1)] * 2


@pytest.mark.parametrize(("width", "height"), [(320, 240), (240, 320)])
def test_an_edge_is_too_wide_by_its_share_of_the_longer_side(width: int, height: int) -> None:
    bound_px = MAX_EDGE_SHARE * 320
    for blur_px, unsharp in ((0.8 * bound_px, False), (1.3 * bound_px, True)):
        assert measure_focus(edges(blur_px, width=width, height=height)).unsharp is unsharp


def test_sharpness_is_the_variance_of_the_laplacian() -> None:
    scene = edges(1.5)[0]
    assert measure_focus([scene, scene]).sharpness == pytest.approx(cv2.Laplacian(scene, cv2.CV_32F).var(), rel=1e-4)


def test_noise_adds_nothing_to_the_sharpness() -> None:
    clean = measure_focus(edges(1.5)).sharpness
    noisy = [measure_focus(edges(1.5, noise=4.0, seed=seed)).sharpness for seed in range(4)]
    assert np.mean(noisy) == pytest.approx(clean, abs=2.0), "of 80 that noise of 4 levels would add"
    empty = [np.random.default_rng(seed).normal(150, 4, (240, 320)).astype(np.float32) for seed in range(4)]
    assert 0.0 <= measure_focus(empty).sharpness < 2.0


def test_a_tray_without_edges_has_no_width_and_is_not_unsharp() -> None:
    plain = np.full((240, 320), 150, np.float32)
    focus = measure_focus([plain, plain])
    assert (focus.sharpness, focus.edge_px, focus.unsharp) == (0.0, None, False)


def test_edges_that_nothing_can_blur_are_very_wide() -> None:
    """A slope is no narrower before a blur than after it."""
    slope = np.tile(np.linspace(0, 250, 320, dtype=np.float32), (240, 1))
    width_px = measure_focus([slope, slope]).edge_px
    assert width_px is not None
    assert width_px > 15
