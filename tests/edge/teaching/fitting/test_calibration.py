"""The least confidence keeps the asked contamination, the own check's range its estimate, and old labels their weight."""

import numpy as np
import pytest

from edge.inference.head_manifest import BaseAnswers, HeadManifest
from edge.teaching.fitting.calibration import (
    MOST_OLD_LOSS,
    USUAL_OFFSET,
    AnswerScaling,
    JudgedLooks,
    choose_min_confidence,
    choose_offset,
    vote_probabilities,
)
from edge.teaching.fitting.own_check import accuracy_range


def make_votes(confidences: list[float]) -> np.ndarray:
    return np.array([[confidence, 1 - confidence] for confidence in confidences])


def test_without_mistakes_nothing_is_held_back() -> None:
    votes = make_votes([0.99] * 99 + [0.9])
    assert choose_min_confidence(votes, np.zeros(100, int), 0.02) == 0.9


def test_many_mistakes_below_a_confidence_raise_the_threshold_above_it() -> None:
    votes = make_votes([0.99] * 80 + [0.7] * 20)
    labels = np.array([0] * 80 + [1] * 20)
    assert choose_min_confidence(votes, labels, 0.02) == 0.99


def test_a_stricter_target_is_never_met_by_a_lower_threshold() -> None:
    rng = np.random.default_rng(0)
    votes = make_votes(rng.uniform(0.5, 1.0, 60).tolist())
    labels = (rng.uniform(size=60) > votes[:, 0]).astype(int)
    found = [choose_min_confidence(votes, labels, target) for target in (0.3, 0.1, 0.02, 0.001)]
    assert found == sorted(found)


@pytest.mark.parametrize("count", [2, 20, 200])
def test_the_range_narrows_with_more_pictures_and_never_ends_at_what_a_few_say(count: int) -> None:
    labels = np.repeat([0, 1], count)
    estimate, low, high = accuracy_range(np.ones(2 * count, bool), labels)
    assert (estimate, high) == (1.0, 1.0)
    assert 1 - low == pytest.approx(1.6 * 1.645 * np.sqrt(0.5 * (count + 0.5) / (count + 1) ** 3 / 2), rel=1e-6)


def make_looks(lead: float, *, label: int, count: int = 100) -> tuple[JudgedLooks, HeadManifest]:
    """Pictures with a lead of the new label's score over that of the old one, and a head that knows three labels."""
    manifest = HeadManifest(
        created="",
        labels=("glass", "metal", "battery"),
        base_sha256="0" * 64,
        base_name="base",
        numbers=4,
        taught=(2,),
        rehearsed=(0, 1),
        base=BaseAnswers(labels=2, columns=(0, 1, -1), temperature=1.0, weight=0.0),
    )
    scores = np.tile([lead, 0.0, -50.0], (count, 1, 1))
    # The model is certain of the old label.
    features = np.tile(np.array([0, 0, 50, -50], np.float32), (count, 1, 1))
    return JudgedLooks(scores, features, np.full(count, label), np.ones(count)), manifest


def test_pictures_told_apart_with_ease_leave_the_old_labels_their_usual_weight() -> None:
    taught, manifest = make_looks(30.0, label=2)
    rehearsed, _ = make_looks(-30.0, label=0)
    assert choose_offset(AnswerScaling(1.0, 0.0), taught, rehearsed, manifest).offset == USUAL_OFFSET


def test_taught_pictures_that_the_usual_weight_would_hide_lower_it() -> None:
    taught, manifest = make_looks(0.5, label=2)
    rehearsed, _ = make_looks(-30.0, label=0)
    found = choose_offset(AnswerScaling(1.0, 0.0), taught, rehearsed, manifest)
    assert (vote_probabilities(taught, manifest, found).argmax(axis=1) == 2).all()


def test_old_labels_lose_no_more_than_a_head_may_cost() -> None:
    taught, manifest = make_looks(6.0, label=2)
    rehearsed, _ = make_looks(5.0, label=0)
    found = choose_offset(AnswerScaling(1.0, 0.0), taught, rehearsed, manifest)
    right = vote_probabilities(rehearsed, manifest, found).argmax(axis=1) == rehearsed.labels
    assert right.mean() >= 1 - MOST_OLD_LOSS
