"""The vote: several views of one item are combined into a verdict."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.decision.vote import Vote
from tests.builders.values import LABELS, make_item, make_prediction


@st.composite
def distributions(draw: st.DrawFn) -> list[float]:
    weights = draw(st.lists(st.floats(0.01, 1), min_size=len(LABELS), max_size=len(LABELS)))
    return [weight / sum(weights) for weight in weights]


@given(st.lists(distributions(), min_size=1, max_size=8))
def test_the_verdict_is_the_mean_of_its_views(answers: list[list[float]]) -> None:
    vote = Vote(views=len(answers))
    predictions = [make_prediction(answer, latency_s=0.001 * (1 + number)) for number, answer in enumerate(answers)]
    verdicts = [vote.add_view(make_item(3), prediction) for prediction in predictions]
    assert verdicts[:-1] == [None] * (len(answers) - 1)
    verdict = verdicts[-1]
    assert verdict is not None
    assert verdict.views == len(answers)
    assert verdict.prediction.probabilities == pytest.approx(np.mean(answers, axis=0), abs=1e-5)
    assert verdict.prediction.latency_s == pytest.approx(0.001 * (1 + len(answers)) / 2)
    own = [prediction.label for prediction in predictions]
    assert verdict.agreement == own.count(verdict.prediction.label) / len(own)


@given(st.lists(st.none() | st.floats(-50, 50), min_size=1, max_size=6))
def test_the_score_is_the_mean_of_the_views_and_missing_where_one_has_none(scores: list[float | None]) -> None:
    vote = Vote(views=len(scores))
    for score in scores:
        verdict = vote.add_view(make_item(), make_prediction({"glass": 0.5}, score=score))
    assert verdict is not None
    found = verdict.prediction.ood_score
    if None in scores:
        assert found is None
    else:
        assert found == pytest.approx(np.mean([score for score in scores if score is not None]))


def test_the_features_of_all_views_are_kept_and_none_where_one_has_none() -> None:
    seen = [np.full(4, number, np.int8) for number in range(2)]
    for features, expected in ((seen, [[0] * 4, [1] * 4]), ([seen[0], None], None)):
        vote = Vote(views=2)
        for one in features:
            verdict = vote.add_view(make_item(), replace(make_prediction({"glass": 0.5}), features=one))
        assert verdict is not None
        assert (None if verdict.features is None else verdict.features.tolist()) == expected
        assert verdict.prediction.features is None


def test_a_vote_has_begun_from_its_first_view_to_its_verdict() -> None:
    vote = Vote(views=2)
    assert not vote.has_begun
    vote.add_view(make_item(), make_prediction({"glass": 0.7}))
    assert vote.has_begun
    vote.add_view(make_item(), make_prediction({"glass": 0.7}))
    assert not vote.has_begun


def test_two_views_outvote_the_one_that_disagrees() -> None:
    vote = Vote(views=3)
    vote.add_view(make_item(), make_prediction({"glass": 0.7}))
    vote.add_view(make_item(), make_prediction({"paper": 0.6}))
    verdict = vote.add_view(make_item(), make_prediction({"glass": 0.7}))
    assert verdict is not None
    assert verdict.prediction.label == "glass"
    assert verdict.agreement == pytest.approx(2 / 3)


@given(st.lists(st.tuples(st.integers(1, 3), st.booleans()), max_size=40), st.integers(1, 4))
def test_no_view_of_another_item_or_from_before_a_reset_counts(steps: list[tuple[int, bool]], views: int) -> None:
    """Every view has its own latency, so that the verdict tells which ones it is made of."""
    vote = Vote(views=views)
    expected: list[float] = []
    last = 0
    for number, (item, reset_first) in enumerate(steps):
        if reset_first:
            vote.reset()
        if reset_first or item != last:
            expected = []
        last = item
        expected.append(float(number))
        verdict = vote.add_view(make_item(item), make_prediction({"glass": 0.5}, latency_s=float(number)))
        if len(expected) < views:
            assert verdict is None
        else:
            assert verdict is not None
            assert verdict.item.number == item
            assert verdict.prediction.latency_s == pytest.approx(np.mean(expected))
            expected = []


def test_the_verdict_carries_the_item_as_last_seen() -> None:
    vote = Vote(views=2)
    first, second = make_item(1, time_s=1.0), make_item(1, time_s=1.1)
    vote.add_view(first, make_prediction({"glass": 0.5}))
    verdict = vote.add_view(second, make_prediction({"glass": 0.5}))
    assert verdict is not None
    assert verdict.item is second


def test_no_views_are_no_vote() -> None:
    with pytest.raises(ValueError, match="views"):
        Vote(views=0)


@pytest.mark.parametrize("views", [1, 3])
def test_it_says_when_one_more_view_decides(views: int) -> None:
    vote = Vote(views=views)
    item, other = make_item(1), make_item(2)
    said = []
    for _ in range(views):
        said.append(vote.would_decide(item))
        verdict = vote.add_view(item, make_prediction({"glass": 0.9}))
    assert said == [False] * (views - 1) + [True]
    assert verdict is not None
    vote.add_view(item, make_prediction({"glass": 0.9}))
    assert vote.would_decide(other) is (views == 1)


def test_views_are_counted_of_the_item_that_is_asked_about_alone() -> None:
    vote = Vote(views=3)
    assert vote.view_count(make_item(1)) == 0
    vote.add_view(make_item(1), make_prediction({"glass": 0.7}))
    vote.add_view(make_item(1), make_prediction({"glass": 0.7}))
    assert vote.view_count(make_item(1)) == 2
    assert vote.view_count(make_item(2)) == 0


def test_the_verdicts_probabilities_are_float32() -> None:
    verdict = Vote(views=1).add_view(make_item(), make_prediction({"glass": 0.7}))
    assert verdict is not None
    assert verdict.prediction.probabilities.dtype == np.float32
