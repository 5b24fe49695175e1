"""Text reaches a person or a log only by way of ``edge/terminal``, which makes it printable. ``print`` is ruff's matter (T20)."""

import ast
from functools import cache
from pathlib import Path

from tests.paths import ROOT

WAYS = {
    "Console": "make_console() of edge.terminal.console",
    "ArgumentParser": "PrintableParser of edge.terminal.parser",
    "basicConfig": "log_to_stderr() of edge.terminal.log_filter",
}
"""What writes by itself -> what is to be used in its place."""

LOG_OF_THE_BIN = ROOT / "edge/records/journal.py"
"""Sets up the bin's log, with the filter that makes its records printable."""


@cache
def calls(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            found.add(node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", ""))
    return found


def test_everything_that_writes_goes_by_the_terminal_wing() -> None:
    files = [path for name in ("edge", "hardware", "train", "convert") for path in sorted((ROOT / name).rglob("*.py"))]
    assert calls(ROOT / "edge/terminal/log_filter.py") >= {"basicConfig"}
    for path in files:
        if path.parent != ROOT / "edge/terminal" and path != LOG_OF_THE_BIN:
            for name in sorted(calls(path) & set(WAYS)):
                raise AssertionError(f"{path.relative_to(ROOT)} uses {name}; use {WAYS[name]}")


def test_the_bin_writes_no_file_through_a_link() -> None:
    # OpenCV's own writer follows links, and root may be the one who writes.
    for name in ("edge", "hardware"):
        for path in sorted((ROOT / name).rglob("*.py")):
            assert "imwrite" not in calls(path), (
                f"{path.relative_to(ROOT)}: use write_whole() of edge.files.state_files"
            )


def test_json_is_masked_before_it_is_written() -> None:
    for path in sorted((ROOT / "edge/commands").glob("*.py")):
        assert "dumps" not in calls(path), f"{path.relative_to(ROOT)}: use say_json() of edge.terminal.output"
