"""``sorter events``: how much is listed, in which form, and what is counted."""

import csv
import io
import json
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from edge.cli import main
from edge.commands.events import LAST, since
from edge.records import event_query
from edge.records.event_log import EventLog
from edge.records.event_table import FORMULA_MARKS
from edge.records.totals import count_events
from tests.builders.values import make_event

Capture = pytest.CaptureFixture[str]

EVENTS = LAST + 10

NOON_S = datetime(2026, 5, 20, 12).timestamp()

DAY_S = 86_400.0


def write_events(path: Path, events: int, **changes: object) -> None:
    """Events one hour after the other, the newest at ``NOON_S``."""
    with EventLog(path) as log:
        log._db.execute("PRAGMA synchronous = OFF")
        log.start_session(wall_s=1.0, model="m")
        for number in range(1, events + 1):
            log.record(make_event(number, wall_s=NOON_S - 3600.0 * (events - number), **changes))
            log.record_outcome(number, "done", fell=1, joined=0)
        log.end_session(wall_s=2.0)


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patched:
        for room in ("events", "event_totals"):
            patched.setattr(f"edge.commands.{room}.time.time", lambda: NOON_S + 60)
        yield


@pytest.fixture
def log(config_file: Path) -> Path:
    path = config_file.parent / "state" / "events.sqlite"
    write_events(path, EVENTS)
    return path


def printed(config: Path, capsys: Capture, *arguments: str) -> str:
    capsys.readouterr()
    assert main(["events", "--config", str(config), *arguments]) == 0
    return capsys.readouterr().out


def items(text: str) -> list[int]:
    """The numbers in the second column of a list."""
    return [int(line.split()[2]) for line in text.splitlines() if line.startswith("2026-")]


@pytest.mark.parametrize(
    ("arguments", "first"),
    [
        ((), EVENTS - LAST + 1),
        (("--last", "3"), EVENTS - 2),
        (("--last", "1000"), 1),
        (("--all",), 1),
        (("--since", "2h"), EVENTS - 1),
        (("--since", "3 days"), 1),
        (("--since", "today"), EVENTS - 12),
        (("--since", "2026-05-20T11:00"), EVENTS - 1),
        (("--since", "5h", "--last", "2"), EVENTS - 1),
        (("--since", "5h", "--last", "100"), EVENTS - 4),
    ],
)
def test_so_much_is_listed(
    log: Path, config_file: Path, capsys: Capture, arguments: tuple[str, ...], first: int
) -> None:
    assert items(printed(config_file, capsys, *arguments)) == list(range(first, EVENTS + 1))


def test_a_list_that_leaves_events_out_by_itself_says_so(log: Path, config_file: Path, capsys: Capture) -> None:
    hint = "'sorter events --all' lists every one"
    assert hint in printed(config_file, capsys)
    for arguments in (("--all",), ("--last", "50"), ("--since", "2026-01-01")):
        assert hint not in printed(config_file, capsys, *arguments)


@pytest.mark.parametrize("form", ["--json", "--csv"])
def test_an_export_is_whole_unless_it_is_asked_for_less(
    log: Path, config_file: Path, capsys: Capture, form: str
) -> None:
    heads = 1 if form == "--csv" else 0
    assert len(printed(config_file, capsys, form).splitlines()) == EVENTS + heads
    assert len(printed(config_file, capsys, form, "--last", "7").splitlines()) == 7 + heads
    assert len(printed(config_file, capsys, form, "--since", "1h").splitlines()) == 1 + heads


def test_a_row_fits_a_terminal_of_80_columns(log: Path, config_file: Path, capsys: Capture) -> None:
    lines = printed(config_file, capsys).splitlines()[1:]
    assert max(map(len, lines)) <= 80


def test_more_than_a_page_is_listed_whole_and_in_order(
    config_file: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_query, "PAGE_ROWS", 20)
    events = 41
    write_events(config_file.parent / "state" / "events.sqlite", events)
    rows = [json.loads(line)["number"] for line in printed(config_file, capsys, "--json").splitlines()]
    assert rows == list(range(1, events + 1))


def test_csv_has_local_times_and_empty_fields_for_what_is_not_known(
    log: Path, config_file: Path, capsys: Capture
) -> None:
    (row,) = csv.DictReader(io.StringIO(printed(config_file, capsys, "--csv", "--last", "1")))
    assert datetime.fromisoformat(row["time"]).timestamp() == NOON_S
    assert (row["number"], row["label"], row["wall_synced"]) == (str(EVENTS), "glass", "1")
    assert (row["fell"], row["joined"], row["score"], row["image"]) == ("1", "0", "", "")


@pytest.mark.parametrize("mark", FORMULA_MARKS)
def test_no_spreadsheet_takes_a_text_for_a_formula(config_file: Path, capsys: Capture, mark: str) -> None:
    label = f'{mark}cmd|" /C calc"!A0'
    write_events(config_file.parent / "state" / "events.sqlite", 1, label=label, score=-2.5)
    for arguments in (("--csv",), ("--csv", "--totals")):
        (row,) = csv.DictReader(io.StringIO(printed(config_file, capsys, *arguments)))
        assert not row["label"].startswith(FORMULA_MARKS)
        assert row["label"].endswith('cmd|" /C calc"!A0')
    (row,) = csv.DictReader(io.StringIO(printed(config_file, capsys, "--csv")))
    assert row["score"] == "-2.5", "a number stays a number"


def test_a_label_with_a_line_break_stays_on_its_line(config_file: Path, capsys: Capture) -> None:
    write_events(config_file.parent / "state" / "events.sqlite", 1, label="a\nb\x1b[2J")
    assert "a b\\x1b[2J" in printed(config_file, capsys)
    assert len(list(csv.reader(io.StringIO(printed(config_file, capsys, "--csv"))))) == 2


def test_totals_count_today_a_week_and_all(log: Path, config_file: Path, capsys: Capture) -> None:
    lines = [line.split() for line in printed(config_file, capsys, "--totals").splitlines()]
    expected = ["13", str(EVENTS), str(EVENTS)]
    for head in (["events"], ["bin", "glass"], ["label", "glass"], ["outcome", "done"]):
        assert [*head, *expected] in lines


def test_totals_since_a_day_begin_with_that_day(log: Path, config_file: Path, capsys: Capture) -> None:
    lines = [line.split() for line in printed(config_file, capsys, "--totals", "--since", "25h").splitlines()]
    # The whole of yesterday, although 25 hours go back to its forenoon.
    assert ["events", "13", "37", "37"] in lines


def test_the_head_of_totals_says_since_when_they_were_asked_for(log: Path, config_file: Path, capsys: Capture) -> None:
    assert "since 2026-01-01" in printed(config_file, capsys, "--totals", "--since", "2026-01-01")
    assert "in all" in printed(config_file, capsys, "--totals")


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (("--totals", "--last", "5"), "--last"),
        (("--repair", "--totals"), "--totals"),
        (("--repair", "--last", "5"), "--last"),
        (("--repair", "--all"), "--all"),
        (("--repair", "--csv"), "--csv"),
        (("--repair", "--since", "2h"), "--since"),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(
    config_file: Path, capsys: Capture, arguments: tuple[str, ...], option: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["events", "--config", str(config_file), *arguments])
    assert ended.value.code == 2
    assert f"{option}: not allowed with {arguments[0]}" in capsys.readouterr().err


def test_totals_by_day_are_for_programs(log: Path, config_file: Path, capsys: Capture) -> None:
    rows = [json.loads(line) for line in printed(config_file, capsys, "--totals", "--json").splitlines()]
    assert [(row["day"], row["events"]) for row in rows] == [
        ("2026-05-18", 23),
        ("2026-05-19", 24),
        ("2026-05-20", 13),
    ]
    assert rows[0] == {
        "day": "2026-05-18",
        "label": "glass",
        "bin": "glass",
        "outcome": "done",
        "wall_synced": True,
        "events": 23,
    }
    table = list(csv.DictReader(io.StringIO(printed(config_file, capsys, "--totals", "--csv"))))
    assert [(row["day"], row["events"]) for row in table] == [(row["day"], str(row["events"])) for row in rows]


def test_totals_say_when_the_clock_was_not_set(config_file: Path, capsys: Capture) -> None:
    path = config_file.parent / "state" / "events.sqlite"
    write_events(path, 3, wall_synced=False)
    with EventLog(path) as log:
        log.transact(count_events)
    assert "the day may be wrong: 3" in printed(config_file, capsys, "--totals")


@pytest.mark.parametrize("form", [(), ("--json",), ("--csv",)])
def test_an_empty_log_has_no_totals(config_file: Path, capsys: Capture, form: tuple[str, ...]) -> None:
    EventLog(config_file.parent / "state" / "events.sqlite").close()
    text = printed(config_file, capsys, "--totals", *form)
    assert text.splitlines() == (["no events"] if not form else [] if form == ("--json",) else [text.strip()])


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7 days", 7 * DAY_S),
        ("1 day", DAY_S),
        ("2 Hours", 7200),
        ("5min", 300),
        ("30 secs", 30),
        ("1.5 weeks", 10.5 * DAY_S),
    ],
)
def test_spans_may_be_written_out(text: str, seconds: float) -> None:
    assert since(text).wall_s == NOON_S + 60 - seconds


def test_today_begins_at_midnight() -> None:
    assert time.localtime(since("today").wall_s)[:6] == (2026, 5, 20, 0, 0, 0)


@pytest.mark.parametrize(
    "arguments", [("--last", "0"), ("--last", "5", "--all"), ("--json", "--csv"), ("--since", "7 dogs")]
)
def test_what_makes_no_sense_is_a_usage_error(capsys: Capture, arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["events", *arguments])
    assert caught.value.code == 2


@pytest.mark.parametrize(
    ("text", "day"), [("7d", "2026-05-14"), ("1 week", "2026-05-14"), ("1d", "2026-05-20"), ("25h", "2026-05-19")]
)
def test_totals_of_seven_days_count_today_and_the_six_before(text: str, day: str) -> None:
    assert since(text).first_day == day
