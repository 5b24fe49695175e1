"""A contact that bounces is told from one that was opened, and told of when it does so too often."""

import pytest

from edge.actuation.debounce import BOUNCE_S, CHATTER_S, CHATTER_SHARE, Debounce

LOOK_S = 1 / 15


def looked_at(contact: Debounce, on_s: float, off_s: float, seconds: float, *, look_s: float = LOOK_S) -> list[bool]:
    """Looks at a contact that comes and goes; whether it is on for long, at each."""
    long, now_s = [], 0.0
    while now_s < seconds:
        contact.add((now_s % (on_s + off_s)) < on_s, now_s)
        long.append(contact.is_long)
        now_s += look_s
    return long


@pytest.mark.parametrize(("on_s", "off_s"), [(0.05, 0.65), (0.1, 0.6), (0.1, 5.0)])
def test_bounces_are_no_opening(on_s: float, off_s: float) -> None:
    assert not any(looked_at(Debounce(), on_s, off_s, 60.0))


def test_what_stays_on_is_an_opening_until_it_is_off() -> None:
    long = looked_at(Debounce(), 8.0, 0.5, 8.4)
    assert long.index(True) * LOOK_S == pytest.approx(BOUNCE_S, abs=LOOK_S)
    assert all(long[long.index(True) : int(8.0 / LOOK_S)])
    assert not any(long[int(8.0 / LOOK_S) + 2 :])


def test_short_gaps_belong_to_an_opening() -> None:
    """A lid that stands open with a bad contact."""
    contact = Debounce()
    for number in range(500):
        is_on = number % 15 < 10
        contact.add(is_on, 0.02 * number)
        assert contact.is_long is (is_on and number > 12)
    assert not contact.chatters


@pytest.mark.parametrize(
    ("on_s", "off_s", "chatters"),
    [(0.1, 0.6, True), (0.1, 1.2, True), (0.1, 4.0, False), (8.0, 0.5, False), (2.0, 8.0, False)],
)
def test_a_contact_chatters_by_share_of_time(on_s: float, off_s: float, chatters: bool) -> None:
    """Once in four seconds is a light barrier on a busy day; openings are no bounces."""
    contact = Debounce()
    looked_at(contact, on_s, off_s, 120.0, look_s=0.02)
    assert contact.chatters is chatters


def test_a_contact_that_no_longer_chatters_is_forgiven() -> None:
    contact = Debounce()
    looked_at(contact, 0.1, 0.6, 120.0)
    assert contact.chatters
    for second in range(121, 200):
        contact.add(False, float(second))
    assert not contact.chatters


def test_one_that_cannot_be_read_may_be_open() -> None:
    contact = Debounce()
    contact.add(None, 1.0)
    assert contact.is_long


def test_it_is_an_opening_from_the_bound_on_and_a_bounce_below_it() -> None:
    contact = Debounce()
    contact.add(True, 1.0)
    contact.add(True, 1.0 + BOUNCE_S)
    assert contact.is_long
    contact = Debounce()
    # On for just that long, for a third of the time.
    looked_at(contact, BOUNCE_S, 2 * BOUNCE_S, 120.0, look_s=BOUNCE_S / 2)
    assert not contact.chatters


def test_a_gap_of_the_bound_ends_an_opening() -> None:
    contact = Debounce()
    for is_on, now_s in ((True, 0.0), (False, 1.0), (False, 1.0 + BOUNCE_S), (True, 1.5)):
        contact.add(is_on, now_s)
    assert not contact.is_long


def test_it_chatters_from_a_second_of_bounces_on_and_no_longer_when_half_a_second_is_left() -> None:
    contact = Debounce()
    looked_at(contact, 0.1, 0.3, 3.2, look_s=0.05)
    assert not contact.chatters, "eight bounces"
    looked_at(contact, 0.1, 0.3, 200.0, look_s=0.05)
    assert contact.chatters
    # At most two seconds are held against it, of which each second takes 0.05.
    forgiven = [second for second in range(201, 260) if contact.add(False, float(second)) or not contact.chatters]
    assert forgiven[0] - 200 == pytest.approx((2 * CHATTER_S - CHATTER_S / 2) / CHATTER_SHARE, abs=2.0)
