"""Confusion of bins: where the policy drops items, given a model's predictions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.config.schema import DecisionConfig
from edge.decision.policy import Policy
from edge.service.factories import make_policy
from edge.values import Prediction
from train.measuring.predictions import EvaluationMode, PredictionSet

RESIDUAL: str = DecisionConfig.model_fields["residual_bin"].default


@dataclass(frozen=True, slots=True, eq=False)
class BinConfusion:
    """Items by true and chosen bin.

    Attributes:
        bins: in the order of rows and columns; the residual bin is the last.
        counts: int64 (bins, bins); row: true bin, column: chosen bin.
    """

    bins: tuple[str, ...]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, belongs: Sequence[str], chosen: Sequence[str], residual: str) -> "BinConfusion":
        """From the names of each item's true and chosen bin."""
        bins = (*sorted({*belongs, *chosen} - {residual}), residual)
        counts = np.zeros((len(bins), len(bins)), np.int64)
        for here, there in zip(belongs, chosen, strict=True):
            counts[bins.index(here), bins.index(there)] += 1
        return cls(bins, counts)

    @property
    def contamination(self) -> NDArray[np.float64]:
        """Share of the items in each bin that belong elsewhere, 0..1, (bins,); 0 for an empty bin."""
        share: NDArray[np.float64] = 1 - np.diag(self.counts) / np.maximum(self.counts.sum(axis=0), 1)
        return np.where(self.counts.sum(axis=0) > 0, share, 0.0)

    @property
    def capture(self) -> NDArray[np.float64]:
        """Share of the items that belong in each bin and are there, 0..1, (bins,)."""
        share: NDArray[np.float64] = np.diag(self.counts) / np.maximum(self.counts.sum(axis=1), 1)
        return share

    @property
    def right(self) -> float:
        """Share of all items in their own bin, 0..1."""
        return float(np.trace(self.counts)) / max(int(self.counts.sum()), 1)

    @property
    def lost(self) -> float:
        """Share of all items in the residual bin that belong in another, 0..1."""
        return float(self.counts[:-1, -1].sum()) / max(int(self.counts.sum()), 1)

    @property
    def wrong(self) -> float:
        """Share of all items that contaminate a bin, 0..1."""
        wrong = self.counts.sum() - np.trace(self.counts) - self.counts[:-1, -1].sum()
        return float(wrong) / max(int(self.counts.sum()), 1)

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            **{name: round(getattr(self, name), 4) for name in ("right", "lost", "wrong")},
            "bins": {
                name: {
                    "contamination": round(float(self.contamination[row]), 4),
                    "capture": round(float(self.capture[row]), 4),
                    "belong": int(self.counts[row].sum()),
                    "went": int(self.counts[:, row].sum()),
                }
                for row, name in enumerate(self.bins)
            },
            "counts": self.counts.tolist(),
        }


def chosen_bins(
    policy: Policy, labels: tuple[str, ...], shares: NDArray[np.float32], scores: Sequence[float | None]
) -> list[str]:
    """The bin that a policy chooses for each item: probabilities (n, labels) and scores (n,) -> n names."""
    return [policy.choose_bin(Prediction(labels, row, 0.0, one))[0] for row, one in zip(shares, scores, strict=True)]


def apply_policy(
    predictions: PredictionSet, mode: EvaluationMode, bins: Mapping[str, str], *, known: bool = True
) -> BinConfusion:
    """Sort items by the bin's policy at its default costs.

    Args:
        predictions: of a model.
        mode: one look or the vote.
        bins: label -> bin; other labels belong in the residual bin.
        known: sort the items of labels that the model knows, or those of unknown labels.
    """
    predictor, chosen = predictions.predictor, predictions.is_known if known else ~predictions.is_known
    decision = DecisionConfig(labels={label: bins.get(label, RESIDUAL) for label in predictor.labels})
    manifest = predictor.manifest
    unknown = manifest.unknown if manifest else None
    policy = (
        make_policy(decision, manifest)
        if manifest
        else Policy(
            bins=decision.labels,
            residual_bin=decision.residual_bin,
            contamination_cost=decision.contamination_cost,
            residual_cost=decision.residual_cost,
        )
    )
    scores = predictions.ood_scores(unknown.score if unknown else "energy", mode)[chosen].tolist()
    shares = predictions.probabilities(mode)[chosen].astype(np.float32)
    went = chosen_bins(policy, predictor.labels, shares, scores)
    belongs = [
        bins.get(sample.label, RESIDUAL)
        for sample, is_chosen in zip(predictions.samples, chosen, strict=True)
        if is_chosen
    ]
    return BinConfusion.of(belongs, went, RESIDUAL)
