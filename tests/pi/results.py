"""Results of the machine's checks, and the table of them."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

_SUITE = re.compile(r".*: test_(\w+)_contract::.*\[(?:.*?-)??(i2c-stub|\w+)\]")
"""Name of a test of a contract suite; its groups are the suite and the back end."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Result of one check.

    Attributes:
        check: its name.
        outcome: passed, failed or skipped.
        seconds: time that it took, >= 0.
        detail: why it failed or was skipped, in one line; empty if it passed.
    """

    check: str
    outcome: str
    seconds: float
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.outcome:8}{self.seconds:7.1f} s  {self.check}{self.detail and f': {self.detail}'}"


@dataclass(slots=True)
class Port:
    """Reads the results that the machine writes, line by line.

    Attributes:
        file: file behind the machine's port.
        results: results so far, in order.
        done: whether the machine has reported the last one.
    """

    file: Path
    results: list[CheckResult] = field(default_factory=list)
    done: bool = False
    _read: int = 0

    def look(self) -> None:
        """Read new results and print them, except the hundreds of passed tests of a contract suite."""
        if not self.file.exists():
            return
        with self.file.open("rb") as port:
            port.seek(self._read)
            new = port.read()
        whole = new[: new.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.decode().splitlines():
            row = json.loads(line)
            if row["outcome"] == "done":
                self.done = True
                continue
            self.results.append(CheckResult(**row))
            if self.results[-1].outcome != "passed" or not _SUITE.fullmatch(row["check"]):
                print(f"  {self.results[-1]}", flush=True)


def table(results: Iterable[CheckResult]) -> str:
    """One line per result, one for all passed tests of a contract suite on a back end, and the number of each outcome."""
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
