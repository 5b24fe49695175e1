"""Thresholds of the recycling bins, chosen for a target contamination."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convert.measuring.split_answers import SplitAnswers
from edge.config.schema import DecisionConfig
from edge.inference.manifest import Manifest
from edge.inference.ood_score import ood_score
from edge.service.factories import make_policy
from train.measuring.bin_confusion import BinConfusion, chosen_bins

LEAST_ITEMS = 20
"""Smallest number of items in a bin to choose its threshold on: fewer cannot show a contamination of a few per cent."""


@dataclass(frozen=True, slots=True)
class BinThreshold:
    """The threshold of one bin.

    Attributes:
        min_probability: smallest summed probability of the bin's labels with which an item is dropped there, 0..1.
        items, wrong: number of validation items that would be dropped there, and of those that belong elsewhere.
        target_met: whether the share of wrong items is at most the target.
    """

    min_probability: float
    items: int
    wrong: int
    target_met: bool

    @property
    def contamination(self) -> float:
        """Counted share of the items that belong elsewhere, 0..1."""
        return self.wrong / self.items

    def as_dict(self) -> dict[str, float | int | bool]:
        """For the report, with the upper end of the contamination's 95 % confidence interval."""
        return {
            "least": self.min_probability,
            "reached": self.target_met,
            "items": self.items,
            "wrong": self.wrong,
            "contamination": round(self.contamination, 4),
            "contamination_upper": round(wilson_upper(self.wrong, self.items), 4),
        }


def choose_threshold(
    probability: NDArray[np.float64], is_right: NDArray[np.bool_], target: float
) -> BinThreshold | None:
    """The lowest threshold with at most ``target`` wrong among the items that reach it; else the one that gets nearest.

    Args:
        probability: summed probability of the bin's labels for each item that the policy would drop there, (n,).
        is_right: whether the item belongs there, (n,).
        target: share of wrong items that is allowed, 0..1.

    Returns:
        None with fewer than ``LEAST_ITEMS`` items. No threshold leaves fewer than that.
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
    if last + 1 < len(ordered):
        least = float((ordered[last] + ordered[last + 1]) / 2)
    else:
        # There is no item below the last one, so that nothing can be said about lower probabilities.
        least = math.floor(ordered[last] * 1e4) / 1e4
    return BinThreshold(least, int(last) + 1, int(wrong[last]), bool(good.any()))


def choose_thresholds(
    manifest: Manifest, parts: Sequence[SplitAnswers], target: float
) -> dict[str, BinThreshold | None]:
    """A threshold for each recycling bin, on the vote over all items of the parts; None where too few would be dropped.

    Items are dropped by the bin's own policy at its default costs; items rejected as unknown are left out.
    """
    decision = DecisionConfig(labels=manifest.bins, min_confidence=0.0)
    chosen = np.concatenate([predicted_bins(decision, manifest, part) for part in parts])
    true = np.concatenate([true_bins(manifest.bins, manifest.labels, part) for part in parts])
    shares = np.concatenate([part.probabilities(manifest.temperature) for part in parts])
    found: dict[str, BinThreshold | None] = {}
    for name in sorted({*manifest.bins.values()} - {decision.residual_bin}):
        own = [manifest.bins[label] == name for label in manifest.labels]
        dropped = chosen == name
        found[name] = choose_threshold(shares[dropped][:, own].sum(axis=1), true[dropped] == name, target)
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


def wilson_upper(hits: int, count: int, z: float = 1.96) -> float:
    """Upper end of Wilson's score interval for a share (Wilson 1927); z = 1.96 is the 95 % interval. 0..1, count >= 1."""
    share = hits / count
    centre = share + z**2 / (2 * count)
    half = z * math.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    return min((centre + half) / (1 + z**2 / count), 1.0)
