"""An evaluation in three sentences: how often right, where items land, and what is weakest."""

import numpy as np

from train.measuring.evaluation_result import EvaluationResult
from train.measuring.predictions import EvaluationMode
from train.measuring.share_interval import ShareInterval

WIDE = 0.1
"""Length of a range, 0..1, from which on the range is shown in place of the counted share: some 140 pictures with nine in ten
right are needed for a shorter one."""


def in_short(result: EvaluationResult) -> list[str]:
    """Three sentences about the bin's vote on one set."""
    score = result.metrics("vote").score
    right = accuracy(result)
    return [
        f"Of {count_text(right.count, 'picture')} ({result.name}), the bin's vote names {right.hits} rightly: "
        f"{share_text(right)} of all such pictures.",
        _landing(result),
        _weakest(score.labels, score.confusion),
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


def share_text(one: ShareInterval) -> str:
    """The share in words: its range where that is wide, else the counted one and the range."""
    return one.text if one.width > WIDE else f"{100 * one.share:.1f} % ({one.text})"


def count_text(count: int, noun: str) -> str:
    """A number and its noun."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _landing(result: EvaluationResult) -> str:
    sorting, wrong = result.bin_confusion("vote"), contaminating(result)
    if sorting is None or wrong is None:
        return "Where they would land is not known: no label has a bin (--bin LABEL=BIN, or --config FILE)."
    own, lost = int(np.trace(sorting.counts)), int(sorting.counts[:-1, -1].sum())
    return (
        f"In the bin {own} would land where they belong, {lost} in the residual bin instead, and {wrong.hits} in a wrong bin: "
        f"{share_text(wrong)} of all such items contaminate."
    )


def _weakest(labels: tuple[str, ...], confusion: np.ndarray) -> str:
    counts = confusion.sum(axis=1)
    present = np.flatnonzero(counts)
    worst = int(present[np.argmin(np.diag(confusion)[present] / counts[present])])
    found = ShareInterval.of(int(confusion[worst, worst]), int(counts[worst]))
    if found.hits == found.count:
        fewest = int(present[np.argmin(counts[present])])
        few = ShareInterval.of(int(counts[fewest]), int(counts[fewest]))
        return (
            f"No label is mistaken; the fewest pictures are of {labels[fewest]}, {few.count}, of which all were named rightly: "
            f"{share_text(few)} of all such."
        )
    others = confusion[worst].copy()
    others[worst] = 0
    return (
        f"It is weakest at {labels[worst]}: {found.hits} of {found.count} are recognised ({share_text(found)} of all such); "
        f"the others are taken mostly for {labels[int(others.argmax())]}."
    )
