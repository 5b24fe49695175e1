"""The pages on watching and on privacy say what the code does."""

import inspect
import os
import re
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest

from edge.commands.status import EXIT_CODES, UNKNOWN
from edge.config.schema import EventLogConfig
from edge.records import housekeeping
from edge.records.event_row import columns_of
from edge.records.totals import DayTotal
from edge.service import status_reading
from edge.service.status_file import SERVICE_STATUS, WRITE_EVERY_S
from edge.service.status_reading import STALE_S
from edge.service.status_report import StatusReport
from edge.sight.presence import PresenceState
from tests.paths import ROOT

WATCHING = (ROOT / "docs" / "watching.md").read_text(encoding="utf-8")
FAULTS = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
PRIVACY = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")


def first_cells(text: str) -> list[str]:
    return [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ")]


def test_the_exit_codes_are_those_of_the_command() -> None:
    rows = re.findall(r"^\| (\w+) \| (\d) \|", WATCHING, flags=re.MULTILINE)
    assert rows == [(str(condition), str(code)) for condition, code in EXIT_CODES.items()] + [("unknown", str(UNKNOWN))]
    for condition, _ in rows:
        assert re.search(rf"^{condition}: ", WATCHING, flags=re.MULTILINE), f"an example of {condition}"


def test_the_examples_are_sentences_of_the_bin() -> None:
    """Without condition, state of the tray, counts and fill levels, each is an alarm that the table of faults has."""
    examples = re.findall(r"^(?:ok|attention|fault): (.*)$", WATCHING, flags=re.MULTILINE)
    tray = "|".join(str(state).replace("_", " ") for state in PresenceState)
    parts = [one for text in examples for one in text.split("; ") if not re.match(rf"tray ({tray})$|\d+ items ", one)]
    alarms = [one for one in parts if one != "ready" and not re.fullmatch(r"\w+ \d+% full", one)]
    assert alarms
    rows = re.findall(r"^\| (.*?) \| `\w+` \|", FAULTS, flags=re.MULTILINE)
    for alarm in alarms:
        assert any(re.match(".*".join(map(re.escape, row.split("..."))), alarm) for row in rows), alarm


def test_what_is_said_of_a_bin_that_does_not_answer_has_its_advice() -> None:
    told = re.findall(r'f"(not running[^{]*)\{', inspect.getsource(status_reading))
    assert len(told) == 3
    assert all(beginning in FAULTS for beginning in told)


def test_one_list_of_bins_and_one_way_to_name_them() -> None:
    service = (ROOT / "docs" / "service.md").read_text(encoding="utf-8")
    blocks = "".join(re.findall(r"```[a-z]*\n(.*?)```", service + WATCHING, flags=re.DOTALL))
    assert not re.search(r"(ssh|scp) [^\n]*\.local", blocks), "~/.ssh/config of the page adds .local"
    assert set(re.findall(r"\$\(cat ([^)]*)\)|< (bins\S*)", blocks)) == {("bins", ""), ("", "bins")}


def test_every_field_of_the_status_is_explained() -> None:
    table = WATCHING[WATCHING.index("| field |") :]
    named = [name for cell in first_cells(table) for name in re.findall(r"`(\w+)`", cell)]
    assert sorted(named) == sorted(StatusReport.__required_keys__ | StatusReport.__optional_keys__)


def test_the_places_and_times_are_those_of_the_code() -> None:
    assert str(SERVICE_STATUS) in WATCHING
    assert str(SERVICE_STATUS) in PRIVACY
    assert WRITE_EVERY_S == 5
    assert "every five seconds" in WATCHING
    assert f"older than {STALE_S:g} seconds" in WATCHING


@pytest.mark.parametrize("page", [WATCHING, PRIVACY])
def test_keys_that_are_named_exist(page: str) -> None:
    for name in re.findall(r"`event_log\.(\w+)`", page):
        assert name in EventLogConfig.model_fields
    for block in re.findall(r"```yaml\n(.*?)```", page, flags=re.DOTALL):
        for name in re.findall(r"^  (\w+):", block, flags=re.MULTILINE):
            assert name in EventLogConfig.model_fields


def test_the_log_line_that_tells_of_deleting_is_the_one_that_is_written() -> None:
    sentence = "old events were deleted"
    assert f'"N {sentence}"' in PRIVACY
    assert sentence in inspect.getsource(housekeeping)


def test_privacy_names_what_an_event_tells() -> None:
    """A column that is added must be thought of here as well."""
    (row,) = (line for line in PRIVACY.splitlines() if line.startswith("| events |"))
    told = {"wall_s": "time", "label": "label", "probabilities": "probabilities", "bin": "bin", "reason": "reason"}
    told |= {"outcome": "outcome", "things": "number of things", "image": "name of its picture"}
    assert all(word in row for word in told.values())
    measured = {"id", "session", "number", "time_s", "wall_synced", "confidence", "views", "agreement"}
    measured |= {"rest_to_decision_s", "latency_ms", "score", "joined", "fell"}
    assert {column.name for column in columns_of("event")} == set(told) | measured


FAKE_SSH = """#!/bin/sh
while [ "${1#-}" != "$1" ]; do shift 2; done
host=$1; shift
case "$host $*" in
    "hall sorter status") echo "ok: ready" ;;
    "yard sorter status") echo "fault: flap glass is not at home"; exit 2 ;;
    "cave "*) exit 124 ;; # as timeout ends
    "roof "*) echo "ssh: connect to host roof: No route to host" >&2; exit 255 ;;
    *"--totals"*) echo "day,label,bin"; echo "2026-05-01,tin,metal" ;;
    *"cat /run/sorter/status.json") echo '{"format": 1}' ;;
esac
"""
"""Takes the place of ssh: options with a value each, a host, and what to run there."""


def run_in(folder: Path, line: str) -> str:
    """Standard output of a line of the page, with four bins, of which one cannot be reached and one hangs."""
    ssh = folder / "bin" / "ssh"
    ssh.parent.mkdir(exist_ok=True)
    ssh.write_text(FAKE_SSH)
    ssh.chmod(0o755)
    (folder / "bins").write_text("hall\nyard\nroof\ncave\n")
    environment = os.environ | {"PATH": f"{ssh.parent}:{os.environ['PATH']}"}
    done = subprocess.run(["sh", "-c", line], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.stdout


def test_twenty_bins_are_asked_with_the_lines_of_the_page(tmp_path: Path) -> None:
    every, week, raw = re.findall(r"```shell\n(.*?)```", WATCHING, flags=re.DOTALL)
    expected = [
        "cave unknown: no answer",
        "hall ok: ready",
        "roof ssh: connect to host roof: No route to host",
        "yard fault: flap glass is not at home",
    ]
    assert sorted(run_in(tmp_path, every).splitlines()) == expected
    (cron,) = re.findall(r"^0 7 \* \* \*  (.*)$", WATCHING, flags=re.MULTILINE)
    assert "%" not in cron, "cron takes it for a new line"
    assert sorted(run_in(tmp_path, cron).splitlines()) == [one for one in expected if "ok: ready" not in one]
    run_in(tmp_path, week)
    head, *rows = (tmp_path / "week.csv").read_text().splitlines()
    assert head == ",".join(["host", *(field.name for field in fields(DayTotal))])
    assert rows == ["hall,2026-05-01,tin,metal", "yard,2026-05-01,tin,metal"]
    assert run_in(tmp_path, raw) == '{"format": 1}\n'
