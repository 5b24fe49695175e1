"""Combines the predictions of several views of one item into a verdict."""

from statistics import fmean

import numpy as np

from edge.values import Item, Prediction, Verdict

DEFAULT_VIEWS = 4
"""Number of views unless configured otherwise. A model's temperature and thresholds are chosen for this number. Four are two
margins, each as it is and mirrored (``edge.sight.view.make_view``)."""


class Vote:
    """Averages the probabilities and scores over several views of one item. A new item starts a new vote.

    Args:
        views: number of views per verdict, >= 1.

    Raises:
        ValueError: ``views`` is out of range.
    """

    def __init__(self, *, views: int) -> None:
        if views < 1:
            raise ValueError(f"views: expected >= 1, got {views}")
        self._views = views
        self._number = 0
        self._predictions: list[Prediction] = []

    @property
    def has_begun(self) -> bool:
        """Whether there are views of an item that is not decided yet."""
        return bool(self._predictions)

    def view_count(self, item: Item) -> int:
        """Number of views of this item so far."""
        return len(self._predictions) if item.number == self._number else 0

    def would_decide(self, item: Item) -> bool:
        """Whether the next view of this item completes the vote."""
        return self.view_count(item) == self._views - 1

    def add_view(self, item: Item, prediction: Prediction | None) -> Verdict | None:
        """Add the prediction of one view.

        Args:
            item: the item in this view.
            prediction: its prediction; None (the classifier failed) discards the views so far.

        Returns:
            The verdict if this view completes the vote, else None.
        """
        if prediction is None:
            self.reset()
            return None
        if item.number != self._number:
            self.reset()
            self._number = item.number
        self._predictions.append(prediction)
        if len(self._predictions) < self._views:
            return None
        mean = np.stack([one.probabilities for one in self._predictions]).mean(axis=0)
        scores = [one.ood_score for one in self._predictions if one.ood_score is not None]
        average = Prediction(
            prediction.labels,
            mean,
            fmean(one.latency_s for one in self._predictions),
            fmean(scores) if len(scores) == len(self._predictions) else None,
        )
        agreement = sum(one.label == average.label for one in self._predictions) / len(self._predictions)
        features = [one.features for one in self._predictions if one.features is not None]
        verdict = Verdict(
            item,
            average,
            len(self._predictions),
            agreement,
            np.stack(features) if len(features) == len(self._predictions) else None,
        )
        self.reset()
        return verdict

    def reset(self) -> None:
        """Discard the views so far: the item moved or is gone."""
        self._predictions.clear()
