"""Rejection of unknown things: the choice of the score and of the threshold below which a thing is unknown."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.inference.manifest import OutOfDistributionSpec
from edge.inference.ood_score import MEASURES, Measure, ood_score
from train.errors import DataError
from train.measuring.metrics import auroc

VoteLogits = NDArray[np.float32]
"""Logits of every look, (n, looks, labels)."""


LEAST_AUROC = 0.7
"""AUROC below which a model hardly tells unknown things: at 98 % of known things kept, 0.56 and 0.68 caught 3 % of them."""
CHANCE = 0.5
"""AUROC of a score that tells nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class OodScoreChoice:
    """The chosen out-of-distribution score and its figures.

    Attributes:
        unknown: for the manifest; None where unknown things score no lower than known ones.
        report: AUROC and shares, for JSON.
    """

    unknown: OutOfDistributionSpec | None
    report: dict[str, Any]

    @property
    def aurocs(self) -> dict[str, float]:
        """Kind of unknown things -> AUROC (0..1) on the held-out ones, and their "mean"."""
        found: dict[str, float] = self.report["auroc"]["held_out"][self.report["score"]]
        return found

    def warnings(self) -> list[str]:
        """What the model cannot tell, and what to do; none where it tells every kind."""
        poor = {kind: one for kind, one in self.aurocs.items() if kind != "mean" and one < LEAST_AUROC}
        if not poor:
            return []
        caught = self.report["caught"]
        kinds = ", ".join(f"{kind} (AUROC {one:.2f}, {100 * caught[kind]:.0f} % caught)" for kind, one in poor.items())
        lines = [
            f"UNKNOWN THINGS ARE NOT TOLD FROM KNOWN ONES: {kinds}; {CHANCE:g} is chance. What the bin has not learnt will be "
            "taken for one of its labels. Put pictures of such things into a label of their own for the residual bin (some "
            "fifty), train again, and check with --unknown DIR"
        ]
        if self.unknown is None:
            lines.append(
                f"the model gets no limit for unknown things: on average they score as high as known ones (AUROC "
                f"{self.aurocs['mean']:.2f}), so that a limit would only reject known ones"
            )
        return lines


def choose_ood_score(
    known: Mapping[str, VoteLogits], unknown: Mapping[str, VoteLogits], *, temperature: float, keep: float
) -> OodScoreChoice:
    """Choose the score with the highest AUROC, and the threshold that keeps the share ``keep`` of known things; none at chance.

    The score is chosen on one half of each kind of unknown pictures against the validation pictures; figures are reported
    on the other half against the test pictures (where there are any). Every kind has the same weight.

    Args:
        known: answers on the parts "val" and, maybe, "test".
        unknown: kind -> answers on at least two pictures of it.
        temperature: of the softmax.
        keep: share of the validation pictures that stay known, 0..1.

    Raises:
        DataError: fewer than two pictures of a kind could be read.
    """
    for kind, logits in unknown.items():
        if len(logits) < 2:
            raise DataError(f"--unknown {kind}: at least 2 readable pictures are needed, got {len(logits)}")
    choosing = {kind: logits[::2] for kind, logits in unknown.items()}
    held_out_logits = {kind: logits[1::2] for kind, logits in unknown.items()}
    held_out_known = known.get("test", known["val"])
    chosen_on = {measure: _aurocs(known["val"], choosing, measure, temperature) for measure in MEASURES}
    held_out = {measure: _aurocs(held_out_known, held_out_logits, measure, temperature) for measure in MEASURES}
    best = max(MEASURES, key=lambda measure: chosen_on[measure]["mean"])

    def scores(logits: VoteLogits) -> NDArray[np.float64]:
        return _scores(logits, best, temperature)

    # Rounded down, so that the picture it is taken from stays known.
    least = math.floor(1e4 * float(np.quantile(scores(known["val"]), 1 - keep, method="lower"))) / 1e4
    mean = held_out[best]["mean"]
    return OodScoreChoice(
        OutOfDistributionSpec(score=best, least=least, auroc=mean) if mean > CHANCE else None,
        {
            "score": best,
            "least": least,
            "auroc": {"chosen_on": chosen_on, "held_out": held_out},
            "stay_known": {part: round(float((scores(one) >= least).mean()), 4) for part, one in known.items()},
            "caught": {kind: round(float((scores(one) < least).mean()), 4) for kind, one in held_out_logits.items()},
            "pictures": {kind: len(one) for kind, one in unknown.items()},
        },
    )


def _aurocs(
    known: VoteLogits, unknown: Mapping[str, VoteLogits], measure: Measure, temperature: float
) -> dict[str, float]:
    """Kind -> AUROC of the vote's score, and their "mean"."""
    own = _scores(known, measure, temperature)
    found = {kind: round(auroc(own, _scores(logits, measure, temperature)), 4) for kind, logits in unknown.items()}
    return found | {"mean": round(float(np.mean([*found.values()])), 4)}


def _scores(logits: VoteLogits, measure: Measure, temperature: float) -> NDArray[np.float64]:
    """The vote's score (n,): the mean over the looks, as ``edge.decision.vote`` has it."""
    mean: NDArray[np.float64] = ood_score(logits, measure, temperature).mean(axis=1)
    return mean
