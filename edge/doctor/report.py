"""Findings as a table, as lines, or as JSON."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict

from rich.table import Column, Table
from rich.text import Text

from edge.doctor.finding import CheckStatus, Finding

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
