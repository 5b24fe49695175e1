"""Values are checked when they are made."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.values import Item, Prediction, Reason, Verdict
from tests.builders.values import make_frame, make_item, make_mask, make_prediction


@pytest.mark.parametrize(
    "box",
    [(-1, 0, 5, 5), (0, -1, 5, 5), (5, 0, 5, 5), (0, 5, 5, 5), (6, 0, 5, 5), (0, 0, 65, 5), (0, 0, 5, 49)],
)
def test_an_item_outside_its_frame_or_without_area_is_refused(box: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="not inside the 64x48 frame"):
        Item(make_frame(), make_mask(), box, 1, 0.0)


def test_an_item_may_fill_its_frame() -> None:
    assert Item(make_frame(), make_mask(), (0, 0, 64, 48), 1, 0.0).box_xyxy == (0, 0, 64, 48)


def test_an_item_cannot_have_come_to_rest_after_its_frame() -> None:
    make_item(time_s=1.0, rest_since_s=1.0)
    with pytest.raises(ValueError, match="before the item came to rest"):
        make_item(time_s=1.0, rest_since_s=1.001)


def test_values_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        make_item().number = 2  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        make_item().frame.pixels[0, 0, 0] = 1


@pytest.mark.parametrize(
    ("probabilities", "text"),
    [
        ([0.5, 0.4], "sum to"),
        ([0.7, 0.4], "sum to"),
        ([1.1, -0.1], "sum to"),
        ([float("nan"), 1.0], "sum to"),
        ([0.3, 0.3, 0.4], "2 labels"),
    ],
)
def test_a_prediction_must_be_a_distribution_over_its_labels(probabilities: list[float], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        Prediction(("a", "b"), np.array(probabilities, np.float32), 0.0)


@pytest.mark.parametrize("score", [float("nan"), float("inf")])
def test_a_score_is_a_number(score: float) -> None:
    with pytest.raises(ValueError, match="score is"):
        make_prediction({"glass": 0.5}, score=score)


@given(st.lists(st.floats(0.01, 1), min_size=2, max_size=8))
def test_label_and_confidence_are_those_of_the_likeliest(weights: list[float]) -> None:
    labels = [f"l{number}" for number in range(len(weights))]
    shares = [weight / sum(weights) for weight in weights]
    prediction = make_prediction(shares, labels)
    assert prediction.confidence == pytest.approx(max(shares), abs=1e-6)
    assert shares[labels.index(prediction.label)] == pytest.approx(max(shares), abs=1e-6)


@pytest.mark.parametrize(("views", "agreement"), [(0, 1.0), (-1, 1.0), (1, -0.1), (1, 1.1), (1, float("nan"))])
def test_a_verdict_without_views_or_with_impossible_agreement_is_refused(views: int, agreement: float) -> None:
    with pytest.raises(ValueError, match="verdict"):
        Verdict(make_item(), make_prediction({"glass": 0.5}), views, agreement)


def test_reasons_are_the_words_of_the_event_log() -> None:
    assert [reason.value for reason in Reason] == ["confident", "unsure", "hazard", "unknown", "several", "full"]


def test_an_item_is_at_least_one_thing() -> None:
    assert make_item().object_count == 1
    with pytest.raises(ValueError, match="object_count is 0"):
        replace(make_item(), object_count=0)
