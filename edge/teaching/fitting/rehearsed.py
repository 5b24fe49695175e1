"""The rehearsal in a fit: training pictures of the model, as groups beside the taught ones and as judges of the old labels."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from edge.inference.features import FeatureSpec
from edge.inference.head_manifest import HeadManifest
from edge.inference.rehearsal import TYPICAL_PICTURES, Rehearsal
from edge.teaching.fitting.calibration import LEFT_OUT_SHARE, JudgedLooks
from edge.teaching.fitting.discriminant import Discriminant, Group


def rehearsal_groups(
    rehearsal: Rehearsal, places: list[int], spec: FeatureSpec, factors: NDArray[np.float32]
) -> list[Group]:
    """The rehearsal of each of the model's labels at ``places``."""
    rows = spec.real(rehearsal.features)[:, np.newaxis] * factors
    own = [rows[rehearsal.labels == place] for place in places]
    return [Group(one, np.ones(len(one)), is_rehearsal=True) for one in own]


def judging_looks(
    found: Discriminant,
    rehearsal: Rehearsal,
    places: list[int],
    spec: FeatureSpec,
    factors: NDArray[np.float32],
    manifest: HeadManifest,
) -> tuple[JudgedLooks, JudgedLooks | None]:
    """What judges the old labels: the rehearsal's pictures that were drawn at random, where every label has some. The typical
    ones are those that the model names rightly, so that a head can only lose them; see ``LEFT_OUT_SHARE``.

    Returns:
        Those; the same with scores by a discriminant that does not know the picture, None where they are typical ones.
    """
    own = [np.flatnonzero(rehearsal.labels == place) for place in places]
    are_drawn = all(len(one) > TYPICAL_PICTURES for one in own)
    judging = [np.arange(TYPICAL_PICTURES if are_drawn else 0, len(one)) for one in own]
    order = np.concatenate([one[some] for one, some in zip(own, judging, strict=True)])
    features = spec.real(rehearsal.features[order])[:, np.newaxis]
    with_all = (features * factors) @ found.weights + found.bias
    left_out = found.left_out[len(manifest.taught) :]
    without = np.concatenate([one[some] for one, some in zip(left_out, judging, strict=True)])
    share = 0.0 if are_drawn else LEFT_OUT_SHARE
    mixed = np.where(np.isnan(without), with_all, share * without + (1 - share) * with_all)
    label_of = dict(zip(places, manifest.rehearsed, strict=True))
    labels = np.array([label_of[int(place)] for place in rehearsal.labels[order]])
    found_looks = JudgedLooks(mixed, features, labels, np.ones(len(order)))
    return found_looks, replace(found_looks, scores=without) if are_drawn else None
