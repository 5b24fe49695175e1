import cv2
import numpy as np
import pytest

from edge.sight.cielab import linear, to_cube_roots, to_lab, to_linear_rgb
from tests.builders.pictures import Pixels


@pytest.fixture(scope="module")
def colours() -> Pixels:
    """Dark ones among them, where the curve is straight."""
    pixels = np.random.default_rng(1).integers(0, 256, (40, 50, 3)).astype(np.uint8)
    pixels[:10] //= 16
    return pixels


def test_lab_is_what_cie_defines(colours: Pixels) -> None:
    xyz = (
        linear(colours / 255)
        @ np.array([[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]]).T
        / (0.950456, 1.0, 1.088754)
    )
    roots = np.where(xyz > 216 / 24389, np.cbrt(xyz), xyz * 841 / 108 + 4 / 29)
    x, y, z = np.moveaxis(roots, -1, 0)
    expected = np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)
    found = to_lab(colours)
    assert found.dtype == np.float32
    assert np.abs(found - expected).max() < 1e-3
    assert np.abs(to_cube_roots(found) - roots).max() < 1e-4


def test_opencv_says_the_same_within_its_tables(colours: Pixels) -> None:
    assert np.abs(to_lab(colours) - cv2.cvtColor(colours / np.float32(255), cv2.COLOR_RGB2Lab)).max() < 0.5


def test_the_light_comes_back(colours: Pixels) -> None:
    assert np.abs(to_linear_rgb(to_lab(colours)) - linear(colours / 255)).max() < 1e-4
