"""Event logs that were set aside are in a backup, and a restore puts them where ``sorter events --repair`` finds them."""

import os
from pathlib import Path

import pytest

from edge.backup import archive
from edge.backup.checked import check_backup
from edge.backup.contents import log_name_of
from edge.backup.plan import plan_restore
from edge.backup.restore import restore
from edge.backup.writer import write_backup
from edge.cli import main
from edge.config.file import load_config
from edge.errors import BackupError
from edge.records.event_log import EventLog
from edge.records.set_aside_logs import set_aside_logs
from tests.builders.configuration import write_config
from tests.builders.values import make_event


def make_bin(folder: Path, log_name: str = "events.sqlite") -> Path:
    """A bin whose first log, with event 1 in its database and event 2 in its write-ahead log, was set aside."""
    config_file = write_config(folder / "config.yaml", {"event_log": {"file": f"state/{log_name}"}})
    file = folder / "state" / log_name
    with EventLog(file) as log:
        log.start_session(wall_s=1000.0, model="m")
        log.record(make_event(1))
    with EventLog(file) as log:
        log.start_session(wall_s=1500.0, model="m")
        log.record(make_event(2))
        parts = {part: file.with_name(f"{log_name}{part}").read_bytes() for part in ("", "-wal")}
    for part, content in parts.items():
        file.with_name(f"{log_name}.damaged-1{part}").write_bytes(content)
    file.unlink()
    with EventLog(file) as log:
        log.start_session(wall_s=2000.0, model="m")
        log.record(make_event(3))
    return config_file


def back_up(config_file: Path, target: Path) -> list[str]:
    made = write_backup(target, config_file, load_config(config_file), pictures=False, made_wall_s=1000.0)
    return [entry.name for entry in made.manifest.files]


def numbers(log: Path) -> list[int]:
    with EventLog(log, read_only=True) as events:
        return sorted(row["number"] for row in events.events())


@pytest.mark.parametrize("log_name", ["events.sqlite", "items.db"])
def test_the_events_of_a_log_that_was_set_aside_survive_a_new_card(
    log_name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    old = make_bin(tmp_path / "old", log_name)
    monkeypatch.chdir(old.parent)
    assert main(["backup", "../bin.tar.gz"]) == 0
    said = capsys.readouterr().out
    assert "events.sqlite.damaged-1, events.sqlite.damaged-1-wal, events.sqlite;" in said
    assert "events.sqlite.damaged-1: set aside and not repaired" in caplog.text
    caplog.clear()
    new = tmp_path / "new"
    new.mkdir()
    monkeypatch.chdir(new)
    assert main(["restore", "../bin.tar.gz", "--check"]) == 0
    assert "set aside and not repaired" in caplog.text
    assert main(["restore", "../bin.tar.gz"]) == 0
    file = new / "state" / log_name
    assert [path.name for path in set_aside_logs(file)] == [f"{log_name}.damaged-1"]
    assert numbers(file) == [3]
    assert main(["events", "--repair"]) == 0
    assert numbers(file) == [1, 2, 3]


def test_a_part_that_was_set_aside_alone_is_taken_along(tmp_path: Path) -> None:
    config_file = make_bin(tmp_path / "old")
    state = tmp_path / "old" / "state"
    (state / "events.sqlite.damaged-1").unlink()
    (state / "events.sqlite-wal.damaged-3").write_bytes(b"part")
    (state / "events.sqlite.damaged-2.repaired").write_bytes(b"its events are in the log")
    (state / "events.sqlite.replaced-1").write_bytes(b"another bin's")
    names = back_up(config_file, tmp_path / "bin.tar.gz")
    aside = {"events.sqlite.damaged-1-wal", "events.sqlite-wal.damaged-3"}
    assert set(names) == {"config.yaml", "events.sqlite", *aside}


def test_a_log_set_aside_while_the_backup_is_made_is_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config_file = make_bin(tmp_path / "old")
    (tmp_path / "old" / "state" / "events.sqlite.damaged-1-wal").unlink()
    late = iter([[], [tmp_path / "old" / "state" / "events.sqlite.damaged-1"]])
    monkeypatch.setattr("edge.backup.writer.set_aside_logs", lambda log: next(late))
    assert "events.sqlite.damaged-1" in back_up(config_file, tmp_path / "bin.tar.gz")


def test_a_log_that_cannot_be_read_makes_no_backup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config_file = make_bin(tmp_path / "old")
    back_up(config_file, tmp_path / "bin.tar.gz")
    before = (tmp_path / "bin.tar.gz").read_bytes()
    open_file = os.open

    def fails(path: Path, *arguments: int) -> int:
        if str(path).endswith(".damaged-1"):
            raise OSError(5, "Input/output error")
        descriptor: int = open_file(path, *arguments)
        return descriptor

    monkeypatch.setattr("os.open", fails)
    with pytest.raises(BackupError, match=r"damaged-1: cannot be taken along: .*Input/output error"):
        back_up(config_file, tmp_path / "bin.tar.gz")
    assert (tmp_path / "bin.tar.gz").read_bytes() == before


@pytest.mark.parametrize("missing", ["", "-wal"])
def test_parts_of_two_logs_of_one_name_never_mix(missing: str, tmp_path: Path) -> None:
    old, new = make_bin(tmp_path / "old"), make_bin(tmp_path / "new")
    there, taken = tmp_path / "new" / "state", tmp_path / "old" / "state"
    taken.joinpath(f"events.sqlite.damaged-1{missing}").unlink()
    before = {path.name: path.read_bytes() for path in there.glob("events.sqlite.damaged-1*")}
    back_up(old, tmp_path / "bin.tar.gz")
    restore(plan_restore(check_backup(tmp_path / "bin.tar.gz"), new, anywhere=False), force=True)
    kept = {
        path.name.replace(".replaced-1", ""): path.read_bytes()
        for path in there.glob("events.sqlite.damaged-1*replaced-1*")
    }
    assert kept == before
    assert {path.name: path.read_bytes() for path in set_aside_logs(there / "events.sqlite")} == {
        path.name: path.read_bytes() for path in set_aside_logs(taken / "events.sqlite")
    }


@pytest.mark.parametrize(
    ("name", "log"),
    [
        ("events.sqlite", "events.sqlite"),
        ("events.sqlite.damaged-2-wal", "events.sqlite.damaged-2"),
        ("events.sqlite-wal.newer-1", "events.sqlite-wal.newer-1"),
        ("events.sqlite.damaged-1.repaired", None),
        ("events.sqlite.damaged-1/../x", None),
        ("events.sqlite.lock", None),
    ],
)
def test_a_file_of_a_log_is_known_by_its_name(name: str, log: str | None) -> None:
    assert log_name_of(name) == log


def test_a_log_that_a_dying_card_filled_with_zeros_is_taken_along(tmp_path: Path) -> None:
    config_file = make_bin(tmp_path / "old")
    with (tmp_path / "old" / "state" / "events.sqlite.damaged-2").open("wb") as file:
        file.truncate(8_000_000)
    assert "events.sqlite.damaged-2" in back_up(config_file, tmp_path / "bin.tar.gz")
    assert (tmp_path / "bin.tar.gz").stat().st_size < 8_000_000 / archive.MOST_RATIO


def test_a_log_of_ten_million_events_may_be_all_zeros() -> None:
    assert archive.most_unpacked(0) > 3_000_000_000


def test_a_backup_that_no_restore_would_accept_names_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "FREE_BYTES", 1_000_000)
    config_file = make_bin(tmp_path / "old")
    with (tmp_path / "old" / "state" / "events.sqlite.damaged-2").open("wb") as file:
        file.truncate(3_000_000)
    with pytest.raises(BackupError, match=r"state/events\.sqlite\.damaged-2: 3 MB, nearly all of it zeros; .*--repair"):
        back_up(config_file, tmp_path / "bin.tar.gz")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old"]
