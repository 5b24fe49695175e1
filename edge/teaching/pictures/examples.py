"""The pictures that an owner taught, as features."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Features of taught pictures. Each picture has as many looks as a decision has views.

    Attributes:
        labels: names of the labels, each once.
        features: int8 (pictures, looks, numbers), as the model gives them (``Prediction.features``).
        label_index: int (pictures,), position of each picture's label in ``labels``.
        weights: float32 (pictures,), how much each picture counts, > 0; 1 is usual.
        sources: what each picture is, for messages: its path, or the event it was in.

    Raises:
        ValueError: the shapes do not agree, a label occurs twice, or an index or weight is out of range.
    """

    labels: tuple[str, ...]
    features: NDArray[np.int8]
    label_index: NDArray[np.int64]
    weights: NDArray[np.float32]
    sources: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.features.ndim != 3 or self.features.dtype != np.int8:
            raise ValueError(
                f"features: expected int8 (pictures, looks, numbers), got {self.features.dtype} {self.features.shape}"
            )
        count = len(self.features)
        if not (self.label_index.shape == self.weights.shape == (count,) and len(self.sources) == count):
            raise ValueError(
                f"expected {count} label indices, weights and sources, one for each picture; got {self.label_index.shape}, "
                f"{self.weights.shape} and {len(self.sources)}"
            )
        if len(set(self.labels)) != len(self.labels):
            raise ValueError(f"labels: expected each one once, got {list(self.labels)}")
        if count and not (self.label_index.min() >= 0 and self.label_index.max() < len(self.labels)):
            raise ValueError(f"label_index: expected 0 to {len(self.labels) - 1}")
        if not np.all(np.isfinite(self.weights) & (self.weights > 0)):
            raise ValueError("weights: expected finite numbers > 0")

    @property
    def counts(self) -> dict[str, int]:
        """Label -> number of its pictures, in the order of ``labels``."""
        counts = np.bincount(self.label_index, minlength=len(self.labels))
        return {label: int(number) for label, number in zip(self.labels, counts, strict=True)}

    def taken(self, places: NDArray[np.int64]) -> Self:
        """Some of the pictures; the labels stay.

        Args:
            places: of those that are taken.
        """
        return replace(
            self,
            features=self.features[places],
            label_index=self.label_index[places],
            weights=self.weights[places],
            sources=tuple(self.sources[place] for place in places),
        )

    def renamed(self, names: Sequence[str]) -> Self:
        """The same pictures under other names of their labels; labels that get one name become one.

        Args:
            names: the name of each of ``labels``, in their order.
        """
        labels = tuple(dict.fromkeys(names))
        places = np.array([labels.index(name) for name in names], np.int64)
        return replace(self, labels=labels, label_index=places[self.label_index])
