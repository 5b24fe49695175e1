"""``make help`` lists what can be made, one line each, and nothing else."""

import re
import subprocess

from tests.paths import ROOT

TEXT = (ROOT / "Makefile").read_text(encoding="utf-8")

MOST_COLUMNS = 110
"""Longest line of the list: it fits on a screen without wrapping."""


def targets() -> set[str]:
    (names,) = re.findall(r"^\.PHONY: (.*)$", TEXT, flags=re.MULTILINE)
    return set(names.split())


def test_help_lists_every_target_once_and_nothing_else() -> None:
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    named = [re.fullmatch(r"make ([a-z-]+) +\S.*", line) for line in lines]
    assert all(named), [line for line, found in zip(lines, named, strict=True) if not found]
    assert sorted(found[1] for found in named if found) == sorted(targets())
    assert max(map(len, lines)) <= MOST_COLUMNS


def test_every_target_without_a_file_is_phony() -> None:
    made = set(re.findall(r"^([a-z][a-z-]*):(?!=)", TEXT, flags=re.MULTILINE))
    assert made == targets()
