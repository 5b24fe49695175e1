"""docs/faults.md: for every sentence that the bin says of itself, and every exit code, there is a row that says what to do."""

import ast
import re
from collections.abc import Iterator

import pytest

from edge.alarms import Alarm
from edge.doctor.systemd_unit import EXITS
from tests.paths import ROOT

SECTION = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8").partition("## What to do when it says ...")[2]
SECTION = SECTION.partition("\n## ")[0]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in SECTION.partition("| exit code |")[0].splitlines()
    if line.startswith("| ") and not line.startswith(("| it says", "| ---"))
]

SPEAKERS = (
    "actuation/*.py",
    "guard/*.py",
    "inference/classifier.py",
    "inference/retrying.py",
    "inference/view_times.py",
    "records/commit_times.py",
    "records/log_file.py",
    "records/recorder.py",
    "service/head_watch.py",
    "service/loop.py",
    "service/progress.py",
    "sight/health.py",
    "sight/learning_timeout.py",
    "sight/motion_timeout.py",
    "sight/opening_caution.py",
    "sight/picture_lag.py",
    "sight/unexplained_loss.py",
)
"""Modules of ``edge`` that make the sentences of the alarms."""

PARTS = (
    "nothing is under way",  # of an assertion
    "set it to ...",  # the second half of a late picture's
    "it may be ...",
    "a link that leads to no event log",  # why a log was set aside
    "..., a new one was begun",  # the second half of a log's that was set aside
    "'...' saves its events",
)
"""Beginnings of texts there that are no sentences of their own."""

LEAST_LETTERS = 18
"""Shortest text that is taken for a sentence."""


def pattern(words: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, words.split("..."))))


def is_silent(node: ast.AST) -> bool:
    """Whether the texts in a node are not the operator's: documentation, errors, log lines."""
    call = node.func if isinstance(node, ast.Call) else None
    logs = isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name) and call.value.id == "log"
    documents = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return documents or isinstance(node, ast.Raise) or logs


def texts(node: ast.AST) -> Iterator[str]:
    """Texts in a piece of code, with ``...`` for what is put in."""
    if is_silent(node):
        return
    if isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "..." for part in node.values)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield re.sub(r"\{[^}]*\}", "...", node.value)
    else:
        for child in ast.iter_child_nodes(node):
            yield from texts(child)


def sentences() -> set[str]:
    found = {
        text
        for glob in SPEAKERS
        for path in (ROOT / "edge").glob(glob)
        for text in texts(ast.parse(path.read_text(encoding="utf-8")))
    }
    return {
        text
        for text in found
        if len(text) >= LEAST_LETTERS
        and " " in text
        and not re.match(r"[A-Z]{2,} ", text)  # SQL
        and not text.endswith((" | None", " | None]"))  # a type
        and not text.startswith(PARTS)
    }


@pytest.mark.parametrize("sentence", sorted(sentences()))
def test_for_every_sentence_there_is_a_row(sentence: str) -> None:
    assert any(pattern(row[0]).match(sentence) or pattern(row[0].lstrip(". ")).match(sentence) for row in ROWS), (
        f"docs/faults.md does not say what to do when it says {sentence!r}"
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:50])
def test_every_row_is_a_sentence_of_the_program(row: list[str]) -> None:
    words, alarm, advice = row
    said = {*sentences(), "learning the empty tray"}
    assert any(pattern(words).match(one) or pattern(words.lstrip(". ")).match(one) for one in said)
    assert alarm == "none" or alarm.strip("`") in set(Alarm)
    assert advice


def test_every_kind_of_alarm_has_a_row() -> None:
    assert {row[1].strip("`") for row in ROWS} - {"none"} == set(Alarm)


def test_every_exit_code_has_a_row() -> None:
    cells = re.findall(r"^\| ([\d, ]+) \|", SECTION, flags=re.MULTILINE)
    assert {int(code) for cell in cells for code in cell.split(", ")} == set(EXITS)
