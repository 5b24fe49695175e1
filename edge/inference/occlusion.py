"""What an answer rests on: how much less sure it gets when a part of the view is covered."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.sight.view import NEUTRAL
from edge.values import Prediction
from hardware.frame import Pixels

PLACES = 7
"""Places along each side at which the view is covered; 49 answers in all."""

COVER = 2 / PLACES
"""Side of the cover, as a fraction of the view's: each point is covered by up to four."""

LEAST_LOSS = 0.05
"""Loss of probability that counts as much: where nothing costs more, the picture stays dim."""

DIM = 0.25
"""Brightness of what does not matter, 0..1."""


def losses(predict: Callable[[Pixels], Prediction], view: Pixels) -> NDArray[np.float32]:
    """Probability that the answer loses where the view is covered by neutral grey, 0..1, float32 (PLACES, PLACES).

    Args:
        predict: classifies a view.
        view: RGB uint8 (size, size, 3).
    """
    answer = predict(view)
    place = int(np.argmax(answer.probabilities))
    size = view.shape[0]
    half = round(size * COVER / 2)
    centres = ((np.arange(PLACES) + 0.5) * size / PLACES).round().astype(int)
    found = np.zeros((PLACES, PLACES), np.float32)
    for row, y in enumerate(centres):
        for column, x in enumerate(centres):
            covered = view.copy()
            covered[max(y - half, 0) : y + half, max(x - half, 0) : x + half] = NEUTRAL
            found[row, column] = answer.probabilities[place] - predict(covered).probabilities[place]
    return np.clip(found, 0.0, 1.0)


def lit_view(view: Pixels, lost: NDArray[np.float32]) -> Pixels:
    """The view, bright where covering it costs the answer most: RGB uint8 (size, size, 3).

    Args:
        view: RGB uint8 (size, size, 3).
        lost: as ``losses`` gives it.
    """
    side = view.shape[0]
    weight = np.clip(lost / max(float(lost.max()), LEAST_LOSS), 0.0, 1.0)
    smooth = np.clip(cv2.resize(weight, (side, side), interpolation=cv2.INTER_CUBIC), 0.0, 1.0)
    lit: Pixels = (view * (DIM + (1 - DIM) * smooth[..., np.newaxis])).astype(np.uint8)
    return lit
