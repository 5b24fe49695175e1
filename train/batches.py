"""Batches of training views, the same for the same seed and epoch on any back end."""

from collections.abc import Sequence

import keras
import numpy as np
from numpy.typing import NDArray

from train.augment import Augmenter
from train.cache import Kept, to_input
from train.settings import Settings

Batch = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]


class Batches(keras.utils.PyDataset):  # type: ignore[misc]  # keras has no types
    """One epoch of augmented pictures.

    Args:
        kept: photographs in memory, all of which come once in an epoch.
        sprites: cut-outs, of which ``settings.sprite_share`` come, another draw each epoch.
        weights: float32 (labels,), how much a picture of each label counts.
        settings: batch size, augmentation, seed.
        epoch: counted from 0; with the seed it decides every random draw, so that a resumed run sees what the
            uninterrupted one would have seen.
    """

    def __init__(
        self,
        kept: Sequence[Kept],
        sprites: Sequence[Kept],
        weights: NDArray[np.float32],
        settings: Settings,
        epoch: int,
    ) -> None:
        super().__init__(workers=settings.workers, use_multiprocessing=False, max_queue_size=8)
        self._settings, self._epoch, self._weights = settings, epoch, weights
        self._all = [*kept, *sprites]
        self._augment = Augmenter(settings, list(kept))
        random = np.random.default_rng((settings.seed, epoch))
        drawn = random.permutation(len(sprites))[: round(settings.sprite_share * len(sprites))]
        self._order = random.permutation(np.concatenate([np.arange(len(kept)), len(kept) + drawn]).astype(np.int64))

    def __len__(self) -> int:
        # The rest that fills no batch is dropped: BatchNorm does not learn well from three pictures. Each epoch
        # drops others.
        return max(1, len(self._order) // self._settings.batch)

    def __getitem__(self, index: int) -> Batch:
        """Inputs float32 (batch, size, size, 3) in -1..1, one-hot targets (batch, labels), weights (batch,)."""
        rows = self._order[index * self._settings.batch : (index + 1) * self._settings.batch]
        views = np.stack([self.view(int(row)) for row in rows])
        targets = np.array([self._all[row].target for row in rows])
        return to_input(views), np.eye(len(self._weights), dtype=np.float32)[targets], self._weights[targets]

    def view(self, row: int) -> NDArray[np.uint8]:
        """The augmented view of one picture in this epoch. uint8 (size, size, 3)."""
        random = np.random.default_rng((self._settings.seed, self._epoch, row))
        return self._augment(self._all[row], random)

    def first_views(self, count: int) -> list[NDArray[np.uint8]]:
        """The first ``count`` views of the epoch, for a person to look at."""
        return [self.view(int(row)) for row in self._order[:count]]


def label_weights(targets: Sequence[int], labels: int, kind: str) -> NDArray[np.float32]:
    """How much a picture of each label counts; the mean over all pictures is 1. float32 (labels,).

    Args:
        targets: the label index of each training picture.
        labels: how many labels there are.
        kind: "none", "sqrt" or "balanced".
    """
    counts = np.maximum(np.bincount(np.asarray(targets, np.int64), minlength=labels), 1).astype(np.float64)
    weights = counts ** -{"none": 0.0, "sqrt": 0.5, "balanced": 1.0}[kind]
    scaled: NDArray[np.float32] = (weights * counts.sum() / (weights * counts).sum()).astype(np.float32)
    return scaled
