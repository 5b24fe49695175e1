"""The policy: which bin a verdict means, by what a mistake costs."""

from collections.abc import Collection, Mapping, Sequence

from edge.values import Decision, Prediction, Reason, Verdict


class Policy:
    """Chooses the bin with the lowest expected cost (Bayes' rule with a cost per mistake).

    An item put in a wrong bin contaminates it; one put in the residual bin is merely lost to recycling. So with
    ``contamination_cost`` c and ``residual_cost`` r, a bin is chosen only where its labels' probabilities together
    exceed about 1 - r/c.

    Args:
        bins: label -> bin.
        residual_bin: where the unsure go.
        contamination_cost: of an item in a wrong bin, > 0.
        residual_cost: of a recyclable item in the residual bin, > 0.
        min_confidence: least summed probability of a bin's labels, 0..1; below it the item is unsure whatever the costs.
        bin_confidence: bin -> the same for that bin alone.
        least_score: an item that the model knows less well is unknown (``edge.inference.ood_score``); None calls nothing unknown.
        hazards: labels that must reach no other bin.
        hazard_confidence: probability of the hazards together from which an item is treated as one, 0..1.
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
        least_score: float | None = None,
        hazards: Sequence[str] = (),
        hazard_confidence: float = 0.2,
    ) -> None:
        self._bins = dict(bins)
        self._residual_bin = residual_bin
        self._contamination_cost = contamination_cost
        self._residual_cost = residual_cost
        self._min_confidence = min_confidence
        self._bin_confidence = dict(bin_confidence or {})
        self._least_score = least_score
        self._hazards = frozenset(hazards)
        self._hazard_confidence = hazard_confidence

    def decide(self, verdict: Verdict, *, full: Collection[str] = ()) -> Decision:
        """The bin for a verdict. Several things at once have no bin in common that is sure to be right, and what belongs
        into one of the ``full`` bins goes to the residual one."""
        name, reason, cost = self.weigh(verdict.prediction)
        if verdict.item.object_count > 1 or name in full:
            reason = Reason.SEVERAL if verdict.item.object_count > 1 else Reason.FULL
            name = self._residual_bin
            cost = self._residual_cost * max(0.0, 1.0 - self._belief(verdict.prediction)[name])
        return Decision(verdict, name, reason, cost)

    def weigh(self, prediction: Prediction) -> tuple[str, Reason, float]:
        """The bin for a prediction, why, and the expected cost."""
        belief = self._belief(prediction)
        costs = {
            name: (self._residual_cost if name == self._residual_bin else self._contamination_cost)
            * max(0.0, 1.0 - share)
            for name, share in belief.items()
        }
        if self._hazards and self._hazard(prediction) >= self._hazard_confidence:
            return self._residual_bin, Reason.HAZARD, costs[self._residual_bin]
        # A model that gives no score where one is asked for cannot say that it knows the item.
        if self._least_score is not None and (prediction.ood_score is None or prediction.ood_score < self._least_score):
            return self._residual_bin, Reason.UNKNOWN, costs[self._residual_bin]
        # Between equals the residual bin, which does no harm.
        best = min(costs, key=lambda name: (costs[name], name != self._residual_bin, name))
        sure = belief[best] >= self._bin_confidence.get(best, self._min_confidence)
        if best == self._residual_bin:
            # It is a sure answer only for what belongs there.
            sure = sure and self._bins[prediction.label] == best
        elif not sure:
            best = self._residual_bin
        reason = Reason.CONFIDENT if sure else Reason.UNSURE
        return best, reason, costs[best]

    def _belief(self, prediction: Prediction) -> dict[str, float]:
        """Bin -> summed probability of its labels; the residual bin first, also where no label is its."""
        belief: dict[str, float] = {self._residual_bin: 0.0}
        for label, probability in zip(prediction.labels, prediction.probabilities.tolist(), strict=True):
            target = self._bins[label]
            belief[target] = belief.get(target, 0.0) + probability
        return belief

    def _hazard(self, prediction: Prediction) -> float:
        probabilities = zip(prediction.labels, prediction.probabilities.tolist(), strict=True)
        return float(sum(probability for label, probability in probabilities if label in self._hazards))
