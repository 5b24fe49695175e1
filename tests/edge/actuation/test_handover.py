"""A decided item is handed over only if a fresh picture shows it as it was."""

from types import SimpleNamespace
from typing import Any

import pytest

from edge.actuation.handover import Handover, HandoverState
from edge.values import Item
from tests.builders.values import make_item


class Tray:
    """What the newest frame shows, compared with the decision."""

    def __init__(
        self, *, unchanged: bool = False, alike: bool = False, crossed: bool = False, empty: bool = False
    ) -> None:
        self.unchanged, self.alike, self.is_edge_crossed, self.is_empty = unchanged, alike, crossed, empty

    def is_unchanged_since(self, before: Any) -> bool:
        return self.unchanged

    def resembles(self, before: Any) -> bool:
        return self.alike


DECIDED = make_item(7)


def handover() -> Handover:
    write: Any = SimpleNamespace()
    before: Any = SimpleNamespace()
    return Handover(DECIDED, write, before)


@pytest.mark.parametrize(
    ("item", "tray", "state"),
    [
        (DECIDED, Tray(), HandoverState.SAME),
        (make_item(7), Tray(unchanged=True), HandoverState.SAME),
        (make_item(7), Tray(alike=True), HandoverState.SAME),
        (make_item(7), Tray(), HandoverState.CHANGED),
        (make_item(8), Tray(unchanged=True), HandoverState.GONE),
        (None, Tray(empty=True), HandoverState.GONE),
        (None, Tray(), HandoverState.UNSEEN),
        (None, Tray(crossed=True, unchanged=True), HandoverState.UNSEEN),
    ],
)
def test_what_a_picture_says_of_it(item: Item | None, tray: Tray, state: HandoverState) -> None:
    assert handover().look(item, tray) is state


def test_what_may_have_got_company_must_look_just_as_it_did() -> None:
    crossed, told = handover(), handover()
    crossed.look(None, Tray(crossed=True))
    told.note_company()
    for one in (crossed, told):
        assert one.look(make_item(7), Tray(alike=True)) is HandoverState.CHANGED
        assert one.look(make_item(7), Tray(unchanged=True)) is HandoverState.SAME


def test_another_number_of_things_is_not_alike() -> None:
    pair = Item(DECIDED.frame, DECIDED.mask, DECIDED.box_xyxy, 7, 0.5, object_count=2)
    assert handover().look(pair, Tray(alike=True)) is HandoverState.CHANGED
