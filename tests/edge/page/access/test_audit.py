"""Tests of the list of changes."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from edge.page.access.audit import MOST_BYTES, Audit, AuditEntry, in_words
from hardware.clock import ManualClock


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "changes.jsonl"


@pytest.fixture
def audit(file: Path) -> Audit:
    return Audit(file, ManualClock(wall_s=1000.0))


def entry(**changes: Any) -> AuditEntry:
    made: Any = {"wall_s": 1000.0, "who": "ada", "address": "", "what": "", "text": "", "values": {}, **changes}
    return AuditEntry(**made)


GERMAN = {"let account %(name)s %(role)s": "%(name)s darf: %(role)s", "look": "ansehen"}


def german(text: str) -> str:
    return GERMAN.get(text, text)


def test_an_entry_is_kept_in_english_and_shown_in_the_readers_language(audit: Audit) -> None:
    audit.add("ada", "", "let account %(name)s %(role)s", name="look", role="look")
    (found,) = audit.newest(1)
    assert found["what"] == "let account look look"
    assert in_words(found, german) == "look darf: ansehen"
    assert in_words(found, str) == "let account look look"


@pytest.mark.parametrize(
    ("text", "values"),
    [("", {}), ("of %(label)s", {"x": "y"}), ("100 % of %(label)s", {"label": "y"}), ("%(label)d", {"label": "y"})],
)
def test_what_cannot_be_translated_is_shown_as_it_was_kept(text: str, values: dict[str, str]) -> None:
    assert in_words(entry(what="as it was", text=text, values=values), str) == "as it was"


def test_changes_are_listed_newest_first(audit: Audit, file: Path) -> None:
    audit.add("ada", "192.168.1.5", "paused the bin")
    audit.add("bob", "192.168.1.6", "went on")
    assert [one["what"] for one in Audit(file, ManualClock()).newest(10)] == ["went on", "paused the bin"]
    assert audit.newest(1) == [entry(who="bob", address="192.168.1.6", what="went on", text="went on")]


def test_an_entry_is_one_line_whatever_it_quotes(audit: Audit) -> None:
    audit.add("a\nb\x1b[2J", "x", "y" * 10_000)
    (entry,) = audit.newest(10)
    assert "\n" not in entry["who"]
    assert "\x1b" not in entry["who"]
    assert len(entry["what"]) == 500


def test_the_list_is_bounded_and_keeps_the_newest(audit: Audit, file: Path) -> None:
    file.write_text(json.dumps({"wall_s": 1, "who": "old", "address": "", "what": "x" * (MOST_BYTES - 80)}) + "\n")
    for number in range(3):
        audit.add("ada", "", f"change {number}")
    assert sum(one.stat().st_size for one in file.parent.iterdir()) < 2 * MOST_BYTES
    assert [one["who"] for one in audit.newest(10)] == ["ada", "ada", "ada", "old"]


@pytest.mark.parametrize(
    "line", [b"{", b"[]", b"{}", b"\xff\xff", b'{"wall_s": "x", "who": 1, "address": 1, "what": 1}']
)
def test_damaged_lines_are_left_out(audit: Audit, file: Path, line: bytes) -> None:
    audit.add("ada", "", "before")
    with file.open("ab") as stream:
        stream.write(line + b"\n")
    audit.add("ada", "", "after")
    assert [one["what"] for one in audit.newest(10)] == ["after", "before"]


def test_it_is_not_written_through_a_link(audit: Audit, file: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("mine")
    file.symlink_to(target)
    audit.add("ada", "", "change")
    assert target.read_text() == "mine"
    assert [one["what"] for one in audit.newest(10)] == ["change"]


def test_what_cannot_be_written_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    Audit(tmp_path / "gone" / "changes.jsonl", ManualClock()).add("ada", "", "change")
    assert "cannot be written" in caplog.text


def test_only_its_owner_may_read_it(audit: Audit, file: Path) -> None:
    before = os.umask(0)
    try:
        audit.add("ada", "", "change")
    finally:
        os.umask(before)
    assert file.stat().st_mode & 0o077 == 0
