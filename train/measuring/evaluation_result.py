"""The result of an evaluation on one data set."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from train.errors import DataError
from train.measuring.bin_confusion import BinConfusion, apply_policy
from train.measuring.evaluation_metrics import EvaluationMetrics, mistakes, ood_aurocs
from train.measuring.metrics import ClassificationScore
from train.measuring.predictions import EVALUATION_MODES, EvaluationMode, PredictionSet


@dataclass(frozen=True, slots=True, eq=False)
class QuantizationComparison:
    """A float32 model and an int8 one on the same pictures of known labels.

    Attributes:
        float32, int8: their scores.
        flips: rows on which their labels differ.
    """

    float32: ClassificationScore
    int8: ClassificationScore
    flips: list[int]

    @classmethod
    def of(cls, float32: PredictionSet, int8: PredictionSet, mode: EvaluationMode) -> "QuantizationComparison":
        """From both models' predictions for the same pictures.

        Raises:
            DataError: the models have different labels, or the pictures differ.
        """
        if float32.predictor.labels != int8.predictor.labels or float32.samples != int8.samples:
            raise DataError(
                f"evaluate: {float32.predictor.name} and {int8.predictor.name} cannot be compared: they must know the same "
                f"labels, got {list(float32.predictor.labels)} and {list(int8.predictor.labels)}"
            )
        one, other = float32.probabilities(mode).argmax(axis=1), int8.probabilities(mode).argmax(axis=1)
        flips = [int(row) for row in np.flatnonzero(float32.is_known & (one != other))]
        return cls(EvaluationMetrics.of(float32, mode).score, EvaluationMetrics.of(int8, mode).score, flips)

    @property
    def agreement(self) -> float:
        """Share of the pictures with the same label, 0..1."""
        return 1 - len(self.flips) / max(self.int8.pictures, 1)


@dataclass(frozen=True, slots=True, eq=False)
class EvaluationResult:
    """One data set.

    Attributes:
        name: of the set.
        predictions: of the evaluated model.
        float32_and_int8: predictions of its float32 and its int8 form; None unless both were given.
        bins: label -> bin; empty where no bin is known.
    """

    name: str
    predictions: PredictionSet
    float32_and_int8: tuple[PredictionSet, PredictionSet] | None
    bins: Mapping[str, str]

    def metrics(self, mode: EvaluationMode) -> EvaluationMetrics:
        """Metrics on the pictures of known labels."""
        return EvaluationMetrics.of(self.predictions, mode)

    def bin_confusion(self, mode: EvaluationMode, *, known: bool = True) -> BinConfusion | None:
        """Items by true and chosen bin; None without bins."""
        return apply_policy(self.predictions, mode, self.bins, known=known) if self.bins else None

    def comparison(self, mode: EvaluationMode) -> QuantizationComparison | None:
        """float32 against int8; None unless both were given."""
        return QuantizationComparison.of(*self.float32_and_int8, mode) if self.float32_and_int8 else None

    @property
    def unknown_labels(self) -> list[str]:
        """Labels of the set that the model does not know."""
        return sorted({sample.label for sample in self.predictions.samples} - set(self.predictions.predictor.labels))

    @property
    def exclusion_note(self) -> str:
        """Pictures that are left out of the accuracy; "" for none."""
        unknown, unreadable = int((~self.predictions.is_known).sum()), self.predictions.unreadable
        parts = [f"{unknown} pictures of labels that the model does not know: {', '.join(self.unknown_labels)}"] * (
            unknown > 0
        )
        if unreadable:
            sample, reason = next(iter(unreadable.items()))
            parts.append(f"{len(unreadable)} could not be read, such as {sample.name}: {reason}")
        return "left out: " + "; ".join(parts) if parts else ""

    def describe_predictions(
        self, rows: Iterable[int], predictions: PredictionSet | None = None, mode: EvaluationMode = "vote"
    ) -> list[dict[str, Any]]:
        """For each row the picture, its label, the predicted label and its confidence (0..1)."""
        predictions = predictions or self.predictions
        shares = predictions.probabilities(mode)
        return [
            {
                "picture": predictions.samples[row].name,
                "label": predictions.samples[row].label,
                "answer": predictions.predictor.labels[int(shares[row].argmax())],
                "confidence": round(float(shares[row].max()), 4),
            }
            for row in rows
        ]

    def as_dict(self) -> dict[str, Any]:
        """For JSON: metrics of one look, those of the vote under ``vote``, and unknown labels and errors."""
        report: dict[str, Any] = {}
        for mode in EVALUATION_MODES:
            figures, sorting, comparison = self.metrics(mode).as_dict(), self.bin_confusion(mode), self.comparison(mode)
            figures |= {"sorting": sorting.as_dict()} if sorting else {}
            if comparison and self.float32_and_int8:
                figures["float32_int8"] = {
                    "float32": round(comparison.float32.accuracy, 4),
                    "int8": round(comparison.int8.accuracy, 4),
                    "agreement": round(comparison.agreement, 4),
                    "flips": [
                        {**here, "int8": there["answer"], "int8_confidence": there["confidence"]}
                        for here, there in zip(
                            *(self.describe_predictions(comparison.flips, one, mode) for one in self.float32_and_int8),
                            strict=True,
                        )
                    ],
                }
            report |= figures if mode == "plain" else {mode: figures}
        if self.unknown_labels:
            sorting = self.bin_confusion("vote", known=False)
            report["unknown"] = {
                "labels": self.unknown_labels,
                "pictures": int((~self.predictions.is_known).sum()),
                "auroc": {name: round(value, 4) for name, value in ood_aurocs(self.predictions).items()},
                "sorting": sorting.as_dict() if sorting else None,
            }
        return report | {"mistakes": self.describe_predictions(mistakes(self.predictions))}
