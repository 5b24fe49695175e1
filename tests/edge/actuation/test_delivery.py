"""The delivery: it says what becomes of an item after its flap opened, and commands nothing."""

from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from edge.actuation.delivery import DIFFERS_S, MAX_ATTENDED_OPENINGS, MOST_HOMINGS, Delivery, DeliveryState
from edge.sight.snapshot import TraySnapshot
from edge.sight.thing_tracker import ThingTally
from edge.values import Item
from tests.builders.values import make_event, make_item, make_mask

BEFORE = TraySnapshot(np.zeros((2, 2, 3), np.float32), np.zeros((2, 2), np.bool_), None, 60.0)
"""The stand-in for the tray compares nothing."""


@dataclass
class ScriptedTray:
    """What the tray shows, as the test says."""

    is_empty: bool = False
    is_edge_crossed: bool = False
    unchanged: bool = False
    alike: bool = False
    is_surface: bool = False
    things: ThingTally = field(default_factory=ThingTally)

    def is_unchanged_since(self, before: TraySnapshot) -> bool:
        return self.unchanged

    def resembles(self, before: TraySnapshot) -> bool:
        return self.alike


EMPTY = ScriptedTray(is_empty=True)
SAME = ScriptedTray(unchanged=True)
ALIKE = ScriptedTray(alike=True)
OTHER = ScriptedTray()

LATER_S = 1.0 + DIFFERS_S
"""When a thing that ``make_item`` shows first has been seen long enough to be another one than one that is stuck, in seconds."""


def make_delivery(*, retries: int = 1) -> Delivery:
    delivery = Delivery(make_event(1), BEFORE, ThingTally(came=1), retries=retries)
    delivery.note_flap_home()
    return delivery


def see(
    delivery: Delivery,
    tray: ScriptedTray,
    item: Item | None = None,
    *,
    home: bool = True,
    interrupted: bool = False,
    hand: bool = False,
    inhibited: bool = False,
) -> DeliveryState:
    return delivery.advance(
        item, tray, is_flap_home=home, opening_interrupted=interrupted, hand_in=hand, inhibited=inhibited
    )


def test_nothing_is_said_before_the_flap_is_home_again() -> None:
    delivery = Delivery(make_event(1), BEFORE, ThingTally(came=1), retries=1)
    assert see(delivery, EMPTY) is DeliveryState.UNDER_WAY
    delivery.note_flap_home()
    assert see(delivery, EMPTY, home=False) is DeliveryState.UNDER_WAY
    assert see(delivery, EMPTY) is DeliveryState.GONE


def test_what_is_not_at_rest_is_waited_for() -> None:
    assert see(make_delivery(), SAME, None) is DeliveryState.UNDER_WAY


def test_another_item_number_means_that_it_fell() -> None:
    assert see(make_delivery(), OTHER, make_item(2)) is DeliveryState.GONE


@pytest.mark.parametrize(("interrupted", "state"), [(False, DeliveryState.REPLACED), (True, DeliveryState.INTERRUPTED)])
def test_another_thing_under_the_same_number_was_put_down_meanwhile(interrupted: bool, state: DeliveryState) -> None:
    assert see(make_delivery(), OTHER, make_item(1), interrupted=interrupted) is state


def test_an_item_that_slid_is_the_same_unless_something_may_have_come() -> None:
    assert see(make_delivery(), ALIKE, make_item(1)) is DeliveryState.REMAINS
    for note in (Delivery.note_company, lambda one: see(one, ScriptedTray(is_edge_crossed=True))):
        delivery = make_delivery()
        note(delivery)
        assert see(delivery, ALIKE, make_item(1)) is DeliveryState.REPLACED


@pytest.mark.parametrize("retries", [0, 1, 3])
def test_it_is_stuck_after_its_retries(retries: int) -> None:
    delivery = make_delivery(retries=retries)
    for _ in range(retries):
        assert see(delivery, SAME, make_item(1)) is DeliveryState.REMAINS
        delivery.note_reopened()
        assert see(delivery, SAME, make_item(1)) is DeliveryState.UNDER_WAY, "its flap is out"
        delivery.note_flap_home()
    assert not delivery.is_stuck
    assert see(delivery, SAME, make_item(1)) is DeliveryState.STUCK
    assert delivery.is_stuck


def test_only_after_its_last_opening_what_looks_like_the_tray_is_a_stain() -> None:
    surface = ScriptedTray(unchanged=True, is_surface=True)
    delivery = make_delivery(retries=1)
    assert see(delivery, surface, make_item(1)) is DeliveryState.REMAINS
    delivery.note_reopened()
    delivery.note_flap_home()
    assert see(delivery, surface, make_item(1)) is DeliveryState.STAIN


def test_only_a_hand_that_was_in_and_has_gone_gives_a_stuck_item_one_more_opening() -> None:
    delivery = make_delivery(retries=0)
    assert see(delivery, SAME, make_item(1), hand=True) is DeliveryState.STUCK, "the hand came before it was stuck"
    assert see(delivery, SAME, make_item(1)) is DeliveryState.STUCK
    assert see(delivery, SAME, make_item(1), hand=True, inhibited=True) is DeliveryState.STUCK
    assert see(delivery, SAME, make_item(1)) is DeliveryState.REMAINS
    delivery.note_reopened()
    delivery.note_flap_home()
    assert see(delivery, SAME, make_item(1)) is DeliveryState.STUCK


def test_hands_give_a_stuck_item_two_more_openings_at_most() -> None:
    delivery = make_delivery(retries=0)
    assert see(delivery, SAME, make_item(1)) is DeliveryState.STUCK
    states = []
    for _ in range(MAX_ATTENDED_OPENINGS + 2):
        see(delivery, SAME, make_item(1), hand=True, inhibited=True)
        states.append(see(delivery, SAME, make_item(1)))
        if states[-1] is DeliveryState.REMAINS:
            delivery.note_reopened()
            delivery.note_flap_home()
    assert states == [DeliveryState.REMAINS] * MAX_ATTENDED_OPENINGS + [DeliveryState.STUCK] * 2


def test_a_stuck_item_is_the_same_in_any_light_and_place_until_something_comes() -> None:
    delivery = make_delivery(retries=0)
    assert see(delivery, SAME, make_item(1)) is DeliveryState.STUCK
    changed = ScriptedTray(things=ThingTally(came=1))
    assert see(delivery, changed, make_item(1)) is DeliveryState.STUCK
    changed.things = ThingTally(came=2)
    assert see(delivery, changed, make_item(1)) is DeliveryState.STUCK, "not yet"
    assert see(delivery, changed, make_item(1, LATER_S)) is DeliveryState.REPLACED


def test_a_lamp_that_takes_its_time_makes_no_other_item_of_one_that_is_stuck() -> None:
    delivery = make_delivery(retries=0)
    other = ScriptedTray(things=ThingTally(came=1, unseen=1))
    for begin_s in (1.0, 11.0):
        assert see(delivery, SAME, make_item(1, begin_s)) is DeliveryState.STUCK
        assert see(delivery, other, make_item(1, begin_s + 0.1)) is DeliveryState.STUCK
        assert see(delivery, other, make_item(1, begin_s + 0.05 + DIFFERS_S)) is DeliveryState.STUCK
    assert see(delivery, other, make_item(1, 11.1 + DIFFERS_S)) is DeliveryState.REPLACED


@pytest.mark.parametrize(
    ("share", "state"), [(0.51, DeliveryState.STUCK), (0.5, DeliveryState.STUCK), (0.4, DeliveryState.REPLACED)]
)
def test_of_a_stuck_item_at_least_half_must_be_there_still(share: float, state: DeliveryState) -> None:
    before = replace(BEFORE, mask=make_mask())
    delivery = Delivery(make_event(1), before, ThingTally(came=1), retries=0)
    delivery.note_flap_home()
    assert see(delivery, SAME, make_item(1)) is DeliveryState.STUCK
    mask = replace(make_mask(), area=share * make_mask().area)
    see(delivery, ScriptedTray(things=ThingTally(came=1)), replace(make_item(1), mask=mask))
    left = replace(make_item(1, LATER_S), mask=mask)
    assert see(delivery, ScriptedTray(things=ThingTally(came=1)), left) is state


def test_what_came_and_vanished_since_the_decision_is_counted_and_nothing_before_it() -> None:
    delivery = Delivery(make_event(1), BEFORE, ThingTally(came=4, taken=1, vanished=2), retries=1)
    assert (delivery.joined(ThingTally(4, 1, 2)), delivery.fell(ThingTally(4, 1, 2))) == (0, 0)
    assert (delivery.joined(ThingTally(6, 2, 4)), delivery.fell(ThingTally(6, 2, 4))) == (2, 2)


def test_what_may_have_come_or_gone_unseen_is_not_counted() -> None:
    delivery = Delivery(make_event(1), BEFORE, ThingTally(came=1, unseen=1), retries=1)
    now = ThingTally(came=2, vanished=2, unseen=2)
    assert (delivery.joined(now), delivery.fell(now)) == (None, None)


def test_every_state_but_four_is_an_end() -> None:
    going_on = {DeliveryState.UNDER_WAY, DeliveryState.UNCLEAR, DeliveryState.REMAINS, DeliveryState.STUCK}
    assert {state for state in DeliveryState if not state.is_end} == going_on


def see_after_homings(
    delivery: Delivery, homings: int, box: tuple[float, float, float, float], tray: ScriptedTray = OTHER
) -> DeliveryState:
    """What is said of something else than the item, whose flap was sent home again so often."""
    seen = replace(make_item(1), mask=make_mask(box))
    for _ in range(homings):
        assert see(delivery, OTHER, seen) is DeliveryState.UNCLEAR
        delivery.note_homed_again(seen)
        assert see(delivery, EMPTY) is DeliveryState.UNDER_WAY, "the flap is on its way"
        delivery.note_flap_home()
    return see(delivery, tray, seen)


def delivery_in_view(*, in_view: bool = True) -> Delivery:
    delivery = Delivery(
        make_event(1), replace(BEFORE, mask=make_mask()), ThingTally(came=1), retries=1, in_view=in_view
    )
    delivery.note_flap_home()
    return delivery


WIDE = (0.1, 0.1, 0.9, 0.9)
CROSSED = ScriptedTray(is_edge_crossed=True)


@pytest.mark.parametrize("box", [WIDE, (0.26, 0.26, 0.74, 0.74), (0.6, 0.1, 0.9, 0.9)])
def test_what_came_over_no_edge_may_be_the_flap_which_goes_home_again(box: tuple[float, float, float, float]) -> None:
    assert see_after_homings(delivery_in_view(), MOST_HOMINGS - 1, box) is DeliveryState.UNCLEAR
    assert see_after_homings(delivery_in_view(in_view=False), 0, box) is DeliveryState.REPLACED
    assert see_after_homings(delivery_in_view(), 0, box, CROSSED) is DeliveryState.REPLACED, (
        "somebody may have put it there"
    )


@pytest.mark.parametrize(
    ("box", "state"),
    [
        (WIDE, DeliveryState.UNCLEAR),
        ((0.26, 0.26, 0.74, 0.74), DeliveryState.REPLACED),
        ((0.6, 0.1, 0.9, 0.9), DeliveryState.REPLACED),
    ],
    ids=["hides the item's place", "no larger", "elsewhere"],
)
def test_only_what_hides_the_items_place_is_no_item_however_often_the_flap_went_home(
    box: tuple[float, float, float, float], state: DeliveryState
) -> None:
    assert see_after_homings(delivery_in_view(), MOST_HOMINGS, box) is state


def test_a_flap_is_suspected_once_homing_did_not_help_whoever_comes_then() -> None:
    delivery = delivery_in_view()
    assert see_after_homings(delivery, MOST_HOMINGS, WIDE) is DeliveryState.UNCLEAR
    assert not delivery.is_flap_suspected
    assert see_after_homings(delivery, 1, WIDE, CROSSED) is DeliveryState.UNCLEAR
    assert delivery.is_flap_suspected


def test_a_flap_that_closes_a_little_each_time_it_is_sent_home_is_no_thing() -> None:
    delivery = delivery_in_view()
    for right in (0.9, 0.85, 0.8, 0.75, 0.7):
        assert see_after_homings(delivery, 1, (0.6, 0.1, right, 0.9)) is DeliveryState.UNCLEAR
    assert see_after_homings(delivery, 1, (0.6, 0.1, 0.7, 0.9)) is DeliveryState.REPLACED
