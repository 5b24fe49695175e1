"""``sorter events --repair``: what can be read of a damaged event log is saved, once."""

import json
import shlex
from pathlib import Path

import pytest

from edge.cli import main
from edge.records.event_log import EventLog
from edge.records.salvage import salvage
from tests.builders.values import make_event

Capture = pytest.CaptureFixture[str]

EVENTS = 80

PAGE = 4096


@pytest.fixture
def log(config_file: Path) -> Path:
    """The event log of the configuration, with events."""
    path = config_file.parent / "state" / "events.sqlite"
    write(path, range(1, EVENTS + 1))
    return path


def write(path: Path, numbers: range) -> None:
    with EventLog(path) as log:
        log.start_session(wall_s=float(numbers.start), model="m")
        for number in numbers:
            log.record(make_event(number, wall_s=1000.0 + number))
        log.end_session(wall_s=2.0)


def damage(path: Path) -> None:
    content = path.read_bytes()
    page = content.index(b"confident") // PAGE  # the first with events
    path.write_bytes(content[: page * PAGE] + bytes(PAGE) + content[(page + 1) * PAGE :])


def repair(config: Path, capsys: Capture, *arguments: str) -> str:
    capsys.readouterr()
    assert main(["events", "--config", str(config), "--repair", *arguments]) == 0
    return capsys.readouterr().out


def listed(config: Path, capsys: Capture) -> list[int]:
    capsys.readouterr()
    assert main(["events", "--config", str(config), "--json"]) == 0
    return [json.loads(line)["number"] for line in capsys.readouterr().out.splitlines()]


def test_events_of_logs_that_were_set_aside_are_listed_again_before_the_new_ones(
    log: Path, config_file: Path, capsys: Capture, caplog: pytest.LogCaptureFixture
) -> None:
    damage(log)
    write(log, range(500, 503))
    assert listed(config_file, capsys) == [500, 501, 502]
    assert "the events of events.sqlite.damaged-1 are not listed" in caplog.text
    aside = log.with_name("events.sqlite.damaged-1")
    saved = [event["number"] for event in salvage(aside).events]
    assert 0 < len(saved) < EVENTS
    told = repair(config_file, capsys)
    lost = EVENTS - len(saved)
    assert told == f"{aside}: {len(saved)} events saved in {log}, 0 were there already, at least {lost} are lost\n"
    assert listed(config_file, capsys) == [*saved, 500, 501, 502]
    assert not aside.exists()
    assert aside.with_name("events.sqlite.damaged-1.repaired").exists(), "nothing is deleted"
    assert repair(config_file, capsys) == f"{log}: no event log was set aside there, nothing to repair\n"


def test_a_log_that_the_sorter_has_not_set_aside_yet_is_repaired_as_well(
    log: Path, config_file: Path, capsys: Capture
) -> None:
    damage(log)
    assert "events saved" in repair(config_file, capsys)
    assert len(listed(config_file, capsys)) > EVENTS / 2


def test_a_file_is_repaired_as_often_as_one_likes_without_a_row_doubled(
    log: Path, config_file: Path, tmp_path: Path, capsys: Capture
) -> None:
    other = tmp_path / "copy.sqlite"
    other.write_bytes(log.read_bytes())
    log.unlink()
    assert f"{EVENTS} events saved in {log}, 0 were there" in repair(config_file, capsys, str(other))
    assert f"0 events saved in {log}, {EVENTS} were there" in repair(config_file, capsys, str(other))
    assert other.exists(), "a file of one's own keeps its name"
    assert listed(config_file, capsys) == list(range(1, EVENTS + 1))


def test_the_result_is_machine_readable(log: Path, config_file: Path, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "cake").write_text("no log at all" * 1000)
    told = json.loads(repair(config_file, capsys, str(tmp_path / "cake"), "--json"))
    assert told == {"file": str(tmp_path / "cake"), "into": str(log), "saved": 0, "known": 0, "lost": 0}


@pytest.mark.parametrize(
    ("file", "code", "message"), [("missing", 66, "missing: no such file"), ("state/events.sqlite", 74, "it is sound")]
)
def test_what_cannot_be_repaired_is_said(
    log: Path, config_file: Path, capsys: Capture, file: str, code: int, message: str
) -> None:
    before = log.read_bytes()
    assert main(["events", "--config", str(config_file), "--repair", str(config_file.parent / file)]) == code
    assert message in capsys.readouterr().err
    assert log.read_bytes() == before


def test_nothing_is_repaired_beside_a_running_sorter(log: Path, config_file: Path, capsys: Capture) -> None:
    with EventLog(log):
        assert main(["events", "--config", str(config_file), "--repair"]) == 74
    assert "in use by another sorter; stop that first" in capsys.readouterr().err


def test_the_command_that_is_advised_repairs_the_right_log_from_any_folder(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    damage(log)
    with EventLog(log) as opened:
        opened.start_session(wall_s=1.0, model="m")
        told = str(opened.notice)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    command = shlex.split(told.rpartition(": '")[2].rpartition("' saves")[0])
    capsys.readouterr()
    assert main(command[1:]) == 0
    assert f"events saved in {log}, 0 were there" in capsys.readouterr().out
    assert list(elsewhere.iterdir()) == []


def test_where_nothing_is_to_repair_no_log_is_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["events", "--repair"]) == 0
    assert "nothing to repair" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []
