"""Tests of the accounts and what is kept of passwords."""

import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.page.access import password
from edge.page.access.accounts import MOST_ACCOUNTS, MOST_ENDED, AccountError, Accounts
from edge.page.access.password import PasswordRefusedError, hash_password, is_password
from edge.page.access.roles import Role

WORDS = "correct horse battery"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "accounts.json"


@pytest.fixture
def accounts(file: Path) -> Accounts:
    found = Accounts(file)
    found.add("ada", Role.SET_UP, WORDS)
    return found


def test_an_account_is_there_after_a_restart(accounts: Accounts, file: Path) -> None:
    accounts.add("bob", Role.LOOK, WORDS)
    again = Accounts(file)
    assert again.all() == accounts.all()
    found = again.check("bob", WORDS)
    assert found is not None
    assert found.role is Role.LOOK


def test_only_the_right_password_opens(accounts: Accounts) -> None:
    assert accounts.check("ada", WORDS) is not None
    assert accounts.check("ada", f"{WORDS} ") is None
    assert accounts.check("bob", WORDS) is None
    assert accounts.check("ada", "") is None


def test_only_its_owner_may_read_the_file_and_no_password_is_in_it(accounts: Accounts, file: Path) -> None:
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "correct" not in file.read_text()


@pytest.mark.parametrize("name", ["", "a b", "a" * 41, "../x", "a\n", "<b>"])
def test_a_name_that_cannot_be_one_is_refused(accounts: Accounts, name: str) -> None:
    with pytest.raises(AccountError, match="letters"):
        accounts.add(name, Role.LOOK, WORDS)


def test_a_name_is_given_once_and_there_are_not_too_many(accounts: Accounts) -> None:
    with pytest.raises(AccountError, match="ada"):
        accounts.add("ada", Role.LOOK, WORDS)
    for number in range(MOST_ACCOUNTS - 1):
        accounts.add(f"guest{number}", Role.LOOK, WORDS)
    with pytest.raises(AccountError, match=str(MOST_ACCOUNTS)):
        accounts.add("one-more", Role.LOOK, WORDS)


def test_somebody_can_always_set_up(accounts: Accounts) -> None:
    accounts.add("bob", Role.TEACH, WORDS)
    for change in (lambda: accounts.remove("ada"), lambda: accounts.set_role("ada", Role.LOOK)):
        with pytest.raises(AccountError, match="Nobody"):
            change()
    accounts.set_role("bob", Role.SET_UP)
    accounts.remove("ada")
    assert [one.name for one in accounts.all()] == ["bob"]


def test_what_is_not_there_cannot_be_changed(accounts: Accounts) -> None:
    for change in (
        lambda: accounts.remove("bob"),
        lambda: accounts.set_role("bob", Role.LOOK),
        lambda: accounts.set_password("bob", WORDS),
        lambda: accounts.end_sessions("bob"),
    ):
        with pytest.raises(AccountError, match="bob"):
            change()


def test_another_password_ends_the_sessions(accounts: Accounts) -> None:
    before = accounts.all()[0].epoch
    assert accounts.set_password("ada", "another long one").epoch == before + 1
    assert accounts.check("ada", WORDS) is None
    assert accounts.check("ada", "another long one") is not None


def test_ended_sessions_are_remembered_and_bounded(accounts: Accounts, file: Path) -> None:
    for number in range(MOST_ENDED + 5):
        accounts.end_session(f"session{number}")
    again = Accounts(file)
    assert not again.has_ended("session4")
    assert again.has_ended("session5")
    assert again.has_ended(f"session{MOST_ENDED + 4}")


def test_a_change_that_cannot_be_written_did_not_happen(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("edge.page.access.accounts.write_whole", full)
    with pytest.raises(OSError, match="No space"):
        accounts.add("bob", Role.LOOK, WORDS)
    assert [one.name for one in accounts.all()] == ["ada"]


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"null", b'{"format": 2, "accounts": [], "ended": []}', b"[" * 100_000, b"\xff\xfe"],
)
def test_a_damaged_file_is_set_aside(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert len(Accounts(file)) == 0
    assert file.with_name("accounts.json.damaged-1").read_bytes() == content


def test_a_role_that_is_none_is_damage(accounts: Accounts, file: Path) -> None:
    found = json.loads(file.read_text())
    found["accounts"][0]["role"] = "king"
    file.write_text(json.dumps(found))
    assert len(Accounts(file)) == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_no_damage(accounts: Accounts, file: Path) -> None:
    file.chmod(0)
    with pytest.raises(PermissionError):
        Accounts(file)


def test_after_a_reset_there_is_no_account(accounts: Accounts, file: Path) -> None:
    accounts.clear()
    assert len(Accounts(file)) == 0


@given(st.text(min_size=10, max_size=60).filter(lambda text: text.isprintable()), st.text(max_size=60))
def test_a_hash_fits_its_password_alone(right: str, other: str) -> None:
    kept = hash_password(right)
    assert is_password(right, kept)
    assert is_password(other, kept) == (other == right)


def test_the_same_password_is_kept_differently() -> None:
    assert hash_password(WORDS) != hash_password(WORDS)


@pytest.mark.parametrize("text", ["", "a" * 9, "a" * 257])
def test_a_password_is_neither_short_nor_endless(text: str) -> None:
    with pytest.raises(PasswordRefusedError, match="characters"):
        hash_password(text)


def test_a_hash_of_another_kind_is_an_error() -> None:
    with pytest.raises(ValueError, match="scrypt"):
        is_password(WORDS, "md5$1$1$1$AAAA$AAAA")


def test_a_real_hash_takes_16_megabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert 128 * password.N * password.R == 16 * 2**20
    kept = hash_password(WORDS)
    assert kept.startswith("scrypt$16384$8$5$")
    assert is_password(WORDS, kept)
