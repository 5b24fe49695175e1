"""Masks of a salient-object network: kept for each picture, relied on only where the network is sure of one thing."""

from pathlib import Path

import numpy as np
import pytest

from train.data.salient_masks import SalientMasks, doubt_about


def mask(item: float, doubt: float = 0.0) -> np.ndarray:
    """A hundred rows: so many of them item, and so many in doubt."""
    probabilities = np.zeros((100, 100), np.float32)
    probabilities[: round(100 * item)] = 1.0
    probabilities[round(100 * item) : round(100 * (item + doubt))] = 0.4
    return probabilities


@pytest.mark.parametrize("sure", [mask(0.02), mask(0.5), mask(0.89), mask(0.5, 0.15)])
def test_sure_masks_are_found_by_what_the_picture_holds(sure: np.ndarray, tmp_path: Path) -> None:
    masks = SalientMasks(tmp_path / "masks")
    assert masks.find(b"picture") is None
    masks.save(b"picture", sure)
    found = masks.find(b"picture")
    np.testing.assert_array_equal(found, np.rint(sure * 255))
    assert masks.find(b"another") is None


@pytest.mark.parametrize(
    ("doubtful", "why"),
    [
        (mask(0.0), "covers 0.0 %"),
        (mask(0.95), "covers 95.0 %"),
        (mask(0.5, 0.2), "29 % of it are in doubt"),
        (np.full((50, 50), 0.6, np.float32), "covers 100.0 %"),
    ],
)
def test_doubtful_masks_are_kept_and_not_found(doubtful: np.ndarray, why: str, tmp_path: Path) -> None:
    masks = SalientMasks(tmp_path)
    masks.save(b"picture", doubtful)
    assert masks.path(b"picture").exists()
    assert masks.find(b"picture") is None
    assert doubt_about(np.rint(doubtful * 255).astype(np.uint8)).startswith(why)


def test_a_damaged_mask_counts_as_none(tmp_path: Path) -> None:
    masks = SalientMasks(tmp_path)
    masks.save(b"picture", mask(0.5))
    for content in (b"", b"cut"):
        masks.path(b"picture").write_bytes(content)
        assert masks.find(b"picture") is None
