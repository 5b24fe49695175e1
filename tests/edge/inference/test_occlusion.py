"""What an answer rests on."""

import numpy as np
import pytest

from edge.inference.occlusion import DIM, PLACES, lit_view, losses
from edge.values import Prediction
from hardware.frame import Pixels

SIZE = 70


def red_counts(view: Pixels) -> Prediction:
    """Says how much of the upper left is red."""
    share = np.float32((view[:20, :20, 0] == 255).mean())
    return Prediction(("red", "other"), np.array([0.5 + share / 2, 0.5 - share / 2], np.float32), 0.0)


@pytest.fixture
def view() -> Pixels:
    found = np.full((SIZE, SIZE, 3), 60, np.uint8)
    found[:20, :20] = (255, 0, 0)
    return found


def test_the_answer_loses_where_what_counts_is_covered(view: Pixels) -> None:
    lost = losses(red_counts, view)
    assert lost.shape == (PLACES, PLACES)
    assert lost[0, 0] > 0.1
    assert lost[4:, 4:].max() == 0


def test_what_counts_is_bright_and_the_rest_dim(view: Pixels) -> None:
    lit = lit_view(view, losses(red_counts, view))
    assert lit[8, 8, 0] > 200
    assert np.abs(lit[60, 60].astype(int) - round(60 * DIM)).max() <= 1


def test_where_nothing_counts_all_is_dim(view: Pixels) -> None:
    lit = lit_view(view, np.zeros((PLACES, PLACES), np.float32))
    assert np.abs(lit.astype(int) - (view * DIM).astype(int)).max() <= 1
