"""Metrics of a model's predictions, and its most confident errors."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from edge.inference.ood_score import MEASURES, Measure
from train.measuring.metrics import COVERAGE, Calibration, ClassificationScore, RiskCoverage, auroc
from train.measuring.predictions import EvaluationMode, PredictionSet


@dataclass(frozen=True, slots=True, eq=False)
class EvaluationMetrics:
    """Metrics of one mode, on the pictures of labels that the model knows.

    Attributes:
        score: accuracy, precision, recall, confusion.
        raw, calibrated: calibration at temperature 1 and at the model's own.
        risk: error over coverage, at the model's own temperature.
    """

    score: ClassificationScore
    raw: Calibration
    calibrated: Calibration
    risk: RiskCoverage

    @classmethod
    def of(cls, predictions: PredictionSet, mode: EvaluationMode) -> "EvaluationMetrics":
        """From a model's predictions."""
        known, targets = predictions.is_known, predictions.targets[predictions.is_known]
        shares = predictions.probabilities(mode)[known]
        predicted = shares.argmax(axis=1).astype(np.int64)
        return cls(
            ClassificationScore.of(targets, predicted, predictions.predictor.labels),
            Calibration.of(predictions.probabilities(mode, 1.0)[known], targets),
            Calibration.of(shares, targets),
            RiskCoverage.of(shares.max(axis=1), predicted == targets),
        )

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            **self.score.as_dict(),
            "calibration_error": {"before": round(self.raw.error, 4), "after": round(self.calibrated.error, 4)},
            "aurc": round(self.risk.aurc, 4),
            "error_at_80": round(self.risk.risk_at(COVERAGE), 4),
        }


def ood_aurocs(predictions: PredictionSet) -> dict[Measure, float]:
    """AUROC (0..1) of each score for known against unknown labels; empty where all labels are known."""
    if predictions.is_known.all():
        return {}
    known, measured = predictions.is_known, {one: predictions.ood_scores(one) for one in MEASURES}
    return {one: auroc(values[known], values[~known]) for one, values in measured.items()}


def mistakes(predictions: PredictionSet) -> Iterator[int]:
    """Rows of the vote's errors, the most confident first; only labels that the model knows."""
    shares = predictions.probabilities("vote")
    wrong = np.flatnonzero(predictions.is_known & (shares.argmax(axis=1) != predictions.targets))
    yield from (int(row) for row in wrong[np.argsort(-shares[wrong].max(axis=1), kind="stable")])
