"""The status file and ``sorter status``: one line and an exit code, which go by what the bin does now."""

import json
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.alarms import Alarm, Alarms
from edge.cli import main
from edge.commands import status as status_command
from edge.config.file import load_config
from edge.records.writer import InlineWriter, WriteJob
from edge.service.assembly import Assembly, assemble
from edge.service.loop import RunStats, run_loop
from edge.service.status_file import (
    WRITE_EVERY_S,
    StatusFile,
    status_beside,
    status_path,
)
from edge.service.status_reading import STALE_S, NoStatusError, read_status, span
from edge.service.status_report import FORMAT, Condition, StatusReport, StatusReporter, boot_id, condition_of
from edge.sight.presence import PresenceState
from edge.values import SortEvent
from hardware.clock import ManualClock
from tests.builders.values import make_event

Capture = pytest.CaptureFixture[str]

WALL_S = 1_767_225_600.0


def report(**changes: object) -> dict[str, Any]:
    """What a bin writes that is well."""
    return {
        "format": 1,
        "host": "hall",
        "condition": "ok",
        "alarms": [],
        "ready": True,
        "tray": "empty",
        "wait": None,
        "items": 12,
        "last_item_wall_s": WALL_S - 600,
        "fill_levels": {},
        "model": "m",
        "simulated": False,
        "event_log": "/var/lib/sorter/events.sqlite",
        "pid": 5,
        "started_wall_s": WALL_S - 7200,
        "written_wall_s": WALL_S - 2,
        "written_s": 98.0,
        "boot_id": boot_id(),
        **changes,
    }


def alarm(kind: Alarm, message: str, condition: str = "attention") -> dict[str, str]:
    return {"alarm": kind, "condition": condition, "message": message}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(100.0, wall_s=WALL_S)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "status.json"


# --- reading ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "ready; tray empty; 12 items in 2 h, the last 10 min ago"),
        ({"last_item_wall_s": None, "items": 0}, "ready; tray empty; 0 items in 2 h"),
        ({"ready": False}, "starting; tray empty; 12 items in 2 h, the last 10 min ago"),
        (
            {
                "alarms": [alarm(Alarm.FLAP, "flap glass is stuck", "fault"), alarm(Alarm.FULL, "bin paper is full")],
                "condition": "fault",
                "fill_levels": {"paper": 0.97, "glass": 0.5},
            },
            "flap glass is stuck; bin paper is full; tray empty; 12 items in 2 h, the last 10 min ago; glass 50% full",
        ),
        (
            {"simulated": True, "wait": "too many openings", "tray": "item_at_rest"},
            "SIMULATED; ready; too many openings; tray item at rest; 12 items in 2 h, the last 10 min ago",
        ),
        ({"simulated_flaps": ["a"]}, "FLAPS SIMULATED; ready; tray empty; 12 items in 2 h, the last 10 min ago"),
        ({"simulated_flaps": []}, "ready; tray empty; 12 items in 2 h, the last 10 min ago"),
        ({"items": 1}, "ready; tray empty; 1 item in 2 h, the last 10 min ago"),
        (
            {
                "alarms": [alarm(Alarm.HAND, f"{PresenceState.EDGE_CROSSED}, no flap moves")],
                "tray": PresenceState.EDGE_CROSSED,
                "condition": "attention",
            },
            "something reaches over the tray's edge, no flap moves; 12 items in 2 h, the last 10 min ago",
        ),
        (
            {
                "alarms": [alarm(Alarm.LEARNING, "cannot be learnt")],
                "tray": PresenceState.LEARNING,
                "condition": "attention",
            },
            "cannot be learnt; 12 items in 2 h, the last 10 min ago",
        ),
    ],
)
def test_a_report_is_one_line(path: Path, clock: ManualClock, changes: dict[str, object], sentence: str) -> None:
    path.write_text(json.dumps(report(**changes)))
    answer = read_status(path, clock=clock)
    assert (answer.sentence, answer.age_s) == (sentence, 2.0)
    assert answer.condition == changes.get("condition", "ok")


def test_fields_of_a_later_release_do_no_harm(path: Path, clock: ManualClock) -> None:
    path.write_text(json.dumps(report(news="a field", alarms=[{**alarm(Alarm.FULL, "full"), "since": 5}])))
    assert read_status(path, clock=clock).sentence.startswith("full; ")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is no status file"),
        (b"\xff\xfe", "is no status file"),
        (b"[]", "is no status file: expected an object"),
        (b"[" * 50_000, "is no status file"),
        (json.dumps(report())[:50].encode(), "is no status file"),
        (json.dumps(report(format=2)).encode(), "has format 2, expected 1: the sorter that runs is newer"),
        (json.dumps(report(format="1")).encode(), "expected an object with a format"),
        (json.dumps(report(condition="splendid")).encode(), "splendid"),
        (json.dumps(report(items="many")).encode(), "items: missing, or of the wrong type"),
        (json.dumps(report(alarms=["full"])).encode(), "alarms: expected objects with a message"),
        (json.dumps(report(fill_levels={"paper": "high"})).encode(), "fill_levels: expected numbers"),
        (b" " * 100_001, "expected at most 100000"),
    ],
)
def test_what_is_no_report_of_this_format_is_not_believed(
    path: Path, clock: ManualClock, content: bytes, why: str
) -> None:
    path.write_bytes(content)
    with pytest.raises(NoStatusError, match=why):
        read_status(path, clock=clock)


@pytest.mark.parametrize("name", [name for name in report() if name not in ("host", "model", "pid", "written_wall_s")])
def test_a_report_that_lacks_a_field_is_not_believed(path: Path, clock: ManualClock, name: str) -> None:
    path.write_text(json.dumps({key: value for key, value in report().items() if key != name}))
    with pytest.raises(NoStatusError, match=name):
        read_status(path, clock=clock)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"written_s": 100.0 - STALE_S - 1}, "not running, or it hangs: the last status in .* is 31 s old"),
        ({"written_s": 100.0 + STALE_S + 1}, "from before this machine was started"),
        ({"boot_id": "another"}, "from before this machine was started"),
    ],
)
def test_an_old_report_says_nothing_of_now(
    path: Path, clock: ManualClock, changes: dict[str, object], why: str
) -> None:
    path.write_text(json.dumps(report(**changes)))
    with pytest.raises(NoStatusError, match=why):
        read_status(path, clock=clock)


def test_a_clock_that_is_set_meanwhile_makes_no_report_old(path: Path, clock: ManualClock) -> None:
    path.write_text(json.dumps(report(written_wall_s=0.0, started_wall_s=0.0)))
    assert read_status(path, clock=clock).age_s == 2.0


def test_a_report_of_another_bin_is_not_taken(path: Path, clock: ManualClock) -> None:
    path.write_text(json.dumps(report()))
    assert read_status(path, clock=clock, event_log=Path("/var/lib/sorter/events.sqlite"))
    with pytest.raises(NoStatusError, match="is of another bin"):
        read_status(path, clock=clock, event_log=Path("/elsewhere/events.sqlite"))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-5, "0 s"), (119, "119 s"), (120, "2 min"), (7199, "120 min"), (7200, "2 h"), (172_800, "2 days")],
)
def test_a_span_has_one_unit(seconds: float, text: str) -> None:
    assert span(seconds) == text


def test_every_alarm_of_the_light_is_the_condition_of_the_bin() -> None:
    alarms = Alarms()
    assert condition_of(alarms, ready=True) is Condition.OK
    assert condition_of(alarms, ready=False) is Condition.ATTENTION
    alarms.update(Alarm.FULL, "full")
    assert condition_of(alarms, ready=True) is Condition.ATTENTION
    alarms.update(Alarm.CAMERA, "dark")
    assert condition_of(alarms, ready=True) is Condition.FAULT


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "/var/lib/sorter/events.sqlite.status.json"),
        ({"RUNTIME_DIRECTORY": "/run/sorter"}, "/run/sorter/status.json"),
        ({"RUNTIME_DIRECTORY": "/run/sorter:/run/other"}, "/run/sorter/status.json"),
    ],
)
def test_a_service_writes_into_the_folder_that_systemd_makes(environment: dict[str, str], expected: str) -> None:
    assert str(status_path(Path("/var/lib/sorter/events.sqlite"), environment)) == expected


# --- writing ----------------------------------------------------------------------------------------------------------


class BinWithStatus:
    """A simulated bin with a status file."""

    def __init__(
        self, assembly: Assembly, clock: ManualClock, file: StatusFile, path: Path, reporter: StatusReporter
    ) -> None:
        self.assembly = assembly
        self.reporter = reporter
        self.clock = clock
        self.file = file
        self.path = path
        self.tally = RunStats()

    def step(self, seconds: float = 0.0, event: SortEvent | None = None, *, ready: bool = True) -> None:
        self.clock.advance(seconds)
        self.take(self.tally, event, ready=ready)

    def take(self, tally: RunStats, event: SortEvent | None, *, ready: bool = True) -> None:
        self.reporter.note(event)
        self.file.update(tally, ready=ready)

    @property
    def report(self) -> StatusReport:
        return read_status(self.path, clock=self.clock).report


@pytest.fixture
def watched(tmp_path: Path, path: Path) -> Iterator[BinWithStatus]:
    clock = ManualClock(wall_s=WALL_S)
    settings = ["simulation.speed=0", "tray.memory=null"]
    settings += [f"event_log.file={tmp_path}/events.sqlite", f"event_log.images={tmp_path}/images"]
    with assemble(load_config(Path("config.yaml"), settings), clock=clock) as assembly:
        reporter = StatusReporter(assembly, clock=clock)
        with StatusFile(reporter, path, writer=InlineWriter(clock), clock=clock) as file:
            yield BinWithStatus(assembly, clock, file, path, reporter)


def test_a_bin_that_sorts_writes_what_it_did(watched: BinWithStatus, tmp_path: Path) -> None:
    run_loop(watched.assembly, threading.Event(), duration_s=20.0, on_step=watched.take)
    found = watched.report
    assert found["format"] == FORMAT
    assert found["condition"] == "ok"
    assert found["items"] > 1
    assert found["last_item_wall_s"] is not None
    assert WALL_S < found["last_item_wall_s"] <= found["written_wall_s"]
    assert found["event_log"] == str(tmp_path / "events.sqlite")
    assert (found["simulated"], found["model"], found["head"]) == (True, "trashnet6", None)
    of_updates = {"slot", "update"}  # of a bin that takes some
    assert set(found) == (StatusReport.__required_keys__ | StatusReport.__optional_keys__) - of_updates


def test_it_is_written_now_and_then_and_at_once_when_the_condition_changes(watched: BinWithStatus) -> None:
    watched.step()
    first = watched.report["written_s"]
    watched.step(WRITE_EVERY_S - 1)
    assert watched.report["written_s"] == first
    watched.assembly.alarms.update(Alarm.FULL, "bin paper is full")
    watched.step()
    assert [one["message"] for one in watched.report["alarms"]] == ["bin paper is full"]
    watched.step(WRITE_EVERY_S - 1)
    watched.assembly.alarms.update(Alarm.FLAP, "flap glass is stuck\nat the end")
    watched.step()
    assert watched.report["alarms"] == [
        alarm(Alarm.FLAP, "flap glass is stuck at the end", "fault"),
        alarm(Alarm.FULL, "bin paper is full"),
    ]
    watched.step(WRITE_EVERY_S)
    assert watched.report["written_s"] == watched.clock.now_s()


def test_everybody_may_read_it_and_it_goes_with_the_bin(watched: BinWithStatus) -> None:
    watched.step()
    assert stat.S_IMODE(watched.path.stat().st_mode) == 0o644
    watched.file.close()
    assert not watched.path.exists()
    watched.file.close()


def test_a_disk_that_hangs_is_not_asked_twice(watched: BinWithStatus, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[WriteJob] = []
    monkeypatch.setattr(watched.file, "_writer", Hanging(asked))
    for _ in range(5):
        watched.step(WRITE_EVERY_S)
    assert len(asked) == 1


class Hanging:
    """A writer whose disk does not answer."""

    def __init__(self, asked: list[WriteJob]) -> None:
        self._asked = asked

    def submit(self, job: WriteJob) -> None:
        self._asked.append(job)

    def drain(self, timeout_s: float) -> bool:
        return False

    def close(self) -> None:
        pass


def test_a_file_that_cannot_be_written_is_told_once_and_the_bin_goes_on(
    watched: BinWithStatus, caplog: pytest.LogCaptureFixture
) -> None:
    folder = watched.path.parent
    watched.file._path = folder / "missing" / "status.json"
    for _ in range(4):
        watched.step(WRITE_EVERY_S)
    assert caplog.text.count("'sorter status' does not know how the bin is") == 1
    watched.file._path = watched.path
    watched.step(WRITE_EVERY_S)
    assert watched.report["items"] == 0


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def ask(
    config_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> Iterator[Callable[..., Any]]:
    with monkeypatch.context() as patched:
        patched.setattr(status_command, "SERVICE_STATUS", tmp_path / "run" / "status.json")
        patched.setattr(status_command, "SystemClock", lambda: ManualClock(100.0, wall_s=WALL_S))
        patched.chdir(tmp_path)

        def ask(*arguments: str) -> tuple[int, str]:
            capsys.readouterr()
            code = main(["status", *arguments])
            return code, capsys.readouterr().out

        yield ask


def write(path: Path, event_log: Path, **changes: object) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(report(event_log=str(event_log), **changes)))


@pytest.mark.parametrize(("condition", "code"), [(Condition.OK, 0), (Condition.ATTENTION, 1), (Condition.FAULT, 2)])
def test_line_and_exit_code_say_how_the_bin_is(
    ask: Callable[..., Any], config_file: Path, tmp_path: Path, condition: Condition, code: int
) -> None:
    event_log = tmp_path / "state" / "events.sqlite"
    write(status_beside(event_log), event_log, condition=condition)
    found, text = ask("--config", str(config_file))
    assert (found, text) == (code, f"{condition}: ready; tray empty; 12 items in 2 h, the last 10 min ago\n")
    found, text = ask("--config", str(config_file), "--json")
    answer = json.loads(text)
    assert (found, answer["condition"], answer["age_s"], answer["items"]) == (code, condition, 2.0, 12)


def test_the_service_is_asked_first(ask: Callable[..., Any], config_file: Path, tmp_path: Path) -> None:
    event_log = tmp_path / "state" / "events.sqlite"
    write(tmp_path / "run" / "status.json", event_log, items=77)
    write(status_beside(event_log), event_log)
    assert "77 items" in ask("--config", str(config_file))[1]
    assert "77 items" in ask()[1], "no configuration is named: whatever runs"
    write(tmp_path / "run" / "status.json", Path("/elsewhere"), items=77)
    assert "12 items" in ask("--config", str(config_file))[1], "the service is another bin"
    assert "77 items" in ask()[1]


def test_a_bin_that_does_not_run_is_unknown(ask: Callable[..., Any], config_file: Path, tmp_path: Path) -> None:
    beside = status_beside(tmp_path / "state" / "events.sqlite")
    assert ask("--config", str(config_file)) == (3, f"unknown: not running: there is no {beside}\n")
    code, text = ask("--config", str(config_file), "--json")
    answer = json.loads(text)
    assert (code, answer["condition"], set(answer)) == (3, "unknown", {"condition", "sentence"})
    write(tmp_path / "run" / "status.json", tmp_path / "state" / "events.sqlite", written_s=1.0)
    assert ask("--config", str(config_file))[1].startswith("unknown: not running, or it hangs: the last status in ")


def test_a_configuration_that_is_wrong_is_unknown_to_a_monitor(ask: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("camera: {kind: telescope}")
    code, text = ask("--config", str(tmp_path / "bad.yaml"))
    assert code == 3
    assert text.startswith("unknown: ")
    assert text.count("\n") == 1


def test_an_item_is_noted_with_its_time(watched: BinWithStatus) -> None:
    watched.step(event=make_event(1, wall_s=5.0))
    assert watched.report["last_item_wall_s"] == 5.0
