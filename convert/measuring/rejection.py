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


@dataclass(frozen=True, slots=True, eq=False)
class OodScoreChoice:
    """The chosen out-of-distribution score and its figures.

    Attributes:
        unknown: for the manifest.
        report: AUROC and shares, for JSON.
    """

    unknown: OutOfDistributionSpec
    report: dict[str, Any]


def choose_ood_score(
    known: Mapping[str, VoteLogits], unknown: Mapping[str, VoteLogits], *, temperature: float, keep: float
) -> OodScoreChoice:
    """Choose the score with the highest AUROC, and the threshold that keeps the share ``keep`` of known things.

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
    return OodScoreChoice(
        OutOfDistributionSpec(score=best, least=least, auroc=held_out[best]["mean"]),
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
