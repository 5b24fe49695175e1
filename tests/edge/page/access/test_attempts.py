"""Tests of how long failed attempts have to wait."""

import pytest

from edge.page.access.attempts import FORGET_S, FREE, LONGEST_OF_ACCOUNT_S, LONGEST_S, MOST, Attempts, network_of
from hardware.clock import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def attempts(clock: ManualClock) -> Attempts:
    return Attempts(clock)


def test_a_few_failures_are_free(attempts: Attempts) -> None:
    for _ in range(FREE - 1):
        attempts.fail("192.168.1.5", "ada")
    assert attempts.wait_s("192.168.1.5", "ada") == 0


def test_each_further_failure_doubles_the_wait_up_to_a_limit(attempts: Attempts, clock: ManualClock) -> None:
    waits = []
    for _ in range(40):
        attempts.fail("192.168.1.5", "ada")
        waits.append(attempts.wait_s("192.168.1.5", "bob"))
        clock.advance(waits[-1])
        assert attempts.wait_s("192.168.1.5", "bob") == 0
    assert waits[FREE - 1 : FREE + 3] == [2, 4, 8, 16]
    assert waits[-1] == LONGEST_S


def test_who_guesses_does_not_lock_the_owner_out_for_long(attempts: Attempts) -> None:
    for number in range(100):
        attempts.fail(f"192.168.1.{number}", "ada")
    assert 0 < attempts.wait_s("192.168.2.9", "ada") <= LONGEST_OF_ACCOUNT_S


def test_success_and_time_make_it_forget(attempts: Attempts, clock: ManualClock) -> None:
    for _ in range(FREE + 3):
        attempts.fail("192.168.1.5", "ada")
    attempts.succeed("192.168.1.5", "ada")
    assert attempts.wait_s("192.168.1.5", "ada") == 0
    for _ in range(FREE + 3):
        attempts.fail("192.168.1.5", "ada")
    clock.advance(FORGET_S + 1)
    attempts.fail("192.168.1.5", "ada")
    assert attempts.wait_s("192.168.1.5", "ada") == 0


def test_what_is_remembered_is_bounded(attempts: Attempts) -> None:
    for number in range(2 * MOST):
        attempts.fail(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", f"name{number}")
    assert len(attempts._failures) == MOST


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::2", True),
        ("::ffff:192.168.1.5", "192.168.1.5", True),
        ("192.168.1.5", "192.168.1.6", False),
        ("nonsense", "", False),
    ],
)
def test_addresses_of_one_network_count_together(one: str, other: str, same: bool) -> None:
    assert (network_of(one) == network_of(other)) is same
