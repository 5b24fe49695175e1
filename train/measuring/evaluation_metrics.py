"""Measuring a model through exactly the bin's view: one plain look at each picture, and the bin's vote over several."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from edge.inference.ood_score import MEASURES, Measure
from train.measuring.metrics import COVERAGE, Calibration, ClassificationScore, RiskCoverage, auroc
from train.measuring.predictions import EvaluationMode, PredictionSet


@dataclass(frozen=True, slots=True, eq=False)
class EvaluationMetrics:
    """One way of asking, on the pictures whose label is known.

    Attributes:
        score: right and wrong.
        raw, calibrated: reliability at temperature 1 and at the subject's own.
        risk: errors among the surest answers, at the subject's own temperature.
    """

    score: ClassificationScore
    raw: Calibration
    calibrated: Calibration
    risk: RiskCoverage

    @classmethod
    def of(cls, predictions: PredictionSet, mode: EvaluationMode) -> "EvaluationMetrics":
        """From a subject's answers."""
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
    """How well each score tells known labels from unknown ones, AUROC 0..1; empty where all are known."""
    if predictions.is_known.all():
        return {}
    known, measured = predictions.is_known, {one: predictions.ood_scores(one) for one in MEASURES}
    return {one: auroc(values[known], values[~known]) for one, values in measured.items()}


def mistakes(predictions: PredictionSet) -> Iterator[int]:
    """Rows of the wrong answers by vote, the surest first; only labels that the subject knows."""
    shares = predictions.probabilities("vote")
    wrong = np.flatnonzero(predictions.is_known & (shares.argmax(axis=1) != predictions.targets))
    yield from (int(row) for row in wrong[np.argsort(-shares[wrong].max(axis=1), kind="stable")])
