"""A head that starts from a linear probe of what the network sees in the training views (LP-FT, Kumar et al. 2022)."""

import keras
import numpy as np

from train.network.linear_probe import fit_probe
from train.network.model import HEAD_NAME, head_features, predict
from train.views.batches import Batches

MOST_VIEWS = 8192
"""Largest number of training views that a head starts from: their features take up to a hundred megabytes."""
CHUNK = 512
"""Number of views in memory at once."""


def probe_head(model: keras.Model, batches: Batches) -> None:
    """Set a model's last layer to a probe of its features of an epoch's first training views."""
    extractor = head_features(model)
    count = min(batches.drawn, MOST_VIEWS)
    features = np.concatenate(
        [predict(extractor, batches.views(at, min(CHUNK, count - at))) for at in range(0, count, CHUNK)]
    )
    probe = fit_probe(features, batches.first_targets(count), batches.first_sets(count), model.output_shape[-1])
    model.get_layer(HEAD_NAME).set_weights([probe.kernel, probe.bias])
