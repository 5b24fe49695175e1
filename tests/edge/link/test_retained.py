"""What the broker keeps is sent when it changes, not too often, and all of it on a new connection."""

import random

from edge.link.reconnect import FIRST_S, LONGEST_S, STEADY_S, ReconnectPause
from edge.link.retained import RetainedValues


class Slate:
    def __init__(self) -> None:
        self.values = RetainedValues()
        self.sent: list[tuple[str, bytes]] = []

    def at(self, now_s: float) -> list[tuple[str, bytes]]:
        """What is sent at a time."""
        self.sent = []
        self.values.flush(now_s, lambda topic, payload: self.sent.append((topic, payload)))
        return self.sent


def test_a_value_is_sent_once() -> None:
    slate = Slate()
    slate.values.put("a", b"1", every_s=10)
    assert slate.at(0) == [("a", b"1")]
    slate.values.put("a", b"1", every_s=10)
    assert slate.at(100) == []


def test_a_value_that_changes_often_is_sent_now_and_then_and_the_newest_counts() -> None:
    slate = Slate()
    sent = []
    for second in range(35):
        slate.values.put("a", b"%d" % second, every_s=10)
        sent += slate.at(second)
    assert sent == [("a", b"0"), ("a", b"10"), ("a", b"20"), ("a", b"30")]


def test_the_last_change_is_sent_although_nothing_changes_after_it() -> None:
    slate = Slate()
    slate.values.put("a", b"1", every_s=10)
    slate.at(0)
    slate.values.put("a", b"2", every_s=10)
    assert slate.at(9) == []
    assert slate.at(10) == [("a", b"2")]


def test_a_new_connection_gets_all_at_once() -> None:
    slate = Slate()
    slate.values.put("a", b"1", every_s=10)
    slate.values.put("b", b"2", every_s=10)
    slate.at(0)
    slate.values.forget()
    assert slate.at(0.1) == [("a", b"1"), ("b", b"2")]


def test_pauses_between_connections_are_drawn_from_ranges_that_grow_to_two_minutes() -> None:
    drawn = [[pause.next_s() for _ in range(12)] for pause in (ReconnectPause(random.Random(n)) for n in range(200))]
    for number, pauses in enumerate(zip(*drawn, strict=True)):
        most_s = min(FIRST_S * 2 ** (number + 1), LONGEST_S)
        assert FIRST_S <= min(pauses) < FIRST_S + 0.1 * most_s
        assert 0.9 * most_s < max(pauses) <= most_s


def test_after_a_connection_that_held_the_pause_is_short_again_and_after_one_that_did_not_it_is_not() -> None:
    class Most(random.Random):
        def uniform(self, a: float, b: float) -> float:
            return b

    pause = ReconnectPause(Most())
    assert [pause.next_s() for _ in range(8)] == [2, 4, 8, 16, 32, 64, 120, 120]
    assert pause.next_s(held_s=STEADY_S - 1) == 120
    assert pause.next_s(held_s=STEADY_S) == 2
