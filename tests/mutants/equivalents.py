"""The equivalent mutants: changes that change nothing that anybody could notice, each with the reason."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.mutants.mutant import Mutant

FILE = Path(__file__).with_name("equivalents.toml")


@dataclass(frozen=True)
class Equivalent:
    """A mutant that no test can tell from the code.

    Attributes:
        function: dotted name of the function, with its module and class.
        was: the line as it stands.
        becomes: the line as the mutant has it.
        reason: why nobody could notice.
    """

    function: str
    was: str
    becomes: str
    reason: str

    def is_of(self, mutant: Mutant) -> bool:
        """Whether this names the mutant."""
        return (self.function, self.was, self.becomes) == (mutant.function, mutant.was, mutant.becomes)


@dataclass(frozen=True)
class EquivalentKind:
    """A kind of mutants that no test can tell from the code.

    Attributes:
        function: regular expression for the whole dotted name of the function.
        was: regular expression for a part of the line as it stands.
        reason: why nobody could notice.
        only: "case" if it is of mutants that differ from the line in upper and lower case alone, "text" if in what stands
            between quotes alone, "digits" if in ``np.float32`` as a last argument alone; empty: in anything.
    """

    function: str
    was: str
    reason: str
    only: Literal["", "case", "text", "digits"] = ""

    def is_of(self, mutant: Mutant) -> bool:
        """Whether the mutant is of this kind."""
        if self.only and _without(self.only, mutant.was) != _without(self.only, mutant.becomes):
            return False
        return re.fullmatch(self.function, mutant.function) is not None and re.search(self.was, mutant.was) is not None


def _without(what: str, line: str) -> str:
    """A line without its case, without what stands between its quotes, or without the type of a float array."""
    match what:
        case "case":
            return line.lower()
        case "text":
            return re.sub(r'"[^"]*"', '""', line)
        case _:
            return re.sub(r",?\s*(dtype=)?(np\.float32|None)?\s*\)", ")", line)


AnyEquivalent = Equivalent | EquivalentKind


def read_equivalents(file: Path = FILE) -> list[AnyEquivalent]:
    """The list that the repository keeps.

    Raises:
        TypeError: an entry has a key too many, or lacks one.
    """
    tables = tomllib.loads(file.read_text("utf-8"))
    return [
        *(EquivalentKind(**entry) for entry in tables.get("kind", [])),
        *(Equivalent(**entry) for entry in tables.get("equivalent", [])),
    ]
