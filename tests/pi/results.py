"""What the machine tells of its checks, and the table at the end."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

_SUITE = re.compile(r".*: test_(\w+)_contract::.*\[(?:.*?-)??(i2c-stub|\w+)\]")
"""A test of a contract suite: the suite, and the back end it ran on."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How one check ended.

    Attributes:
        check: its name.
        outcome: passed, failed or skipped.
        seconds: how long it took, at least 0.
        detail: why it failed or was skipped, in a line; empty when it passed.
    """

    check: str
    outcome: str
    seconds: float
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.outcome:8}{self.seconds:7.1f} s  {self.check}{self.detail and f': {self.detail}'}"


@dataclass(slots=True)
class Port:
    """Reads what the machine writes, line by line, as it comes.

    Attributes:
        results: so far, in order.
        done: the machine says that there is nothing more.
    """

    file: Path
    results: list[CheckResult] = field(default_factory=list)
    done: bool = False
    _read: int = 0

    def look(self) -> None:
        """Take in what is new, and print it: but for the hundreds that a contract suite passes."""
        if not self.file.exists():
            return
        with self.file.open("rb") as port:
            port.seek(self._read)
            new = port.read()
        whole = new[: new.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.decode().splitlines():
            told = json.loads(line)
            if told["outcome"] == "done":
                self.done = True
                continue
            self.results.append(CheckResult(**told))
            if self.results[-1].outcome != "passed" or not _SUITE.fullmatch(told["check"]):
                print(f"  {self.results[-1]}", flush=True)


def table(results: Iterable[CheckResult]) -> str:
    """A line for each, one for all that a contract suite passed on a back end, and how many of each outcome."""
    rows = list(results)
    shown: dict[str, list[CheckResult]] = {}
    for row in rows:
        suite = _SUITE.fullmatch(row.check) if row.outcome == "passed" else None
        shown.setdefault(f"{suite[1]} on {suite[2]}" if suite else f"{len(shown)}", []).append(row)
    lines = [
        str(
            same[0]
            if len(same) == 1
            else CheckResult(f"{name}, {len(same)} tests", "passed", sum(row.seconds for row in same))
        )
        for name, same in shown.items()
    ]
    counts = Counter(row.outcome for row in rows)
    return "\n".join([*lines, ", ".join(f"{counts[outcome]} {outcome}" for outcome in ("passed", "failed", "skipped"))])
