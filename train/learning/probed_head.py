"""A head that starts from a linear probe of what the network sees in the training pictures (LP-FT, Kumar et al. 2022)."""

from collections.abc import Sequence

import keras
import numpy as np

from train.data.cache import TrainingPicture, make_view
from train.network.linear_probe import fit_probe
from train.network.model import HEAD_NAME, head_features, predict
from train.runs.settings import Settings

MOST_VIEWS = 8192
"""Largest number of pictures that a head starts from: their features take up to a hundred megabytes."""
CHUNK = 512
"""Number of views in memory at once."""


def probe_head(model: keras.Model, pictures: Sequence[TrainingPicture], settings: Settings) -> None:
    """Set a model's last layer to a probe of its features, each picture through one plain view as the bin makes it.

    Augmented views made worse heads, in bins that the model has never seen above all (docs/training.md).

    Args:
        model: with the last layer of ``settings.weights`` where ``settings.head_keep`` is above 0.
        pictures: photographs; of more than ``MOST_VIEWS`` some at random.
        settings: of the run.
    """
    order = np.random.default_rng(settings.seed).permutation(len(pictures))[:MOST_VIEWS]
    chosen = [pictures[row] for row in order.tolist()]
    extractor = head_features(model)
    features = np.concatenate(
        [
            predict(
                extractor,
                np.stack(
                    [
                        make_view(one.loaded().pixels, settings.view_spec, settings.view)
                        for one in chosen[at : at + CHUNK]
                    ]
                ),
            )
            for at in range(0, len(chosen), CHUNK)
        ]
    )
    targets = np.array([one.target for one in chosen], np.int64)
    probe = fit_probe(features, targets, [one.data_set for one in chosen], model.output_shape[-1])
    head, keep = model.get_layer(HEAD_NAME), np.float32(settings.head_keep)
    kernel, bias = head.get_weights()
    head.set_weights([keep * kernel + (1 - keep) * probe.kernel, keep * bias + (1 - keep) * probe.bias])
