"""The vote: several views of one item make one verdict."""

from statistics import fmean

import numpy as np

from edge.values import Item, Prediction, Verdict

DEFAULT_VIEWS = 4
"""How many views decide unless the configuration says otherwise; a model's confidence, thresholds and view are chosen for
so many. Four are two margins, each straight and mirrored (``edge.sight.view.look``)."""


class Vote:
    """Averages the probabilities and scores of ``views`` frames of one item; starts anew with every item.

    Args:
        views: how many frames decide, >= 1.
    """

    def __init__(self, *, views: int) -> None:
        if views < 1:
            raise ValueError(f"views: expected >= 1, got {views}")
        self._views = views
        self._number = 0
        self._ballots: list[Prediction] = []

    def view_count(self, item: Item) -> int:
        """How many views of this item are in already."""
        return len(self._ballots) if item.number == self._number else 0

    def would_decide(self, item: Item) -> bool:
        """Is one more view of this item a verdict?"""
        return self.view_count(item) == self._views - 1

    def add_view(self, item: Item, prediction: Prediction | None) -> Verdict | None:
        """Take one more prediction; a verdict once there are enough of this item. None: the classifier failed, the views so
        far do not count."""
        if prediction is None:
            self.reset()
            return None
        if item.number != self._number:
            self.reset()
            self._number = item.number
        self._ballots.append(prediction)
        if len(self._ballots) < self._views:
            return None
        mean = np.stack([ballot.probabilities for ballot in self._ballots]).mean(axis=0, dtype=np.float32)
        scores = [ballot.ood_score for ballot in self._ballots if ballot.ood_score is not None]
        together = Prediction(
            prediction.labels,
            mean,
            fmean(ballot.latency_s for ballot in self._ballots),
            fmean(scores) if len(scores) == len(self._ballots) else None,
        )
        agreement = sum(ballot.label == together.label for ballot in self._ballots) / len(self._ballots)
        verdict = Verdict(item, together, len(self._ballots), agreement)
        self.reset()
        return verdict

    def reset(self) -> None:
        """Forget what was counted: the item moved or is gone."""
        self._ballots.clear()
