"""The commands that the docs show in their blocks of shell."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.paths import ROOT

PAGES = sorted(
    {
        ROOT / "README.md",
        *(ROOT / "docs").rglob("*.md"),
        ROOT / "edge" / "models" / "README.md",
        ROOT / "systemd" / "firstboot" / "README.md",
    }
)

_BLOCK = re.compile(r"^( *)```(?:sh|bash|console)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
_BEFORE = {"sudo", "nohup", "time", "exec"}
_ENDS = {"&&", "||", "|", ";", "&", "(", ")"}
_ASSIGNMENT = re.compile(r"(\w+)=(.*)", re.DOTALL)


@dataclass(frozen=True)
class ShownCommand:
    """One command of one line of a page.

    Attributes:
        page: where it stands.
        words: program and arguments, variables of its block filled in, without ``sudo`` and redirections.
    """

    page: Path
    words: tuple[str, ...]

    @property
    def program(self) -> str:
        """The first word."""
        return self.words[0]

    @property
    def arguments(self) -> list[str]:
        """The others."""
        return list(self.words[1:])

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}: {shlex.join(self.words)}"


def shown_commands(page: Path) -> Iterator[ShownCommand]:
    """All commands of a page, in its order."""
    for _, block in _BLOCK.findall(page.read_text(encoding="utf-8")):
        variables: dict[str, str] = {}
        for line in block.replace("\\\n", " ").splitlines():
            for words in _simple_commands(line, variables):
                yield ShownCommand(page, words)


def _simple_commands(line: str, variables: dict[str, str]) -> Iterator[tuple[str, ...]]:
    """The commands of a line; assignments on lines of their own go into ``variables``."""
    for name, value in variables.items():
        line = re.sub(rf"\$(?:{name}\b|{{{name}}})", lambda _, value=value: value, line)
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.wordchars += "$%{}[]@+,:!^"
    words: list[str] = []
    redirected = False
    for token in [*lexer, ";"]:
        if redirected:
            redirected = False
        elif set(token) <= {"<", ">"} and words and not _is_placeholder(line):
            redirected = True
        elif token in _ENDS:
            yield from _command(words, variables)
            words = []
        else:
            words.append(token)


def _is_placeholder(line: str) -> bool:
    """Whether < and > stand around what the reader fills in."""
    return re.search(r"<[a-z ]+>", line) is not None


def _command(words: list[str], variables: dict[str, str]) -> Iterator[tuple[str, ...]]:
    rest = list(words)
    while rest and (rest[0] in _BEFORE or _ASSIGNMENT.fullmatch(rest[0])):
        found = _ASSIGNMENT.fullmatch(rest.pop(0))
        if found and not rest:
            variables[found[1]] = found[2]
    if rest:
        yield tuple(rest)
