"""What a network's features tell about data sets that a linear head on them has not learnt from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from train.data.cache import load_views, log_unreadable
from train.data.pictures import label_names
from train.data.selection import find_photographs
from train.errors import DataError
from train.network.linear_probe import STRENGTH, fit_probe
from train.network.model import build_model, head_features, predict
from train.runs.settings import Settings

CHUNK = 512
"""Number of pictures whose views are in memory at once."""


@dataclass(frozen=True, slots=True, eq=False)
class LabelledFeatures:
    """Features of pictures.

    Attributes:
        features: float32 (n, features).
        targets: label indices, int64 (n,).
        sets: data set of each, (n,).
        labels: names.
    """

    features: NDArray[np.float32]
    targets: NDArray[np.int64]
    sets: NDArray[np.str_]
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetLeftOut:
    """Figures of a data set that a head has not learnt from.

    Attributes:
        name: of the set.
        pictures: number of its pictures of labels that other sets have too.
        accuracy: 0..1.
        recalls: label -> share of its pictures that are named rightly, 0..1.
    """

    name: str
    pictures: int
    accuracy: float
    recalls: dict[str, float]

    @property
    def balanced(self) -> float:
        """Mean of the recalls."""
        return sum(self.recalls.values()) / len(self.recalls)


def read_features(settings: Settings) -> LabelledFeatures:
    """What the last layer of a new model would see of the pictures, each through one object view with its background.

    Raises:
        TrainError: no pictures, or weights that cannot be used.
    """
    pictures = find_photographs(settings)
    labels = label_names(pictures)
    network = head_features(build_model(settings, len(labels)))
    spec = settings.view_spec.model_copy(update={"toning": 0.0})
    rows, targets, sets = [], [], []
    for at in range(0, len(pictures), CHUNK):
        chunk = pictures[at : at + CHUNK]
        views, indices, unreadable = load_views(chunk, labels, spec)
        log_unreadable(unreadable)
        rows.append(predict(network, views))
        targets.append(indices)
        sets += [one.data_set for one in chunk if one not in unreadable]
    return LabelledFeatures(np.concatenate(rows), np.concatenate(targets), np.array(sets), labels)


def leave_one_set_out(data: LabelledFeatures, strength: float = STRENGTH) -> list[SetLeftOut]:
    """Figures of each data set with a head that learnt from the others; sets of labels that no other has are left out.

    Raises:
        DataError: there is no such set.
    """
    rows = []
    for name in sorted(set(data.sets.tolist())):
        others = data.sets != name
        own = ~others & np.isin(data.targets, data.targets[others])
        if not own.any() or len(np.unique(data.targets[others])) < 2:
            continue
        probe = fit_probe(
            data.features[others], data.targets[others], data.sets[others].tolist(), len(data.labels), strength
        )
        right = probe.logits(data.features[own]).argmax(axis=1) == data.targets[own]
        rows.append(
            SetLeftOut(name, int(own.sum()), float(right.mean()), _recalls(right, data.targets[own], data.labels))
        )
    if not rows:
        raise DataError("probe: no two data sets have a label in common; give others, or join labels by --map")
    return rows


def _recalls(right: NDArray[np.bool_], targets: NDArray[np.int64], labels: Sequence[str]) -> dict[str, float]:
    return {labels[target]: float(right[targets == target].mean()) for target in np.unique(targets).tolist()}
