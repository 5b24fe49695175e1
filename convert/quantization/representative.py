"""Representative pictures, from which the converter takes the ranges of activations."""

import numpy as np
from numpy.typing import NDArray

from convert.finished_run import FinishedRun
from train.data.cache import load_pictures, load_views
from train.errors import DataError
from train.network.scaling import to_input
from train.views.augment import Augmenter

AUGMENTED_SHARE = 0.5
"""Share of the pictures that are augmented as in training: light and backgrounds vary more in the bin than in the data set."""


def representative_inputs(run: FinishedRun, count: int, *, seed: int = 0) -> NDArray[np.float32]:
    """Training pictures through the view, half of them augmented: float32 (count, size, size, 3) in -1..1.

    Labels are drawn in turn, so that ranges that only a rare label reaches are covered as well.

    Raises:
        DataError: no training picture can be read.
    """
    settings, labels, view = run.settings, run.labels, run.view
    random = np.random.default_rng((seed, 77))
    pictures = run.pictures["train"]
    by_label = [[picture for picture in pictures if picture.label == label] for label in labels]
    for members in by_label:
        random.shuffle(members)
    drawn = [members[turn] for turn in range(max(map(len, by_label))) for members in by_label if turn < len(members)]
    drawn = drawn[:count]
    plain_count = len(drawn) - round(AUGMENTED_SHARE * len(drawn))
    plain, _, _ = load_views(drawn[:plain_count], labels, view.spec, view.kind)
    cached, _, _ = load_pictures(drawn[plain_count:], labels, settings.cache_side)
    augment = Augmenter(settings, cached)
    augmented = [augment(one, np.random.default_rng((seed, 78, row))) for row, one in enumerate(cached)]
    views = [*plain, *augmented]
    if not views:
        raise DataError("convert: no readable training picture to calibrate with")
    inputs = to_input(np.stack(views))
    # The input's scale is to be exactly that of 8-bit pixels, whether or not these pictures reach black and white.
    inputs[0, 0, 0], inputs[0, 0, 1] = -1.0, 1.0
    return inputs
