"""Findings as a table, as lines, or as JSON."""

from collections import Counter
from collections.abc import Iterable, Sequence
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


def steps_of(first: FirstSteps) -> str:
    """What to do first, on numbered lines."""
    return "\n".join(
        [f"{first.why} First:", *(f"  {number}. {step}" for number, step in enumerate(first.steps, start=1))]
    )


def rest_of(findings: Sequence[Finding]) -> list[str]:
    """The checks about which nothing is to be done, by name: a line for those that are fine, one for the others."""
    bad = {one.check for one in findings if needs_attention(one)}
    lines = []
    for status, word in ((CheckStatus.OK, "fine"), (CheckStatus.NOT_APPLICABLE, "not checked")):
        names = dict.fromkeys(one.check for one in findings if one.status is status and one.check not in bad)
        if names:
            lines.append(f"{word}: {', '.join(names)}")
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
