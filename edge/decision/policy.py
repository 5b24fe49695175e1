"""Chooses the bin for a verdict by expected cost."""

from collections.abc import Collection, Mapping, Sequence

from edge.values import Decision, Prediction, Reason, Verdict


class Policy:
    """Chooses the bin with the lowest expected cost (Bayesian decision with a cost per kind of mistake).

    An item in a wrong bin contaminates it; an item in the residual bin is only lost to recycling. With
    ``contamination_cost`` c and ``residual_cost`` r, a bin is chosen only if the probabilities of its labels sum to more
    than about 1 - r/c.

    Args:
        bins: label -> bin.
        residual_bin: bin for uncertain items.
        contamination_cost: cost of an item in a wrong bin, > 0.
        residual_cost: cost of a recyclable item in the residual bin, > 0.
        min_confidence: minimum summed probability of a bin's labels, 0..1. Below it the item goes to the residual bin
            whatever the costs.
        bin_confidence: bin -> ``min_confidence`` for that bin.
        min_ood_score: items with a lower out-of-distribution score (``edge.inference.ood_score``) go to the residual
            bin; None accepts every score.
        hazards: labels that must go to the residual bin.
        hazard_confidence: summed probability of the hazards from which an item is treated as one, 0..1.

    Attributes:
        min_ood_score: as given.
    """

    def __init__(
        self,
        *,
        bins: Mapping[str, str],
        residual_bin: str,
        contamination_cost: float,
        residual_cost: float,
        min_confidence: float = 0.0,
        bin_confidence: Mapping[str, float] | None = None,
        min_ood_score: float | None = None,
        hazards: Sequence[str] = (),
        hazard_confidence: float = 0.2,
    ) -> None:
        self._bins = dict(bins)
        self._residual_bin = residual_bin
        self._contamination_cost = contamination_cost
        self._residual_cost = residual_cost
        self._min_confidence = min_confidence
        self._bin_confidence = dict(bin_confidence or {})
        self.min_ood_score = min_ood_score
        self._hazards = frozenset(hazards)
        self._hazard_confidence = hazard_confidence

    def decide(self, verdict: Verdict, *, full: Collection[str] = ()) -> Decision:
        """Choose the bin for a verdict.

        Several objects at once go to the residual bin, since they may belong in different bins.

        Args:
            verdict: the verdict.
            full: bins that are full; their items go to the residual bin.
        """
        name, reason, cost = self.choose_bin(verdict.prediction)
        if verdict.item.object_count > 1 or name in full:
            reason = Reason.SEVERAL if verdict.item.object_count > 1 else Reason.FULL
            name = self._residual_bin
            cost = self._residual_cost * max(0.0, 1.0 - self._bin_probabilities(verdict.prediction)[name])
        return Decision(verdict, name, reason, cost)

    def choose_bin(self, prediction: Prediction) -> tuple[str, Reason, float]:
        """Choose the bin for a prediction: its name, the reason, and the expected cost."""
        probabilities = self._bin_probabilities(prediction)
        costs = {
            name: (self._residual_cost if name == self._residual_bin else self._contamination_cost)
            * max(0.0, 1.0 - probability)
            for name, probability in probabilities.items()
        }
        if self._hazards and self._hazard_probability(prediction) >= self._hazard_confidence:
            return self._residual_bin, Reason.HAZARD, costs[self._residual_bin]
        # A prediction without a score does not pass a minimum.
        if self.min_ood_score is not None and (
            prediction.ood_score is None or prediction.ood_score < self.min_ood_score
        ):
            return self._residual_bin, Reason.UNKNOWN, costs[self._residual_bin]
        # On equal costs, the residual bin, which contaminates nothing.
        best = min(costs, key=lambda name: (costs[name], name != self._residual_bin, name))
        confident = probabilities[best] >= self._bin_confidence.get(best, self._min_confidence)
        if best == self._residual_bin:
            # A confident choice only if the most probable label belongs there.
            confident = confident and self._bins[prediction.label] == best
        elif not confident:
            best = self._residual_bin
        reason = Reason.CONFIDENT if confident else Reason.UNSURE
        return best, reason, costs[best]

    def least_probabilities(self) -> dict[str, float]:
        """Bin -> summed probability of its labels that it takes at least, 0..1; without the residual bin, which takes all."""
        by_cost = max(0.0, 1.0 - self._residual_cost / self._contamination_cost)
        names = dict.fromkeys(name for name in self._bins.values() if name != self._residual_bin)
        return {name: max(self._bin_confidence.get(name, self._min_confidence), by_cost) for name in names}

    def _bin_probabilities(self, prediction: Prediction) -> dict[str, float]:
        """Bin -> summed probability of its labels. The residual bin comes first, even if no label belongs there."""
        totals: dict[str, float] = {self._residual_bin: 0.0}
        for label, probability in zip(prediction.labels, prediction.probabilities.tolist(), strict=True):
            name = self._bins[label]
            totals[name] = totals.get(name, 0.0) + probability
        return totals

    def _hazard_probability(self, prediction: Prediction) -> float:
        """Summed probability of the hazards."""
        probabilities = zip(prediction.labels, prediction.probabilities.tolist(), strict=True)
        return float(sum(probability for label, probability in probabilities if label in self._hazards))
