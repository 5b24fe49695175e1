"""The policy: the bin with the lowest expected cost, and the residual bin for hazards and uncertain items."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from edge.decision.policy import Policy
from edge.values import Reason
from tests.builders.configuration import BINS
from tests.builders.values import LABELS, make_verdict

BIN_NAMES = ("glass", "packaging", "paper", "residual")


def make_policy(**changes: Any) -> Policy:
    values: dict[str, Any] = {
        "bins": BINS,
        "residual_bin": "residual",
        "contamination_cost": 3.0,
        "residual_cost": 1.0,
    }
    return Policy(**(values | changes))


@st.composite
def situations(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, float]]:
    """Options of a policy, and what is believed of an item."""
    weights = draw(st.lists(st.floats(0, 1), min_size=6, max_size=6).filter(lambda found: sum(found) > 0.1))
    options: dict[str, Any] = {
        "bins": {label: draw(st.sampled_from(BIN_NAMES)) for label in LABELS},
        "contamination_cost": draw(st.floats(0.1, 100)),
        "residual_cost": draw(st.floats(0.1, 100)),
        "min_confidence": draw(st.just(0.0) | st.floats(0, 1)),
        "bin_confidence": draw(st.dictionaries(st.sampled_from(BIN_NAMES), st.floats(0, 1))),
        "hazards": draw(st.lists(st.sampled_from(LABELS), unique=True, max_size=2)),
        "hazard_confidence": draw(st.floats(0, 1)),
    }
    return options, {label: weight / sum(weights) for label, weight in zip(LABELS, weights, strict=True)}


def cost(options: dict[str, Any], probabilities: dict[str, float], name: str) -> float:
    """What is to be expected of putting the item into a bin, counted label by label."""
    wrong = sum(p for label, p in probabilities.items() if options["bins"][label] != name)
    return float(options["residual_cost" if name == "residual" else "contamination_cost"] * wrong)


@given(situations())
def test_the_bin_is_the_cheapest_or_the_residual_one_for_a_reason(
    situation: tuple[dict[str, Any], dict[str, float]],
) -> None:
    options, probabilities = situation
    decision = make_policy(**options).decide(make_verdict(probabilities))
    assert decision.bin in BIN_NAMES
    assert decision.expected_cost == pytest.approx(cost(options, probabilities, decision.bin), abs=1e-4)
    cheapest = min(cost(options, probabilities, name) for name in BIN_NAMES)
    belief = sum(p for label, p in probabilities.items() if options["bins"][label] == decision.bin)
    if decision.reason is Reason.HAZARD:
        assert decision.bin == "residual"
    elif decision.bin != "residual":
        assert decision.expected_cost == pytest.approx(cheapest, abs=1e-4)
        assert belief >= options["bin_confidence"].get(decision.bin, options["min_confidence"]) - 1e-5
        assert decision.reason is Reason.CONFIDENT
    elif decision.expected_cost > cheapest + 1e-4:
        assert decision.reason is Reason.UNSURE, "only too little confidence makes the dearer residual bin right"
        assert options["min_confidence"] > 0 or any(options["bin_confidence"].values())


@given(situations())
def test_a_hazard_never_reaches_another_bin(situation: tuple[dict[str, Any], dict[str, float]]) -> None:
    options, probabilities = situation
    hazard = sum(probabilities[label] for label in options["hazards"])
    assume(abs(hazard - options["hazard_confidence"]) > 1e-4)
    decision = make_policy(**options).decide(make_verdict(probabilities))
    is_hazard = bool(options["hazards"]) and hazard > options["hazard_confidence"]
    assert (decision.reason is Reason.HAZARD) == is_hazard
    if is_hazard:
        assert decision.bin == "residual"


def test_several_hazards_count_together() -> None:
    policy = make_policy(hazards=("glass", "metal"), hazard_confidence=0.3)
    assert policy.decide(make_verdict({"glass": 0.2, "metal": 0.2, "paper": 0.6})).reason is Reason.HAZARD
    assert policy.decide(make_verdict({"glass": 0.1, "metal": 0.1, "paper": 0.8})).reason is Reason.CONFIDENT


def test_a_hazard_is_kept_back_even_when_another_label_is_likelier() -> None:
    policy = make_policy(hazards=("metal",), hazard_confidence=0.2)
    decision = policy.decide(make_verdict({"paper": 0.75, "metal": 0.25}))
    assert (decision.bin, decision.reason) == ("residual", Reason.HAZARD)


@pytest.mark.parametrize(("share", "expected"), [(0.64, "residual"), (0.69, "glass")])
def test_the_threshold_is_one_minus_the_ratio_of_the_costs(share: float, expected: str) -> None:
    verdict = make_verdict({"glass": share, "paper": 1 - share, "trash": 0.0})
    decision = make_policy().decide(verdict)
    assert decision.bin == expected
    assert decision.reason is (Reason.CONFIDENT if expected == "glass" else Reason.UNSURE)


def test_labels_of_one_bin_add_up() -> None:
    decision = make_policy().decide(make_verdict({"metal": 0.45, "plastic": 0.45, "glass": 0.1, "trash": 0.0}))
    assert (decision.bin, decision.reason) == ("packaging", Reason.CONFIDENT)


def test_dearer_contamination_makes_the_bin_more_careful() -> None:
    verdict = make_verdict({"glass": 0.8, "paper": 0.2})
    assert make_policy(contamination_cost=3).decide(verdict).bin == "glass"
    assert make_policy(contamination_cost=10).decide(verdict).bin == "residual"


def test_what_belongs_in_the_residual_bin_goes_there_confidently() -> None:
    decision = make_policy().decide(make_verdict({"trash": 0.9}))
    assert (decision.bin, decision.reason) == ("residual", Reason.CONFIDENT)


@pytest.mark.parametrize("label", ["glass", "trash"])
def test_below_the_least_confidence_every_item_is_unsure(label: str) -> None:
    decision = make_policy(min_confidence=0.95).decide(make_verdict({label: 0.9}))
    assert (decision.bin, decision.reason) == ("residual", Reason.UNSURE)


def test_a_bin_may_have_a_threshold_of_its_own() -> None:
    policy = make_policy(min_confidence=0.7, bin_confidence={"glass": 0.95, "paper": 0.1})
    assert policy.decide(make_verdict({"glass": 0.9})).reason is Reason.UNSURE
    assert policy.decide(make_verdict({"glass": 0.96})).bin == "glass"
    # The costs still have their say below min_confidence, and bins without a threshold go by that.
    assert policy.decide(make_verdict({"paper": 0.69, "trash": 0.0})).bin == "paper"
    assert policy.decide(make_verdict({"paper": 0.5, "glass": 0.5})).bin == "residual"
    assert policy.decide(make_verdict({"metal": 0.69, "trash": 0.0, "glass": 0.31})).reason is Reason.UNSURE


def test_what_the_model_does_not_know_goes_to_the_residual_bin() -> None:
    policy = make_policy(min_ood_score=3.0)
    for score, expected in ((2.99, ("residual", Reason.UNKNOWN)), (3.0, ("glass", Reason.CONFIDENT))):
        decision = policy.decide(make_verdict({"glass": 0.99}, score=score))
        assert (decision.bin, decision.reason) == expected
    assert policy.decide(make_verdict({"glass": 0.99})).reason is Reason.UNKNOWN, "no score is no proof of being known"
    assert make_policy().decide(make_verdict({"glass": 0.99}, score=-99.0)).bin == "glass"


def test_a_hazard_is_a_hazard_even_when_unknown() -> None:
    policy = make_policy(min_ood_score=3.0, hazards=("metal",))
    assert policy.decide(make_verdict({"metal": 0.9}, score=0.0)).reason is Reason.HAZARD


def test_a_residual_bin_that_no_label_belongs_to_is_still_there() -> None:
    bins = dict.fromkeys(LABELS, "glass") | {"paper": "paper"}
    decision = make_policy(bins=bins).decide(make_verdict({"paper": 0.5}))
    assert (decision.bin, decision.reason) == ("residual", Reason.UNSURE)


def test_between_equals_the_residual_bin_is_chosen() -> None:
    policy = Policy(
        bins={"glass": "glass", "trash": "residual"}, residual_bin="residual", contamination_cost=1, residual_cost=1
    )
    assert policy.decide(make_verdict([0.5, 0.5], ("glass", "trash"))).bin == "residual"


@given(situations())
def test_several_things_go_to_the_residual_bin_whatever_they_are(
    situation: tuple[dict[str, Any], dict[str, float]],
) -> None:
    options, probabilities = situation
    one = make_verdict(probabilities)
    two = replace(one, item=replace(one.item, object_count=2))
    decision = make_policy(**options).decide(two)
    assert (decision.bin, decision.reason) == ("residual", Reason.SEVERAL)
    assert decision.expected_cost == pytest.approx(cost(options, probabilities, "residual"), abs=1e-4)
    assert make_policy(**options).decide(one).reason is not Reason.SEVERAL


@given(situations())
def test_what_belongs_into_a_full_bin_goes_to_the_residual_one(
    situation: tuple[dict[str, Any], dict[str, float]],
) -> None:
    options, probabilities = situation
    policy, one = make_policy(**options), make_verdict(probabilities)
    own = policy.decide(one)
    others = {*BINS.values()} - {own.bin, "residual"}
    same = policy.decide(one, full=others)
    assert (same.bin, same.reason, same.expected_cost) == (own.bin, own.reason, own.expected_cost)
    decision = policy.decide(one, full={own.bin} - {"residual"})
    assert decision.bin == "residual"
    assert decision.reason is (own.reason if own.bin == "residual" else Reason.FULL)
    assert decision.expected_cost == pytest.approx(cost(options, probabilities, "residual"), abs=1e-4)


def test_several_things_are_several_also_when_their_bin_is_full() -> None:
    one = make_verdict({"glass": 0.99})
    two = replace(one, item=replace(one.item, object_count=2))
    assert make_policy().decide(two, full={"glass"}).reason is Reason.SEVERAL


def test_the_bounds_themselves_count() -> None:
    """0.5 and 0.25 are exact in binary."""
    verdict = make_verdict({"glass": 0.5, "trash": 0.25, "paper": 0.25})
    assert make_policy(hazards=["trash"], hazard_confidence=0.25).decide(verdict).reason is Reason.HAZARD
    assert make_policy(residual_cost=1000.0, min_confidence=0.5).decide(verdict).bin == "glass"
    assert make_policy(residual_cost=1000.0, bin_confidence={"glass": 0.5}).decide(verdict).bin == "glass"


def test_a_decision_carries_its_verdict() -> None:
    verdict = make_verdict({"glass": 1.0})
    assert make_policy().decide(verdict).verdict is verdict


def test_a_bin_asks_for_what_its_threshold_and_the_costs_ask_for() -> None:
    policy = Policy(
        bins={"glass": "glass", "paper": "paper", "trash": "residual"},
        residual_bin="residual",
        contamination_cost=4.0,
        residual_cost=1.0,
        min_confidence=0.6,
        bin_confidence={"paper": 0.9},
    )
    assert policy.least_probabilities() == {"glass": 0.75, "paper": 0.9}
