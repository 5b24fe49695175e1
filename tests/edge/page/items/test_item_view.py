"""Why an item went where it did: the bins' shares and what the rules ask for."""

from dataclasses import replace

import pytest

from edge.page.items.bin_rules import BinRules
from edge.page.items.item_filter import REASONS
from edge.page.items.item_view import OUTCOME_TEXTS, REASON_TEXTS, ItemView, view_item
from edge.records.event_schema import OUTCOMES, EventRow
from edge.values import Reason
from tests.builders.page import SETTINGS

EVENT = EventRow(
    id=1,
    session=1,
    number=7,
    time_s=1.0,
    wall_s=2.0,
    wall_synced=True,
    label="glass",
    confidence=0.5,
    probabilities={"glass": 0.4, "Metal": 0.1, "trash": 0.2, "cup": 0.3},
    bin="residual",
    reason="unsure",
    views=4,
    agreement=1.0,
    rest_to_decision_s=0.4,
    latency_ms=2.0,
    image=None,
    outcome="done",
    score=None,
    things=1,
    joined=0,
    fell=1,
)


def view(**settings: object) -> ItemView:
    return view_item(EVENT, replace(SETTINGS, **settings), BinRules({"glass": 0.7}), {})  # type: ignore[arg-type]


def test_a_bin_has_the_sum_of_its_labels_and_unknown_ones_are_residual() -> None:
    found = view()
    shares = dict(found.bin_shares)
    assert shares["residual"] == pytest.approx(0.5)
    assert (shares["glass"], shares["metal"]) == (0.4, 0.1)
    assert (found.wanted_bin, found.wanted_share, found.least) == ("glass", 0.4, 0.7)


def test_without_a_bin_nothing_is_said_of_bins() -> None:
    found = view(labels={}, residual_bin="")
    assert (found.bin_shares, found.wanted_bin, found.least) == ((), None, None)
    assert [label for label, _ in found.label_shares] == ["glass", "cup", "trash", "Metal"]


def test_every_reason_and_outcome_has_a_name() -> None:
    assert set(REASONS) == set(REASON_TEXTS) == {one.value for one in Reason}
    assert set(OUTCOME_TEXTS) == set(OUTCOMES)
