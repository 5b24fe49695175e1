"""Named steps, their times, and a table of them."""

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.service.shell import ServiceCheckError


@dataclass
class Steps:
    """Runs steps one after the other. Each continues from the state that the last one left, so the first failure ends them.

    Attributes:
        rows: title, verdict, time in seconds and remark of each step.
    """

    rows: list[tuple[str, str, float, str]] = field(default_factory=list)

    def run(self, title: str, step: Callable[[], str | None]) -> None:
        """Run a step, unless one has failed before. Its result is the remark in the table."""
        if self.has_failed():
            self.rows.append((title, "not reached", 0.0, ""))
            return
        print(f"... {title}", flush=True)
        begun_s = time.monotonic()
        verdict, remark = "ok", ""
        try:
            remark = step() or ""
        except ServiceCheckError as error:
            verdict, remark = "FAILED", str(error)
        except Exception:
            verdict, remark = "FAILED", traceback.format_exc()
        elapsed_s = time.monotonic() - begun_s
        self.rows.append((title, verdict, elapsed_s, remark.splitlines()[0] if remark else ""))
        if verdict != "ok":
            print(f"FAILED {title}\n{remark}", flush=True)

    def has_failed(self) -> bool:
        """Whether a step has failed."""
        return any(verdict != "ok" for _, verdict, *_ in self.rows)

    def table(self) -> str:
        """All steps, one per line."""
        width = max(len(title) for title, *_ in self.rows)
        lines = [
            f"{title:<{width}}  {verdict:<11}  {time_s:6.1f} s  {remark}"
            for title, verdict, time_s, remark in self.rows
        ]
        total_s = sum(time_s for *_, time_s, _ in self.rows)
        good = sum(verdict == "ok" for _, verdict, *_ in self.rows)
        return "\n".join([*lines, f"{good} of {len(self.rows)} steps ok in {total_s:.0f} s"])
