"""The equivalent mutants: changes that change nothing that anybody could notice, each with the reason."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

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


def read_equivalents(file: Path = FILE) -> list[Equivalent]:
    """The list that the repository keeps.

    Raises:
        TypeError: an entry has a key too many, or lacks one.
    """
    return [Equivalent(**entry) for entry in tomllib.loads(file.read_text("utf-8")).get("equivalent", [])]
