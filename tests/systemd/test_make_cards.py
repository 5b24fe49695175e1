"""First-boot files of many cards are those that ship with the values of a row, and no row that would not work gets any."""

import base64
import importlib
import io
import os
import struct
import subprocess
import sys
import tarfile
import zoneinfo
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.paths import ROOT

SCRIPT = ROOT / "systemd" / "firstboot" / "make_cards.py"
sys.path.insert(0, str(SCRIPT.parent))  # as for a script: its modules lie beside it
card, card_files, card_table, make_cards = map(
    importlib.import_module, ("card", "card_files", "card_table", "make_cards")
)
sys.path.remove(str(SCRIPT.parent))

HEAD = "host_name,key,bin_name,wifi_name,wifi_password,wifi_country\n"


def make_key(kind: str = "ssh-ed25519", number: bytes = bytes(32), *middle: bytes) -> str:
    fields = [kind.encode(), *middle, number]
    blob = b"".join(struct.pack(">I", len(one)) + one for one in fields)
    return f"{kind} {base64.b64encode(blob).decode()} you@office"


KEY = make_key()


def read(folder: Path, text: str) -> list[object]:
    (folder / "bins.csv").write_text(text, encoding="utf-8")
    cards: list[object] = card_table.read_table(folder / "bins.csv")
    return cards


def make_archive(path: Path, name: str = "sorter/systemd/install.sh") -> Path:
    with tarfile.open(path, "w:gz") as archive:
        archive.addfile(tarfile.TarInfo(name), io.BytesIO())
    return path


def files_of(row: str, tmp_path: Path) -> dict[str, object]:
    (only,) = read(tmp_path, HEAD + row)
    files = card_files.make_files(only, "--persistent-journal")
    return {name: yaml.safe_load(text) for name, text in files.items()}


def test_twenty_cards_come_from_one_table(tmp_path: Path) -> None:
    rows = "".join(f"bin-{number:02},{KEY},Hall {number},Guests,correct horse,NO\n" for number in range(1, 21))
    (tmp_path / "bins.csv").write_text(HEAD + rows, encoding="utf-8")
    make_archive(tmp_path / "sorter.tar.gz")
    command = [sys.executable, SCRIPT, "bins.csv", "cards", "--archive", "sorter.tar.gz", "--watchdog"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert "20 cards" in done.stdout
    folders = sorted((tmp_path / "cards").iterdir())
    assert [folder.name for folder in folders] == [f"bin-{number:02}" for number in range(1, 21)]
    for folder in folders:
        assert folder.stat().st_mode & 0o077 == 0, "it holds the Wi-Fi's password"
        assert sorted(file.name for file in folder.iterdir()) == [
            "meta-data",
            "network-config",
            "sorter.tar.gz",
            "user-data",
        ]
        made = yaml.safe_load((folder / "user-data").read_text(encoding="utf-8"))
        assert {file["path"]: file["content"] for file in made["write_files"]}["/etc/sorter-options"] == (
            "--persistent-journal --watchdog\n"
        )


def test_it_finds_what_lies_beside_it_whatever_the_environment_says(tmp_path: Path) -> None:
    command = [sys.executable, SCRIPT, "--help"]
    environment = {**os.environ, "PYTHONSAFEPATH": "1"}
    subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, timeout=60, check=True)


def test_a_card_has_the_values_of_its_row_and_all_else_as_it_ships(tmp_path: Path) -> None:
    made = files_of(f'no,{KEY},"Foyer, left",Cafe é,"pass""word#1: x",NO\n', tmp_path)
    shipped = yaml.safe_load((SCRIPT.parent / "user-data").read_text(encoding="utf-8"))
    user_data = made["user-data"]
    assert isinstance(user_data, dict)
    assert user_data["hostname"] == "no", "a text, and not false"
    (account,) = user_data["users"]
    assert account.pop("ssh_authorized_keys") == [KEY]
    assert account.pop("sudo") == "ALL=(ALL) NOPASSWD:ALL"
    assert [account] == shipped["users"], "no password that others know"
    assert user_data["ssh_pwauth"] is False
    info = {"path": "/etc/machine-info", "content": 'PRETTY_HOSTNAME="Foyer, left"\n'}
    assert user_data["write_files"] == [info, *shipped["write_files"]]
    assert {
        key: value for key, value in user_data.items() if key not in ("hostname", "users", "write_files", "timezone")
    } == {key: value for key, value in shipped.items() if key not in ("hostname", "users", "write_files", "timezone")}
    network = made["network-config"]
    assert isinstance(network, dict)
    wifi = network["network"]["wifis"]["wlan0"]
    assert wifi["regulatory-domain"] == "NO"
    assert wifi["access-points"] == {"Cafe é": {"password": 'pass"word#1: x'}}
    assert "ethernets" in network["network"]
    assert made["meta-data"] == {"dsmode": "local", "instance-id": "no-1"}


def test_without_a_wifi_the_network_is_the_one_that_ships(tmp_path: Path) -> None:
    made = files_of(f"bin-1,{KEY},,,,\n", tmp_path)
    assert made["network-config"] == yaml.safe_load((SCRIPT.parent / "network-config").read_text(encoding="utf-8"))


def test_a_key_may_stand_in_its_file_beside_the_table(tmp_path: Path) -> None:
    (tmp_path / "office.pub").write_text(f"{KEY}\n")
    made = files_of("bin-1,office.pub,,,,\n", tmp_path)
    assert isinstance(made["user-data"], dict)
    assert made["user-data"]["users"][0]["ssh_authorized_keys"] == [KEY]


def test_a_table_with_semicolons_and_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    text = "\ufeff" + f"host_name;key;bin_name\r\nbin-1;{KEY};Hall\r\n\r\nbin-2;{KEY};\r\n"
    assert [getattr(card, "host_name", None) for card in read(tmp_path, text)] == ["bin-1", "bin-2"]


WRONG = {
    "a host name twice": (f"bin-1,{KEY},,,,\nbin-1,{KEY},,,,\n", "line 3: host_name 'bin-1': line 2 has it already"),
    "capitals": (f"Bin-1,{KEY},,,,\n", "line 2: host_name 'Bin-1'"),
    "a host name with a dot": (f"bin.hall,{KEY},,,,\n", "line 2: host_name"),
    "a long host name": (f"{'b' * 64},{KEY},,,,\n", "line 2: host_name"),
    "no key": ("bin-1,,,,,\n", "line 2: key"),
    "the example's key": ("bin-1,ssh-ed25519 AAAA... you@office,,,,\n", "line 2: key ssh-ed25519: is cut"),
    "an empty key": ("bin-1,ssh-ed25519,,,,\n", "is cut or changed"),
    "a key that was cut": (f"bin-1,{KEY.split()[0]} {KEY.split()[1][:40]},,,,\n", "is cut or changed"),
    "a key of another kind": (f"bin-1,{KEY.replace('ssh-ed25519 ', 'ssh-rsa ')},,,,\n", "is cut or changed"),
    "a weak key": (f"bin-1,{make_key('ssh-rsa', bytes([1]) * 128, b'e')},,,,\n", "1024 bits"),
    "a private key": ("bin-1,-----BEGIN OPENSSH PRIVATE KEY-----,,,,\n", "private key"),
    "a missing key file": ("bin-1,office.pub,,,,\n", "line 2: key 'office.pub'"),
    "a short password": (f"bin-1,{KEY},,Guests,hunter2,GB\n", "wifi_password: has 7 characters"),
    "a password with a letter that WPA has not": (
        f"bin-1,{KEY},,Guests,correct hörse,GB\n",
        "wifi_password: has 13 characters, number 10 is none of ASCII",
    ),
    "a long password": (f"bin-1,{KEY},,Guests,{'x' * 64},GB\n", "wifi_password: has 64 characters"),
    "no country": (f"bin-1,{KEY},,Guests,correct horse,\n", "wifi_country ''"),
    "a password without a network": (f"bin-1,{KEY},,,correct horse,\n", "wifi_name: missing"),
    "a long network name": (f"bin-1,{KEY},,{'é' * 17},correct horse,GB\n", "wifi_name: expected at most 32 bytes"),
    "a name that a shell would run": (f"bin-1,{KEY},$(reboot),,,\n", "bin_name '$(reboot)': has '$'"),
    "a name that shows nothing": (f"bin-1,{KEY},Hall\u200b2,,,\n", "has '\\u200b'"),
    "a long name": (f"bin-1,{KEY},{'n' * 65},,,\n", "has 65 characters"),
    "more values than columns": (f"bin-1,{KEY},,,,,,more\n", "more values than columns"),
    "an empty table": ("", "has no row"),
}
"""Case -> rows, and what is said."""


@pytest.mark.parametrize(("rows", "said"), WRONG.values(), ids=WRONG.keys())
def test_a_row_that_would_not_work_is_told_with_its_line(rows: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(card.CardError) as caught:
        read(tmp_path, HEAD + rows)
    assert said in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("head", ["", "host_name\n", "host_name,key,pasword\n", "host_name,key,key\n"])
def test_columns_that_are_missing_or_misspelt_are_told(head: str, tmp_path: Path) -> None:
    with pytest.raises(card.CardError, match=r"line 1: .*columns are host_name, key"):
        read(tmp_path, head)


def test_all_errors_are_told_at_once_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bins.csv").write_text(f"{HEAD}bin-1,{KEY},,,,\nBIN,{KEY},,,,\nbin-3,,,,,\n")
    monkeypatch.setattr(sys, "argv", ["make_cards.py", str(tmp_path / "bins.csv"), str(tmp_path / "cards")])
    assert make_cards.main() == 65
    assert len(capsys.readouterr().err.splitlines()) == 2
    assert not (tmp_path / "cards").exists()


def test_the_example_is_refused_until_it_has_a_key() -> None:
    with pytest.raises(card.CardError) as caught:
        card_table.read_table(SCRIPT.parent / "bins.csv")
    assert [line.partition(": ")[2][:4] for line in str(caught.value).splitlines()] == ["key ", "key "]


@pytest.mark.skipif(not zoneinfo.available_timezones(), reason="no time zones here")
def test_a_time_zone_is_one_that_there_is(tmp_path: Path) -> None:
    head = "host_name,key,timezone\n"
    read(tmp_path, f"{head}bin-1,{KEY},Europe/London\n")
    with pytest.raises(card.CardError, match="timezone 'Europe/Londn'"):
        read(tmp_path, f"{head}bin-1,{KEY},Europe/Londn\n")


def test_a_country_is_one_that_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "iso3166.tab").write_text("# a list\nGB\tBritain (UK)\n", encoding="utf-8")
    monkeypatch.setattr("zoneinfo.TZPATH", (str(tmp_path / "missing"), str(tmp_path)))
    card._countries.cache_clear()
    try:
        read(tmp_path, f"{HEAD}bin-1,{KEY},,Guests,correct horse,GB\n")
        with pytest.raises(card.CardError, match="wifi_country 'UK'"):
            read(tmp_path, f"{HEAD}bin-1,{KEY},,Guests,correct horse,UK\n")
    finally:
        card._countries.cache_clear()


def make_one(folder: Path, monkeypatch: pytest.MonkeyPatch, *options: str) -> int:
    (folder / "bins.csv").write_text(f"{HEAD}bin-1,{KEY},,,,\n", encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["make_cards.py", str(folder / "bins.csv"), str(folder / "cards"), *options])
    code: int = make_cards.main()
    return code


@pytest.mark.parametrize("kind", ["missing", "a folder", "no archive", "cut", "another project's", "a folder too deep"])
def test_an_archive_that_would_not_install_makes_no_folder(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "sorter.tar.gz"
    if kind == "a folder":
        path.mkdir()
    elif kind == "no archive":
        path.write_bytes(b"junk")
    elif kind == "cut":
        content = make_archive(path).read_bytes()
        path.write_bytes(content[: len(content) // 2])
    elif kind != "missing":
        make_archive(path, {"another project's": "other/setup.py"}.get(kind, "./sorter/systemd/install.sh"))
    assert make_one(tmp_path, monkeypatch, "--archive", str(path)) == 65
    said = capsys.readouterr().err
    assert f"--archive {path}: " in said
    assert "git archive" in said
    assert not (tmp_path / "cards").exists()


@pytest.mark.parametrize("given_archive", [True, False])
def test_who_gives_no_archive_is_told_to_copy_it(
    given_archive: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = make_archive(tmp_path / "sorter.tar.gz")
    assert make_one(tmp_path, monkeypatch, *(["--archive", str(archive)] if given_archive else [])) == 0
    assert ("sorter.tar.gz" in capsys.readouterr().out) is not given_archive
    assert (tmp_path / "cards" / "bin-1" / "sorter.tar.gz").exists() is given_archive


@settings(max_examples=25)
@given(
    name=st.text(st.characters(codec="utf-8"), max_size=40),
    wifi=st.text(st.characters(codec="utf-8"), min_size=1, max_size=12),
    password=st.text(st.characters(codec="ascii"), max_size=70),
)
def test_whatever_is_accepted_is_read_back_from_the_files(name: str, wifi: str, password: str) -> None:
    made = card.Card("bin-1", KEY, name, wifi, password, "GB")
    if list(card.check_card(made)):
        return
    files = {key: yaml.safe_load(text) for key, text in card_files.make_files(made, "").items()}
    assert files["network-config"]["network"]["wifis"]["wlan0"]["access-points"] == {wifi: {"password": password}}
    written = {file["path"]: file["content"] for file in files["user-data"]["write_files"]}
    assert written.get("/etc/machine-info", "") == (f'PRETTY_HOSTNAME="{name}"\n' if name else "")
