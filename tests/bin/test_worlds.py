"""Random worlds that attack the bin: whatever people, cameras and drives do, no rule is broken, judged by the truth.

``make test-worlds`` plays ten thousand of them; ``python -m tests.worlds --seed N`` replays one.
"""

from collections import Counter

import pytest

from edge.guard.permit import Permit
from tests.worlds.play import WorldReport, report

WORLDS, BATCH = 10, 10

ONCE_BROKEN = (
    67,
    1069,
    1120,
    1915,
    2597,
    2816,
    4945,
    4963,
    5288,
    5309,
    5898,
    5955,
    6607,
    6860,
    7408,
    7409,
    8015,
    9433,
    20177,
    40024,
    40116,
    40697,
    40815,
    41301,
    50494,
    50502,
    50505,
    60084,
    70186,
    71850,
    101236,
    102535,
    105911,
)
"""Worlds in which a rule was broken before it was mended."""


@pytest.mark.parametrize("first", range(0, WORLDS, BATCH))
def test_no_rule_is_broken_in_random_worlds(first: int) -> None:
    reports = [report(seed) for seed in range(first, first + BATCH)]
    assert [(one.seed, one.violations, one.error) for one in reports if not one.ok] == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", ONCE_BROKEN)
def test_no_rule_is_broken_again_where_it_once_was(seed: int) -> None:
    one = report(seed)
    assert (one.violations, one.error) == ([], None)


def test_a_bin_without_its_guard_breaks_the_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge sees what the guard keeps from happening."""
    monkeypatch.setattr(Permit, "holds", lambda permit, now_s: True)
    reports = [report(seed) for seed in range(BATCH)]
    rules = Counter(name for one in reports for _, name, _ in one.violations)
    assert rules["NO_PERSON"] >= 2, rules


def test_worlds_are_no_empty_rooms() -> None:
    """People come while flaps move, and the judge has something to judge."""
    reports = [report(seed) for seed in range(WORLDS, WORLDS + BATCH)]
    assert all(one.error is None for one in reports), reports
    assert sum(one.openings for one in reports) >= BATCH / 2
    assert sum(one.items for one in reports) >= BATCH
    assert Counter(name for one in reports for name in one.exceptions) or any(one.violations for one in reports)


def test_a_number_is_played_the_same_every_time() -> None:
    one, again = (plain(report(9)) for _ in range(2))
    assert one == again


def plain(one: WorldReport) -> tuple[object, ...]:
    return one.seed, one.violations, one.exceptions, one.simulated_s, one.items, one.openings, one.longest_on_s
