"""A mutant: one change of one function, and what became of it; read from what mutmut leaves behind."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import ndiff
from pathlib import Path
from typing import Any

KILLED_BY_TESTS, KILLED_BY_TYPES, SURVIVED = "tests", "types", "survived"

OUTCOMES = {1: KILLED_BY_TESTS, 3: KILLED_BY_TESTS, 37: KILLED_BY_TYPES} | dict.fromkeys(
    (36, 24, 152, 255, -24), KILLED_BY_TESTS
)
"""mutmut's exit codes: 1 and 3 a test failed, 37 mypy refuses it, the others it never ended, which no test run overlooks. What is
not listed counts as survived: a worker that crashed proves nothing."""

UNCHECKED = (None, 2)
"""Exit codes of mutants that mutmut has not run, or not to the end."""


@dataclass(frozen=True)
class Mutant:
    """One change of one function.

    Attributes:
        function: dotted name of the function, with its module and class.
        was: the lines that the change takes away, joined by blanks.
        becomes: the lines that it puts in their place.
        outcome: ``KILLED_BY_TESTS``, ``KILLED_BY_TYPES``, ``SURVIVED``, or empty if it was not run.
    """

    function: str
    was: str
    becomes: str
    outcome: str

    @property
    def room(self) -> str:
        """The package under ``edge`` that it is in."""
        return self.function.split(".")[1]


def read_mutants(folder: Path) -> Iterator[Mutant]:
    """Every mutant in mutmut's folder, ``mutants``."""
    for file in sorted(folder.rglob("*.meta")):
        module = ".".join(file.relative_to(folder).with_suffix("").with_suffix("").parts)
        codes = json.loads(file.read_text("utf-8"))["exit_code_by_key"]
        if not codes:
            continue
        source = file.with_suffix("").read_text("utf-8").splitlines()
        spans = json.loads(file.with_suffix(".spans").read_text("utf-8"))["spans"]
        for key, code in codes.items():
            yield _read_mutant(module, key.rpartition(".")[2], code, source, spans)


def _read_mutant(module: str, key: str, code: int | None, source: list[str], spans: dict[str, Any]) -> Mutant:
    mangled = key.partition("__mutmut_")[0]
    lines = [_lines(source, spans[name], name, mangled) for name in (f"{mangled}__mutmut_orig", key)]
    changes = [line for line in ndiff(*lines) if line[:2] in ("- ", "+ ")]
    was, becomes = (" ".join(line[2:].strip() for line in changes if line[0] == sign) for sign in "-+")
    # mutmut writes x_function, and xǁClassǁmethod.
    function = mangled.removeprefix("x_").removeprefix("xǁ").replace("ǁ", ".")
    return Mutant(f"{module}.{function}", was, becomes, "" if code in UNCHECKED else OUTCOMES.get(code or 0, SURVIVED))


def _lines(source: list[str], span: list[int], name: str, mangled: str) -> list[str]:
    first, last = span
    return [line.replace(name, mangled) for line in source[first - 1 : last]]
