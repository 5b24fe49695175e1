"""Batches of training views, the same for the same seed and epoch on any back end."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import keras
import numpy as np
from numpy.typing import NDArray

from train.augment import Augmenter
from train.cache import Kept, to_input
from train.images import shrunk
from train.settings import Settings

if TYPE_CHECKING:
    from train.teacher import Teacher

Batch = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]


class Batches(keras.utils.PyDataset):  # type: ignore[misc]  # keras has no types
    """One epoch of augmented pictures.

    Args:
        kept: photographs in memory; which of them come in an epoch say ``settings.set_shares`` and ``sampling``.
        sprites: cut-outs, of which ``settings.sprite_share`` come, another draw each epoch.
        weights: float32 (labels,), how much a picture of each label counts.
        settings: batch size, augmentation, seed.
        epoch: counted from 0; with the seed it decides every random draw, so that a resumed run sees what the
            uninterrupted one would have seen.
        teacher: whose answers to the same views are part of the targets, if anybody's.
    """

    def __init__(
        self,
        kept: Sequence[Kept],
        sprites: Sequence[Kept],
        weights: NDArray[np.float32],
        settings: Settings,
        epoch: int,
        teacher: "Teacher | None" = None,
    ) -> None:
        super().__init__(workers=settings.workers, use_multiprocessing=False, max_queue_size=8)
        self._settings, self._epoch, self._weights, self._teacher = settings, epoch, weights, teacher
        self._all = [*kept, *sprites]
        # A teacher may look closer: the view is made for the keener eye and shrunk for the other.
        self._augment = Augmenter(settings, list(kept), size=max(settings.size, teacher.size if teacher else 0))
        random = np.random.default_rng((settings.seed, epoch))
        rows = np.concatenate(
            [
                _drawn(random, kept, settings.shares),
                len(kept) + random.permutation(len(sprites))[: round(settings.sprite_share * len(sprites))],
            ]
        ).astype(np.int64)
        if settings.sampling == "balanced":
            rows = _balanced(random, rows, [self._all[row].target for row in rows])
        self._order = random.permutation(rows)

    def __len__(self) -> int:
        # The rest that fills no batch is dropped: BatchNorm does not learn well from three pictures. Each epoch
        # drops others.
        return max(1, len(self._order) // self._settings.batch)

    def __getitem__(self, index: int) -> Batch:
        """Inputs float32 (batch, size, size, 3) in -1..1, targets (batch, labels) that sum to 1, weights (batch,)."""
        places = range(len(self._order))[index * self._settings.batch : (index + 1) * self._settings.batch]
        large = np.stack([self._large(place) for place in places])
        labels = np.array([self._all[self._order[place]].target for place in places])
        targets = np.eye(len(self._weights), dtype=np.float32)[labels]
        targets = targets * (1 - self._settings.label_smoothing) + self._settings.label_smoothing / len(self._weights)
        if self._teacher is not None:
            # Cross-entropy is linear in its target: a mixed target is the mixed loss.
            share = self._settings.teacher_share
            targets = (1 - share) * targets + share * self._teacher.probabilities(large)
        return to_input(shrunk(large, self._settings.size)), targets.astype(np.float32), self._weights[labels]

    def _large(self, place: int) -> NDArray[np.uint8]:
        # Drawn for the place in the epoch: a picture that comes twice comes differently.
        random = np.random.default_rng((self._settings.seed, self._epoch, place))
        return self._augment(self._all[self._order[place]], random)

    def first_views(self, count: int) -> NDArray[np.uint8]:
        """The first ``count`` views of the epoch, or all there are: uint8 (n, size, size, 3)."""
        views = np.stack([self._large(place) for place in range(min(count, len(self._order)))])
        return shrunk(views, self._settings.size)


def _drawn(random: np.random.Generator, kept: Sequence[Kept], shares: dict[str, float]) -> NDArray[np.int64]:
    """Which photographs come this epoch: of each data set its share, all where it has none."""
    sources = np.array([one.source for one in kept])
    rows = [np.arange(len(kept))[~np.isin(sources, list(shares))]]
    for name, share in shares.items():
        own = np.flatnonzero(sources == name)
        rows.append(random.permutation(own)[: round(share * len(own))])
    return np.concatenate(rows).astype(np.int64)


def _balanced(random: np.random.Generator, rows: NDArray[np.int64], targets: Sequence[int]) -> NDArray[np.int64]:
    """As many rows, each label as often as any other; none comes a second time before all of its label came once."""
    of = np.asarray(targets)
    present = np.unique(of)
    each = -(-len(rows) // len(present))
    return np.concatenate([np.resize(random.permutation(rows[of == label]), each) for label in present])


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
