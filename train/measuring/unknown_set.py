"""The result of an evaluation on pictures of unknown labels alone: are they told from known ones, and where do they land?"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from edge.inference.ood_score import MEASURES, Measure
from train.errors import DataError
from train.measuring.bin_confusion import BinConfusion, apply_policy
from train.measuring.evaluation_result import EvaluationResult
from train.measuring.metrics import auroc
from train.measuring.predictions import PredictionSet
from train.measuring.share_interval import ShareInterval
from train.measuring.share_text import count_text, share_text


@dataclass(frozen=True, slots=True, eq=False)
class UnknownSet:
    """Pictures of labels that the model does not know.

    Attributes:
        name: of the set.
        predictions: for its pictures.
        beside: the set whose pictures of known labels they are compared with.
    """

    name: str
    predictions: PredictionSet
    beside: EvaluationResult

    @classmethod
    def of(cls, name: str, predictions: PredictionSet, results: list[EvaluationResult]) -> "UnknownSet":
        """Beside the first of the results.

        Raises:
            DataError: there is none.
        """
        if not results:
            raise DataError(
                f"evaluate: {name} has no picture of a label that the model knows "
                f"({', '.join(predictions.predictor.labels)}), and nothing has one to compare with: give --data DIR, or rename "
                "folders with --map"
            )
        return cls(name, predictions, results[0])

    @property
    def labels(self) -> list[str]:
        """The set's labels, sorted."""
        return sorted({sample.label for sample in self.predictions.samples})

    @property
    def aurocs(self) -> dict[Measure, float]:
        """AUROC (0..1) of each score for known against unknown pictures."""
        known = self.beside.predictions
        return {one: auroc(known.ood_scores(one)[known.is_known], self.predictions.ood_scores(one)) for one in MEASURES}

    @property
    def sorting(self) -> BinConfusion | None:
        """Items by true and chosen bin, by the vote; None without bins."""
        bins = self.beside.bins
        return apply_policy(self.predictions, "vote", bins, known=False) if bins else None

    def sentences(self) -> list[str]:
        """In short: how well they are told from known ones, and where they would land."""
        count = len(self.predictions.samples)
        known = int(self.beside.predictions.is_known.sum())
        manifest = self.predictions.predictor.manifest
        measure: Measure = manifest.unknown.score if manifest and manifest.unknown else "energy"
        lines = [
            f"{count_text(count, 'picture')} of labels that the model does not know ({self.name}: {', '.join(self.labels)}): one "
            f"scores lower than one of the {known} known pictures of {self.beside.name} in "
            f"{100 * self.aurocs[measure]:.0f} % of the pairs (by {measure.replace('_', ' ')}; 50 % is chance)."
        ]
        if self.sorting is not None:
            counts = self.sorting.counts
            wrong = ShareInterval.of(int(counts[:, :-1].sum() - np.trace(counts[:, :-1])), int(counts.sum()))
            lines.append(
                f"In the bin {wrong.hits} would land in a wrong bin: {share_text(wrong)} of all such contaminate."
            )
        return lines

    def as_dict(self) -> dict[str, Any]:
        """For JSON, as of the unknown labels of other sets."""
        return {
            "unknown": {
                "labels": self.labels,
                "pictures": len(self.predictions.samples),
                "beside": self.beside.name,
                "auroc": {name: round(value, 4) for name, value in self.aurocs.items()},
                "sorting": self.sorting.as_dict() if self.sorting else None,
            }
        }
