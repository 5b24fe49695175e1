"""Metrics: accuracy and F1, calibration, error over coverage, AUROC, cross-entropy."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

COVERAGE = 0.8
"""Share of the pictures that are answered in "errors at 80 % coverage"."""


@dataclass(frozen=True, slots=True, eq=False)
class ClassificationScore:
    """Accuracy, precision and recall on one set.

    Attributes:
        labels: in the order of rows and columns.
        confusion: int64 (labels, labels); row: true label, column: predicted.
    """

    labels: tuple[str, ...]
    confusion: NDArray[np.int64]

    @classmethod
    def of(
        cls, targets: NDArray[np.int64], predicted: NDArray[np.int64], labels: Sequence[str]
    ) -> "ClassificationScore":
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
        """Number of pictures."""
        return int(self.confusion.sum())

    @property
    def accuracy(self) -> float:
        """Share of right labels, 0..1; 0 for an empty set."""
        return float(np.trace(self.confusion)) / max(self.pictures, 1)

    @property
    def standard_error(self) -> float:
        """Standard error of the accuracy by the binomial distribution, 0..0.5."""
        return float(np.sqrt(self.accuracy * (1 - self.accuracy) / max(self.pictures, 1)))

    @property
    def recall(self) -> NDArray[np.float64]:
        """Share of each label's pictures that were predicted as this label, 0..1, (labels,)."""
        found: NDArray[np.float64] = np.diag(self.confusion) / np.maximum(self.confusion.sum(axis=1), 1)
        return found

    @property
    def precision(self) -> NDArray[np.float64]:
        """Share of each label's predictions that are right, 0..1, (labels,)."""
        right: NDArray[np.float64] = np.diag(self.confusion) / np.maximum(self.confusion.sum(axis=0), 1)
        return right

    @property
    def f1(self) -> NDArray[np.float64]:
        """Harmonic mean of precision and recall, 0..1, (labels,)."""
        total = self.precision + self.recall
        mean: NDArray[np.float64] = np.where(
            total > 0, 2 * self.precision * self.recall / np.maximum(total, 1e-12), 0.0
        )
        return mean

    @property
    def macro_f1(self) -> float:
        """Mean F1 over the labels that occur, 0..1."""
        return self.macro(self.f1)

    def macro(self, values: NDArray[np.float64]) -> float:
        """Mean of ``precision``, ``recall`` or ``f1`` over the labels that occur: all labels have the same weight."""
        present = self.confusion.sum(axis=1) > 0
        return float(values[present].mean()) if present.any() else 0.0

    def weighted(self, values: NDArray[np.float64]) -> float:
        """Mean of ``precision``, ``recall`` or ``f1``: labels are weighted by their number of pictures."""
        return float(values @ self.confusion.sum(axis=1)) / max(self.pictures, 1)

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        columns = {"recall": self.recall, "precision": self.precision, "f1": self.f1}
        return {
            "pictures": self.pictures,
            "accuracy": round(self.accuracy, 4),
            "standard_error": round(self.standard_error, 4),
            "macro_f1": round(self.macro_f1, 4),
            "macro": {name: round(self.macro(values), 4) for name, values in columns.items()},
            "weighted": {name: round(self.weighted(values), 4) for name, values in columns.items()},
            "labels": {
                label: {name: round(float(values[row]), 4) for name, values in columns.items()}
                | {"pictures": int(self.confusion[row].sum())}
                for row, label in enumerate(self.labels)
            },
            "confusion": self.confusion.tolist(),
        }


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """A reliability diagram: accuracy over confidence (0..1) in steps of equal width.

    Attributes, each (steps,), 0 where a step has no picture:
        pictures: int64, number of predictions with a confidence in the step.
        confidence: their mean confidence.
        accuracy: share of them that are right, 0..1.
    """

    pictures: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]

    @classmethod
    def of(cls, shares: NDArray[np.float64], targets: NDArray[np.int64], steps: int = 10) -> "Calibration":
        """From probabilities (n, labels) and label indices (n,)."""
        confidence, right = shares.max(axis=1), shares.argmax(axis=1) == targets
        places = np.minimum((confidence * steps).astype(np.int64), steps - 1)
        pictures = np.bincount(places, minlength=steps)
        each = np.maximum(pictures, 1)
        return cls(
            pictures.astype(np.int64),
            np.bincount(places, confidence, steps) / each,
            np.bincount(places, right, steps) / each,
        )

    @property
    def error(self) -> float:
        """Expected calibration error (ECE, Guo et al. 2017): mean gap between confidence and accuracy, 0..1."""
        gaps = np.abs(self.confidence - self.accuracy)
        return float(gaps @ self.pictures) / max(int(self.pictures.sum()), 1)


@dataclass(frozen=True, slots=True, eq=False)
class RiskCoverage:
    """Error rate over coverage (Geifman & El-Yaniv 2017).

    Attributes:
        risk: float64 (n,); entry k: error rate, 0..1, of the k + 1 most confident predictions.
    """

    risk: NDArray[np.float64]

    @classmethod
    def of(cls, confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> "RiskCoverage":
        """From each prediction's confidence and whether it is right, (n,) each, n >= 1."""
        # An int8 model gives many predictions of equal confidence: each counts with the mean of its equals, so that the
        # order of the pictures has no influence.
        _, place = np.unique(confidence, return_inverse=True)
        wrong = (np.bincount(place, ~right) / np.bincount(place))[place]
        order = np.argsort(-confidence, kind="stable")
        return cls(np.cumsum(wrong[order]) / np.arange(1, len(order) + 1))

    @property
    def aurc(self) -> float:
        """AURC: mean risk over all coverages, 0..1; lower is better."""
        return float(self.risk.mean())

    def risk_at(self, coverage: float) -> float:
        """Error rate, 0..1, of the most confident share ``coverage`` (0..1) of the pictures."""
        return float(self.risk[max(int(np.ceil(coverage * len(self.risk) - 1e-9)), 1) - 1])


def vote_probabilities(logits: NDArray[np.floating], temperature: float = 1.0) -> NDArray[np.float64]:
    """The vote: softmax of logits / temperature, mean over the looks. (n, looks, labels) -> (n, labels)."""
    scaled = logits.astype(np.float64) / temperature
    exponential = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    mean: NDArray[np.float64] = (exponential / exponential.sum(axis=-1, keepdims=True)).mean(axis=1)
    return mean


def paired_difference(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> tuple[float, float]:
    """Difference of two accuracies on the same pictures, -1..1, and its standard error. (n,) each.

    Only pictures on which the two disagree count (McNemar 1947), so that the error is smaller than that of either accuracy.
    """
    step = one.astype(np.float64) - other.astype(np.float64)
    return float(step.mean()), float(step.std() / np.sqrt(len(step)))


def auroc(known: NDArray[np.float64], unknown: NDArray[np.float64]) -> float:
    """Area under the ROC curve of a score for known against unknown pictures, 0..1. (n,) and (m,), n and m >= 1.

    The probability that a known picture scores higher, ties counting half (Mann and Whitney 1947).
    """
    ordered = np.sort(unknown)
    below = np.searchsorted(ordered, known, "left") + np.searchsorted(ordered, known, "right")
    return float(below.mean() / 2 / len(ordered))


def cross_entropy(logits: NDArray[np.float32], targets: NDArray[np.int64], temperature: float = 1.0) -> float:
    """Mean negative log-likelihood of the targets, in nats; finite. Logits (n, labels), targets (n,)."""
    scaled = logits.astype(np.float64) / temperature
    top = scaled.max(axis=1)
    total = top + np.log(np.exp(scaled - top[:, None]).sum(axis=1))
    loss = float((total - scaled[np.arange(len(targets)), targets]).mean())
    return loss if np.isfinite(loss) else 1e9
