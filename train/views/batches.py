"""Batches of training views, the same for the same seed and epoch on any back end."""

from collections.abc import Sequence
from typing import Any, Protocol

import cv2
import keras
import numpy as np
from numpy.typing import NDArray

from train.data.cache import TrainingPicture
from train.data.images import resize_views
from train.network.scaling import to_input
from train.runs.settings import Settings
from train.views.augment import Augmenter
from train.views.view_worker import ViewSeed
from train.views.worker_pool import PendingViews, ViewWorkerPool

_MIXUP_STREAM = 1
"""Last part of the seed of a batch's mixup, which keeps it independent of the views' seeds."""

MOST_REPEATED = 4
"""Largest number of times that a picture of a small data set is drawn in an epoch in place of a larger set's."""

Batch = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]


class SoftLabels(Protocol):
    """Teacher model for knowledge distillation: its probabilities are part of the targets (``train.learning.teacher``)."""

    @property
    def size(self) -> int:
        """Side of the views that it takes, in pixels."""

    def probabilities(self, views: NDArray[np.uint8]) -> NDArray[np.float32]:
        """uint8 (n, s, s, 3), s >= ``size`` -> float32 (n, labels); rows sum to 1."""


class Batches(keras.utils.PyDataset):  # type: ignore[misc]  # keras has no types
    """One epoch of augmented pictures.

    Args:
        photographs: in memory or on disk; ``settings.set_shares`` and ``settings.sampling`` decide which are drawn in an
            epoch.
        sprites: cut-outs; each epoch draws ``settings.sprite_share`` of them.
        weights: loss weight of each label, float32 (labels,).
        settings: batch size, augmentation, seed.
        epoch: counted from 0; with the seed it determines every random draw, so that a resumed run draws the same
            views as an uninterrupted one.
        teacher: model whose probabilities for the same views are part of the targets; None: labels alone.
        pool: makes the views from ``[*photographs, *sprites]`` in worker processes, and the batches must be taken in
            order; None: views are made in this process.
    """

    def __init__(
        self,
        photographs: Sequence[TrainingPicture],
        sprites: Sequence[TrainingPicture],
        weights: NDArray[np.float32],
        settings: Settings,
        epoch: int,
        teacher: SoftLabels | None = None,
        pool: ViewWorkerPool | None = None,
    ) -> None:
        # Keras' own threads were measured to delay TensorFlow by half a minute an epoch.
        super().__init__(workers=0)
        self._settings, self._epoch, self._weights, self._teacher = settings, epoch, weights, teacher
        self._all = [*photographs, *sprites]
        self._augment = Augmenter(settings, list(photographs), size=view_size(settings, teacher))
        self._pool, self._pending = pool, dict[int, PendingViews]()
        random = np.random.default_rng((settings.seed, epoch))
        self._order = np.concatenate([self._pass(random, photographs, sprites) for _ in range(settings.passes)])

    def _pass(
        self, random: np.random.Generator, photographs: Sequence[TrainingPicture], sprites: Sequence[TrainingPicture]
    ) -> NDArray[np.int64]:
        """The rows of one pass over the pictures, in random order."""
        rows = np.concatenate(
            [
                _draw_photographs(random, photographs, self._settings.data_set_shares),
                len(photographs)
                + random.permutation(len(sprites))[: round(self._settings.sprite_share * len(sprites))],
            ]
        ).astype(np.int64)
        sampling = self._settings.sampling
        if sampling != "all":
            targets = [self._all[row].target for row in rows]
            sets = [self._all[row].data_set if sampling == "by-set" else "" for row in rows]
            rows = _draw_balanced(random, rows, targets, sets)
        return random.permutation(rows)

    def __len__(self) -> int:
        # An incomplete last batch is dropped: BatchNorm's statistics of a few pictures are too noisy. Each epoch drops
        # other pictures.
        return max(1, len(self._order) // self._settings.batch)

    def __getitem__(self, index: int) -> Batch:
        """Inputs float32 (batch, size, size, 3) in -1..1, targets (batch, labels) that sum to 1, weights (batch,)."""
        settings, draws = self._settings, self._batch(index)
        large, small = self._views(index, draws)
        labels = np.array([self._all[row].target for row, _ in draws])
        targets = np.eye(len(self._weights), dtype=np.float32)[labels]
        targets = targets * (1 - settings.label_smoothing) + settings.label_smoothing / len(self._weights)
        weights = self._weights[labels]
        random = np.random.default_rng((settings.seed, self._epoch, index, _MIXUP_STREAM))
        if random.random() < settings.mixup_share:
            # Each view is mixed with the one before: the batch is in random order already.
            share = float(random.uniform(0.0, 0.5))
            large, small, targets, weights = (
                _mix(rows, np.roll(rows, 1, axis=0), share) for rows in (large, small, targets, weights)
            )
        if self._teacher is not None:
            # Cross-entropy is linear in its target: a mixed target is the mixed loss.
            share = settings.teacher_share
            targets = (1 - share) * targets + share * self._teacher.probabilities(large)
        return to_input(small), targets.astype(np.float32), weights

    def _batch(self, index: int) -> list[ViewSeed]:
        return self._draws(index * self._settings.batch, self._settings.batch)

    def _draws(self, first: int, count: int) -> list[ViewSeed]:
        """Row and seed of ``count`` views. The position in the epoch is part of the seed: repeated pictures differ."""
        rows = self._order[first : first + count].tolist()
        return [(row, (self._settings.seed, self._epoch, first + at)) for at, row in enumerate(rows)]

    def _views(self, index: int, draws: list[ViewSeed]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """A batch's views at the largest size in use, and at the settings' size."""
        pool = self._pool
        if pool is None:
            large = np.stack([self._make_view(draw) for draw in draws])
            return large, resize_views(large, self._settings.size)
        if index not in self._pending:
            # Keras takes the first batch once more before training starts.
            for pending in self._pending.values():
                pool.cancel(pending)
            self._pending = {index: pool.submit(draws)}
        views = pool.result(self._pending.pop(index))
        following = max(self._pending, default=index) + 1
        for coming in range(following, min(following + pool.free_slots, len(self))):
            self._pending[coming] = pool.submit(self._batch(coming))
        return views

    def _make_view(self, draw: ViewSeed) -> NDArray[np.uint8]:
        row, seed = draw
        return self._augment(self._all[row], np.random.default_rng(seed))

    @property
    def drawn(self) -> int:
        """Number of views of the epoch, with those of an incomplete last batch."""
        return len(self._order)

    def views(self, first: int, count: int) -> NDArray[np.uint8]:
        """``count`` views of the epoch from the one at ``first`` on, or all there are: uint8 (n, size, size, 3)."""
        return resize_views(
            np.stack([self._make_view(draw) for draw in self._draws(first, count)]), self._settings.size
        )

    def first_views(self, count: int) -> NDArray[np.uint8]:
        """The first ``count`` views of the epoch, or all there are: uint8 (n, size, size, 3)."""
        return self.views(0, count)

    def first_targets(self, count: int) -> NDArray[np.int64]:
        """Label indices of ``first_views``: (n,)."""
        return np.array([self._all[row].target for row, _ in self._draws(0, count)], np.int64)

    def first_sets(self, count: int) -> list[str]:
        """Data sets of ``first_views``, "" for sprites: n names."""
        return [self._all[row].data_set for row, _ in self._draws(0, count)]


def view_size(settings: Settings, teacher: SoftLabels | None) -> int:
    """Side in pixels that views are made at: the larger of the settings' and the teacher's size."""
    return max(settings.size, teacher.size if teacher else 0)


def _mix(rows: NDArray[Any], others: NDArray[Any], share: float) -> NDArray[Any]:
    """Each row mixed with its counterpart in ``others``, whose weight is ``share`` (Zhang et al. 2018, "mixup")."""
    mixed: NDArray[Any] = cv2.addWeighted(
        rows.reshape(len(rows), -1), 1 - share, others.reshape(len(rows), -1), share, 0
    )
    return mixed.reshape(rows.shape)


def _draw_photographs(
    random: np.random.Generator, photographs: Sequence[TrainingPicture], shares: dict[str, float]
) -> NDArray[np.int64]:
    """Rows of the photographs of an epoch: of each data set its share, all of those without a share."""
    sources = np.array([one.data_set for one in photographs])
    rows = [np.arange(len(photographs))[~np.isin(sources, list(shares))]]
    for name, share in shares.items():
        own = np.flatnonzero(sources == name)
        rows.append(random.permutation(own)[: round(share * len(own))])
    return np.concatenate(rows).astype(np.int64)


def _draw_balanced(
    random: np.random.Generator, rows: NDArray[np.int64], targets: Sequence[int], sets: Sequence[str]
) -> NDArray[np.int64]:
    """The same number of rows, balanced over the labels, and those of a label over the data sets that have it.

    A row repeats only after all rows of its label and set were drawn, and at most ``MOST_REPEATED`` times where there are
    other sets that can take its place.
    """
    label_of, set_of = np.asarray(targets), np.asarray(sets)
    labels = np.unique(label_of)
    each = -(-len(rows) // len(labels))
    drawn = []
    for label in labels:
        own = [random.permutation(rows[(label_of == label) & (set_of == name)]) for name in np.unique(set_of)]
        drawn += [
            np.resize(one, count) for one, count in zip(own, _shares([len(one) for one in own], each), strict=True)
        ]
    return np.concatenate(drawn)


def _shares(sizes: Sequence[int], total: int) -> list[int]:
    """``total`` draws over sets of so many pictures: equal but for sets too small for it, whose rest the others take."""
    counts = [0] * len(sizes)
    left, order = total, sorted((size, place) for place, size in enumerate(sizes) if size)
    for number, (size, place) in enumerate(order):
        equal = -(-left // (len(order) - number))
        counts[place] = equal if number == len(order) - 1 else min(equal, MOST_REPEATED * size)
        left -= counts[place]
    return counts


def label_weights(targets: Sequence[int], labels: int, kind: str) -> NDArray[np.float32]:
    """Loss weight of each label; the mean over all pictures is 1. float32 (labels,).

    Args:
        targets: the label index of each training picture.
        labels: number of labels.
        kind: "none", "sqrt" or "balanced".
    """
    counts = np.maximum(np.bincount(np.asarray(targets, np.int64), minlength=labels), 1).astype(np.float64)
    weights = counts ** -{"none": 0.0, "sqrt": 0.5, "balanced": 1.0}[kind]
    scaled: NDArray[np.float32] = (weights * counts.sum() / (weights * counts).sum()).astype(np.float32)
    return scaled
