"""Findings as a table, as lines, or as JSON."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict

from rich.table import Column, Table
from rich.text import Text

from edge.doctor.finding import CheckStatus, Finding
from edge.doctor.first_steps import FirstSteps

STYLES = {
    CheckStatus.OK: "green",
    CheckStatus.WARNING: "yellow",
    CheckStatus.FAILURE: "bold red",
    CheckStatus.NOT_APPLICABLE: "dim",
}


def table_of(findings: Iterable[Finding]) -> Table:
    """The findings as a table for a terminal, the advice below the observation."""
    table = Table(Column("check", no_wrap=True), Column("", no_wrap=True), "found, and what to do", box=None)
    for one in findings:
        style = STYLES[one.status]
        text = Text(one.found, style="dim" if one.status is CheckStatus.NOT_APPLICABLE else "")
        if one.advice:
            text.append(f"\n-> {one.advice}", style="bold")
        table.add_row(one.check, Text(one.status, style=style), text)
    return table


def line_of(finding: Finding) -> str:
    """A finding as one line, for a file or a pipe."""
    advice = f" -> {finding.advice}" if finding.advice else ""
    return f"{finding.status:<8} {finding.check}: {finding.found}{advice}"


def needs_attention(finding: Finding) -> bool:
    """Whether something is to be done about it."""
    return finding.status in (CheckStatus.WARNING, CheckStatus.FAILURE)


def steps_of(first: FirstSteps, *, comes_first: bool = True) -> str:
    """What to do about a missing camera, on numbered lines; ``comes_first``: nothing has to be done before."""
    word = "First" if comes_first else "Then"
    return "\n".join(
        [f"{first.why} {word}:", *(f"  {number}. {step}" for number, step in enumerate(first.steps, start=1))]
    )


def rest_of(findings: Sequence[Finding]) -> list[str]:
    """How many findings something is to be done about, then the other checks by name: those that are fine, and those that had
    nothing to look at."""
    bad = [one for one in findings if needs_attention(one)]
    lines = [f"to do: {len(bad)} ({summary_of(bad)})"] if bad else []
    named = {one.check for one in bad}
    for status, word in ((CheckStatus.OK, "fine"), (CheckStatus.NOT_APPLICABLE, "not checked")):
        names = dict.fromkeys(one.check for one in findings if one.status is status and one.check not in named)
        if names:
            lines.append(f"{word}: {len(names)} ({', '.join(names)})")
        named.update(names)
    return lines


def tree_of(finding: Finding) -> dict[str, str]:
    """A finding as a dict for JSON."""
    return asdict(finding)


def summary_of(findings: Iterable[Finding]) -> str:
    """The number of findings of each status, as one line."""
    counts = Counter(one.status for one in findings)
    words = {
        status: f"{status}s" if status in (CheckStatus.WARNING, CheckStatus.FAILURE) and counts[status] > 1 else status
        for status in CheckStatus
    }
    return ", ".join(f"{counts[status]} {words[status]}" for status in CheckStatus if counts[status])


class FindingReport:
    """Tells the findings as they come, in the order in which they are best solved.

    Args:
        tell: shows a text, or a table.
        first: what to do about a missing camera, told where the camera is looked at: what can be put right without one comes
            before; None: there is one.
        is_table: findings are gathered into tables, for a terminal; else each is a line.
        has_all: those that are fine are told as well.
    """

    def __init__(
        self, tell: Callable[[str | Table], None], first: FirstSteps | None, *, is_table: bool, has_all: bool
    ) -> None:
        self._tell = tell
        self._first = first
        self._is_table = is_table
        self._has_all = has_all
        self._findings: list[Finding] = []
        self._rows: list[Finding] = []
        self._is_first_told = False

    def add(self, finding: Finding) -> None:
        """Take the next finding."""
        if finding.check == "camera":
            self._tell_first()
        self._findings.append(finding)
        if not self._is_shown(finding):
            return
        if self._is_table:
            self._rows.append(finding)
        else:
            self._tell(line_of(finding))

    def end(self, show_all: str) -> None:
        """Tell how many there are of each kind. ``show_all``: the command that tells each of them."""
        self._tell_first()
        self._tell_rows()
        if self._has_all:
            self._tell(summary_of(self._findings))
        else:
            self._tell("\n".join([*rest_of(self._findings), f"'{show_all}' shows each"]))

    def _is_shown(self, finding: Finding) -> bool:
        return self._has_all or (
            needs_attention(finding) and not (self._first is not None and self._first.covers(finding))
        )

    def _tell_first(self) -> None:
        if self._first is None or self._is_first_told:
            return
        self._is_first_told = True
        comes_first = not any(self._is_shown(finding) for finding in self._findings)
        self._tell_rows()
        self._tell(("" if comes_first else "\n") + f"{steps_of(self._first, comes_first=comes_first)}\n")

    def _tell_rows(self) -> None:
        if self._rows:
            self._tell(table_of(self._rows))
            self._rows.clear()
