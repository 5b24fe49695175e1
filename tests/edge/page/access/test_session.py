"""Tests of sessions and their cookies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.page.access.session import IDLE_S, LONGEST_S, RENEW_S, Session, SessionSigner

SIGNER = SessionSigner(b"k" * 32)

SESSION = Session.begin("ada", 3, 1000.0)


def test_a_cookie_gives_its_session_back() -> None:
    assert SIGNER.read(SIGNER.cookie(SESSION), wall_s=1001.0) == SESSION


@pytest.mark.parametrize(
    ("wall_s", "good"),
    [(1000 + IDLE_S - 1, True), (1000 + IDLE_S + 1, False), (1000 - RENEW_S - 1, False), (1000 - RENEW_S + 1, True)],
)
def test_a_session_ends_when_it_is_not_used_or_the_clock_goes_back(wall_s: float, good: bool) -> None:
    assert (SIGNER.read(SIGNER.cookie(SESSION), wall_s=wall_s) is not None) is good


def test_a_session_in_use_ends_after_all() -> None:
    used = Session(SESSION.id, "ada", 3, began_wall_s=1000.0, signed_wall_s=1000.0 + LONGEST_S)
    cookie = SIGNER.cookie(used)
    assert SIGNER.read(cookie, wall_s=1000.0 + LONGEST_S - 1) is not None
    assert SIGNER.read(cookie, wall_s=1000.0 + LONGEST_S + 1) is None


@given(st.text(max_size=300))
def test_what_is_made_up_is_no_cookie(text: str) -> None:
    assert SIGNER.read(text, wall_s=1000.0) is None


@given(st.data())
def test_a_changed_cookie_is_no_cookie(data: st.DataObject) -> None:
    cookie = SIGNER.cookie(SESSION)
    at = data.draw(st.integers(0, len(cookie) - 1))
    letter = data.draw(st.characters(min_codepoint=33, max_codepoint=126).filter(lambda one: one != cookie[at]))
    assert SIGNER.read(cookie[:at] + letter + cookie[at + 1 :], wall_s=1000.0) is None


def test_another_key_and_another_purpose_make_other_signatures() -> None:
    assert SessionSigner(b"x" * 32).read(SIGNER.cookie(SESSION), wall_s=1000.0) is None
    assert SIGNER.read(f"{SESSION.id}.{SIGNER.form_token(SESSION)}", wall_s=1000.0) is None


def test_no_two_sessions_are_alike() -> None:
    other = Session.begin("ada", 3, 1000.0)
    assert other.id != SESSION.id
    assert SIGNER.form_token(other) != SIGNER.form_token(SESSION)
