"""A backup holds who may log in to the page, for the bin that is made of it."""

import json
import stat
import tarfile
from pathlib import Path

import pytest

from edge.backup.accounts import ACCOUNTS_NAME, accounts_place, check_accounts
from edge.backup.checked import check_backup
from edge.backup.plan import plan_restore
from edge.backup.restore import restore
from edge.backup.writer import write_backup
from edge.config.file import load_config
from edge.config.schema import Config
from edge.page.access.door import PageDoor
from edge.page.access.roles import Role
from hardware.clock import ManualClock
from tests.builders.configuration import write_config

PASSWORD = "a few words in a row"


def made_bin(folder: Path) -> Config:
    return load_config(write_config(folder / "config.yaml"))


def door_of(config: Config) -> PageDoor:
    return PageDoor(accounts_place(config).parent, ManualClock())


def back_up(folder: Path, config: Config) -> Path:
    target = folder / "bin.tar.gz"
    write_backup(target, folder / "config.yaml", config, pictures=False, made_wall_s=1000.0)
    return target


def test_accounts_come_back_and_sessions_do_not(tmp_path: Path) -> None:
    config = made_bin(tmp_path / "one")
    door = door_of(config)
    cookie = door.open_session(door.accounts.add("owner", Role.SET_UP, PASSWORD))
    target = back_up(tmp_path / "one", config)
    with tarfile.open(target) as archive:
        assert ACCOUNTS_NAME in archive.getnames()
        assert not any("session" in name or "changes" in name for name in archive.getnames())
    other = tmp_path / "two" / "config.yaml"
    other.parent.mkdir()
    restore(plan_restore(check_backup(target), other, anywhere=False), force=False)
    found = load_config(other)
    restored = door_of(found)
    account = restored.accounts.check("owner", PASSWORD)
    assert account is not None
    assert account.role is Role.SET_UP
    assert restored.visitor(cookie) is None
    assert stat.S_IMODE(accounts_place(found).stat().st_mode) == 0o600


def test_a_bin_without_accounts_has_a_backup_without_them(tmp_path: Path) -> None:
    config = made_bin(tmp_path)
    with tarfile.open(back_up(tmp_path, config)) as archive:
        assert ACCOUNTS_NAME not in archive.getnames()


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", "7", '{"format": 1, "accounts": [1]}', '{"format": "x", "accounts": []}']
)
def test_what_is_no_file_of_accounts_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / ACCOUNTS_NAME
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=r".+"):
        check_accounts(path)


def test_the_pages_own_file_is_one(tmp_path: Path) -> None:
    config = made_bin(tmp_path)
    door_of(config).accounts.add("owner", Role.LOOK, PASSWORD)
    check_accounts(accounts_place(config))
    assert json.loads(accounts_place(config).read_bytes())["accounts"][0]["name"] == "owner"
