"""How good predictions are: accuracy with its standard error, macro F1, per label, confusion."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Score:
    """Measured on one set.

    Attributes:
        labels: in the order of rows and columns.
        confusion: int64 (labels, labels); row: true label, column: predicted.
    """

    labels: tuple[str, ...]
    confusion: NDArray[np.int64]

    @classmethod
    def of(cls, targets: NDArray[np.int64], predicted: NDArray[np.int64], labels: Sequence[str]) -> "Score":
        """From label indices, each (n,).

        Raises:
            ValueError: the lengths differ.
        """
        if targets.shape != predicted.shape:
            raise ValueError(f"score: {targets.shape} targets and {predicted.shape} predictions")
        confusion = np.zeros((len(labels), len(labels)), np.int64)
        np.add.at(confusion, (targets, predicted), 1)
        return cls(tuple(labels), confusion)

    @property
    def pictures(self) -> int:
        """How many were measured."""
        return int(self.confusion.sum())

    @property
    def accuracy(self) -> float:
        """Share right, 0..1; 0 for an empty set."""
        return float(np.trace(self.confusion)) / max(self.pictures, 1)

    @property
    def standard_error(self) -> float:
        """Of the accuracy, by the binomial distribution, 0..0.5."""
        return float(np.sqrt(self.accuracy * (1 - self.accuracy) / max(self.pictures, 1)))

    @property
    def recall(self) -> NDArray[np.float64]:
        """Share of each label's pictures that were found, (labels,)."""
        found: NDArray[np.float64] = np.diag(self.confusion) / np.maximum(self.confusion.sum(axis=1), 1)
        return found

    @property
    def precision(self) -> NDArray[np.float64]:
        """Share of each label's predictions that were right, (labels,)."""
        right: NDArray[np.float64] = np.diag(self.confusion) / np.maximum(self.confusion.sum(axis=0), 1)
        return right

    @property
    def f1(self) -> NDArray[np.float64]:
        """Harmonic mean of precision and recall, (labels,)."""
        total = self.precision + self.recall
        mean: NDArray[np.float64] = np.where(
            total > 0, 2 * self.precision * self.recall / np.maximum(total, 1e-12), 0.0
        )
        return mean

    @property
    def macro_f1(self) -> float:
        """Mean F1 over the labels that occur, 0..1."""
        present = self.confusion.sum(axis=1) > 0
        return float(self.f1[present].mean()) if present.any() else 0.0

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            "pictures": self.pictures,
            "accuracy": round(self.accuracy, 4),
            "standard_error": round(self.standard_error, 4),
            "macro_f1": round(self.macro_f1, 4),
            "labels": {
                label: {
                    "recall": round(float(self.recall[row]), 4),
                    "precision": round(float(self.precision[row]), 4),
                    "f1": round(float(self.f1[row]), 4),
                    "pictures": int(self.confusion[row].sum()),
                }
                for row, label in enumerate(self.labels)
            },
            "confusion": self.confusion.tolist(),
        }


def cross_entropy(logits: NDArray[np.float32], targets: NDArray[np.int64], temperature: float = 1.0) -> float:
    """Mean negative log-likelihood of the targets, in nats; finite. Logits (n, labels), targets (n,)."""
    scaled = logits.astype(np.float64) / temperature
    top = scaled.max(axis=1)
    total = top + np.log(np.exp(scaled - top[:, None]).sum(axis=1))
    loss = float((total - scaled[np.arange(len(targets)), targets]).mean())
    return loss if np.isfinite(loss) else 1e9
