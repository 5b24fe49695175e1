"""The bins of taught labels: the configuration's, else the model's, else the residual bin."""

import pytest

from edge.config.schema import DecisionConfig
from edge.inference.taught_classifier import answers_of
from edge.service.answering import decision_for_taught, no_bin_sentence
from edge.service.factories import make_policy
from edge.values import Reason
from tests.builders.heads import make_base, make_head
from tests.builders.values import make_prediction

BASE = make_base(bins={"metal": "packaging", "glass": "glass"})
DECISION = DecisionConfig(labels={"Cup": "paper", "can": "packaging", "battery": "residual"}, hazards=("battery",))
NAMES = ("paper", "packaging", "glass", "residual")


def test_each_label_gets_its_bin_and_what_has_none_is_named() -> None:
    answers = answers_of(make_head(("cup", "glass", "peel", "battery"), (0, 1, 2, 3)))
    decision, without = decision_for_taught(DECISION, answers, BASE, bins=NAMES)
    assert decision.labels == {"cup": "paper", "glass": "glass", "peel": "residual", "battery": "residual"}
    assert decision.hazards == ("battery",)
    assert without == ("peel",)
    assert no_bin_sentence(without, DECISION).startswith("taught label peel: without a bin, goes to residual; add it")
    assert no_bin_sentence(("cup", "peel"), DECISION).startswith(
        "taught labels cup, peel: without bins, go to residual"
    )


def test_a_bin_that_the_model_suggests_and_the_bin_lacks_does_not_count() -> None:
    answers = answers_of(make_head(("cup", "glass")))
    assert decision_for_taught(DECISION, answers, BASE, bins=("paper", "residual"))[1] == ("glass",)
    assert decision_for_taught(DECISION, answers, BASE)[1] == ()


@pytest.mark.parametrize(
    ("asked", "reason"), [("model", Reason.UNKNOWN), (3.5, Reason.UNKNOWN), ("never", Reason.CONFIDENT)]
)
def test_strangers_are_told_by_the_heads_own_limit_unless_never(asked: str | float, reason: Reason) -> None:
    answers = answers_of(make_head(("cup", "can")))
    decision, _ = decision_for_taught(DECISION.model_copy(update={"unknown": asked}), answers, BASE)
    policy = make_policy(decision, answers)
    name, found, _ = policy.choose_bin(make_prediction({"cup": 0.99}, ("cup", "can"), score=0.2))
    assert found is reason
    assert name == ("paper" if reason is Reason.CONFIDENT else "residual")
    assert policy.choose_bin(make_prediction({"cup": 0.99}, ("cup", "can"), score=0.8))[1] is Reason.CONFIDENT
