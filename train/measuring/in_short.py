"""An evaluation in three sentences: how often right, where items land, and what is weakest."""

import numpy as np

from train.measuring.evaluation_result import EvaluationResult
from train.measuring.predictions import EvaluationMode
from train.measuring.share_interval import ShareInterval
from train.measuring.share_text import count_text, share_text, weakest_label

NO_THRESHOLDS = " That is by the default costs alone: a run has no thresholds, sorter-convert will choose them."
"""Added for a model without a manifest: as it ships, more will land in the residual bin."""


def in_short(result: EvaluationResult) -> list[str]:
    """Three sentences about the bin's vote on one set."""
    score = result.metrics("vote").score
    right = accuracy(result)
    return [
        f"Of {count_text(right.count, 'picture')} ({result.name}), the bin's vote names {right.hits} rightly: "
        f"{share_text(right)} of all such pictures.",
        _landing(result),
        weakest_label(score.labels, score.confusion),
    ]


def accuracy(result: EvaluationResult, mode: EvaluationMode = "vote") -> ShareInterval:
    """Accuracy of the vote, or of one look."""
    confusion = result.metrics(mode).score.confusion
    return ShareInterval.of(int(np.trace(confusion)), int(confusion.sum()))


def contaminating(result: EvaluationResult) -> ShareInterval | None:
    """Share of the items that land in a wrong recycling bin, by the vote; None without bins."""
    sorting = result.bin_confusion("vote")
    if sorting is None:
        return None
    counts = sorting.counts
    return ShareInterval.of(int(counts[:, :-1].sum() - np.trace(counts[:, :-1])), int(counts.sum()))


def _landing(result: EvaluationResult) -> str:
    sorting, wrong = result.bin_confusion("vote"), contaminating(result)
    if sorting is None or wrong is None:
        return "Where they would land is not known: no label has a bin (--bin LABEL=BIN, or --config FILE)."
    counts = sorting.counts
    own, lost = ShareInterval.of(int(np.trace(counts[:-1, :-1])), int(counts[:-1].sum())), int(counts[:-1, -1].sum())
    waste, kept = int(counts[-1].sum()), int(counts[-1, -1])
    recycled = (
        f"{own.hits} of the {own.count} that belong in a recycling bin would get there ({share_text(own)} of all such), {lost} "
        "would land in the residual bin instead"
        if own.count
        else "none belongs in a recycling bin"
    )
    residual = f"; of {waste} that belong in the residual bin, {kept} would land there" if waste else ""
    return (
        f"In the bin {recycled}{residual}; {wrong.hits} would land in a wrong bin: {share_text(wrong)} of all such items "
        f"contaminate.{'' if result.predictions.predictor.manifest else NO_THRESHOLDS}"
    )
