"""Thresholds of the recycling bins, chosen for a target contamination."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convert.measuring.prior import LEAST_CONFIDENCE, CalibrationPrior, labels_of
from convert.measuring.split_answers import SplitAnswers
from edge.config.schema import DecisionConfig
from edge.inference.manifest import Manifest
from edge.inference.ood_score import ood_score
from edge.service.factories import make_policy
from train.measuring.bin_confusion import BinConfusion, chosen_bins
from train.measuring.share_interval import upper_bound

LEAST_ITEMS = 20
"""Smallest number of items in a bin to choose its threshold on: fewer cannot show a contamination of a few per cent."""


@dataclass(frozen=True, slots=True)
class BinThreshold:
    """The threshold of one bin.

    Attributes:
        min_probability: smallest summed probability of the bin's labels with which an item is dropped there, 0..1.
        items, wrong: number of validation items that would be dropped there, and of those that belong elsewhere.
        target: largest share of wrong items that is wanted, 0..1.
        looks: times that each thing is among the items (as photographed, and on a tray): they are no further witnesses.
    """

    min_probability: float
    items: int
    wrong: int
    target: float
    looks: int = 1

    @property
    def contamination(self) -> float:
        """Counted share of the items that belong elsewhere, 0..1."""
        return self.wrong / max(self.items, 1)

    @property
    def contamination_upper(self) -> float:
        """The share of wrong items that cannot be excluded with 95 % confidence (Clopper and Pearson), 0..1."""
        return float(upper_bound(self.wrong / self.looks, self.items / self.looks))

    @property
    def target_met(self) -> bool:
        """Whether the counted share of wrong items is at most the target."""
        return self.contamination <= self.target

    @property
    def is_proven(self) -> bool:
        """Whether the target can be promised, and was not only met on these items."""
        return self.contamination_upper <= self.target

    def as_dict(self) -> dict[str, float | int | bool]:
        """For the report."""
        return {
            "least": self.min_probability,
            "reached": self.target_met,
            "proven": self.is_proven,
            "items": self.items,
            "wrong": self.wrong,
            "contamination": round(self.contamination, 4),
            "contamination_upper": round(self.contamination_upper, 4),
        }


def choose_threshold(
    probability: NDArray[np.float64],
    is_right: NDArray[np.bool_],
    target: float,
    *,
    usual: float | None = None,
    looks: int = 1,
) -> BinThreshold | None:
    """The lowest threshold with at most ``target`` wrong among the items that reach it; else the one that gets nearest.

    It is not lower than ``usual`` unless the items prove that a lower one suffices: a target that is met on a few dozen
    items is met by chance as well. Where all items together meet the target, it is not higher either.

    Args:
        probability: summed probability of the bin's labels for each item that the policy would drop there, (n,).
        is_right: whether the item belongs there, (n,).
        target: share of wrong items that is allowed, 0..1.
        usual: threshold for too few items, 0..1; None: only the items count.
        looks: times that each thing is among the items, >= 1.

    Returns:
        None with fewer than ``LEAST_ITEMS`` items.
    """
    if len(probability) < LEAST_ITEMS:
        return None
    order = np.argsort(-probability, kind="stable")
    ordered, wrong = probability[order], np.cumsum(~is_right[order])
    # Where a threshold may lie: behind an item, not between equals.
    ends = np.append(np.flatnonzero(ordered[:-1] > ordered[1:]), len(ordered) - 1)
    ends = ends[ends + 1 >= LEAST_ITEMS]
    shares = wrong[ends] / (ends + 1)
    good = shares <= target
    # The last good one drops most; of those that get equally near, too, the one that drops most.
    last = ends[good][-1] if good.any() else ends[shares == shares.min()][-1]
    least = _behind(ordered, int(last))
    if usual is not None and least < usual:
        proven = ends[upper_bound(wrong[ends] / looks, (ends + 1) / looks) <= target]
        least = max(least, min(usual, _behind(ordered, int(proven[-1])))) if len(proven) else usual
    elif usual is not None and good.any() and last + 1 == len(ordered):
        # No item had to be kept out: nothing says that what is usual would not do.
        least = usual
    kept = probability >= least
    return BinThreshold(least, int(kept.sum()), int((kept & ~is_right).sum()), target, looks)


def _behind(ordered: NDArray[np.float64], last: int) -> float:
    """The threshold that the item ``last`` reaches, and the next does not."""
    if last + 1 < len(ordered):
        return float((ordered[last] + ordered[last + 1]) / 2)
    # There is no item below the last one, so that nothing can be said about lower probabilities.
    return math.floor(float(ordered[last]) * 1e4) / 1e4


def choose_thresholds(
    manifest: Manifest, parts: Sequence[SplitAnswers], target: float, prior: CalibrationPrior
) -> dict[str, BinThreshold | None]:
    """A threshold for each recycling bin, on the vote over all items of the parts; None where too few would be dropped.

    Items are dropped by the bin's own policy at its default costs; items rejected as unknown are left out. Every part shows
    the same things.
    """
    decision = DecisionConfig(labels=manifest.bins, min_confidence=0.0)
    chosen = np.concatenate([predicted_bins(decision, manifest, part) for part in parts])
    true = np.concatenate([true_bins(manifest.bins, manifest.labels, part) for part in parts])
    shares = np.concatenate([part.probabilities(manifest.temperature) for part in parts])
    found: dict[str, BinThreshold | None] = {}
    for name in sorted({*manifest.bins.values()} - {decision.residual_bin}):
        own = [manifest.bins[label] == name for label in manifest.labels]
        dropped = chosen == name
        found[name] = choose_threshold(
            shares[dropped][:, own].sum(axis=1),
            true[dropped] == name,
            target,
            usual=max(LEAST_CONFIDENCE, prior.least(labels_of(manifest.bins, name))),
            looks=len(parts),
        )
    return found


def bin_confusion(manifest: Manifest, part: SplitAnswers) -> BinConfusion:
    """Items by true and chosen bin, for the model as it ships and the default configuration of the bin."""
    decision = DecisionConfig(labels=manifest.bins)
    belongs = true_bins(manifest.bins, manifest.labels, part)
    return BinConfusion.of(belongs.tolist(), predicted_bins(decision, manifest, part).tolist(), decision.residual_bin)


def true_bins(bins: Mapping[str, str], labels: tuple[str, ...], part: SplitAnswers) -> NDArray[np.str_]:
    """The true bin of each item, (n,)."""
    return np.array([bins[label] for label in labels])[part.targets]


def predicted_bins(decision: DecisionConfig, manifest: Manifest, part: SplitAnswers) -> NDArray[np.str_]:
    """The bin that the policy chooses for each item, (n,)."""
    policy = make_policy(decision, manifest)
    shares = part.probabilities(manifest.temperature).astype(np.float32)
    scores: list[float | None] = [None] * len(shares)
    if manifest.unknown is not None:
        scores = ood_score(part.logits, manifest.unknown.score, manifest.temperature).mean(axis=1).tolist()
    return np.array(chosen_bins(policy, manifest.labels, shares, scores))
