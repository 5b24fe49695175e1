"""What is wrong with a YAML text, in words: where, and what was expected. No line is quoted: it may hold a password."""

import re
from dataclasses import dataclass
from typing import Protocol

INDENT_WITH_SPACES = "indented with a tab, as some editors do; expected spaces: replace it"

LINE_ENDS = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""What both libraries take for the end of a line."""

SIGNS = re.compile(r"found character '(.)' that cannot start any token")


class TextPlace(Protocol):
    """A place in a text, as both libraries give it; counted from 0."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class YamlProblem:
    """What is wrong.

    Attributes:
        text: one sentence, and after a semicolon what was expected.
        line: where, from 1 on; None: it is about the whole.
    """

    text: str
    line: int | None


def yaml_problem(error: Exception, text: str) -> YamlProblem:
    """What PyYAML or ruamel.yaml complain about.

    Args:
        error: theirs.
        text: what they read.
    """
    problem: str | None = getattr(error, "problem", None)
    if not problem:
        return _without_place(error, text)
    context: str = getattr(error, "context", None) or ""
    mark: TextPlace | None = getattr(error, "problem_mark", None)
    begin: TextPlace | None = getattr(error, "context_mark", None)
    if mark is None:
        return YamlProblem(_in_their_words(problem, context), None)
    found = _in_words(problem, context, mark, begin or mark, LINE_ENDS.split(text))
    return found or YamlProblem(_in_their_words(problem, context), mark.line + 1)


def _without_place(error: Exception, text: str) -> YamlProblem:
    """Errors of another form than most."""
    if isinstance(error, RecursionError):
        return YamlProblem("nested too deeply, which no file of the bin needs; is it the right file?", None)
    position: int | None = getattr(error, "position", None)
    if position is not None:
        line = len(LINE_ENDS.split(text[:position]))
        return YamlProblem(
            "a control character that is not seen in an editor; expected none: type the line again", line
        )
    reason = " ".join(str(error).split())
    return YamlProblem(f"{reason}; expected quotes around what only looks like a date or a number", None)


def _in_their_words(problem: str, context: str) -> str:
    words = " ".join(f"{f'{context}: ' if context else ''}{problem}".split())
    return f"{words}; look at the indentation, colons, brackets and quotes of this line and of the one above"


def _in_words(problem: str, context: str, mark: TextPlace, begin: TextPlace, lines: list[str]) -> YamlProblem | None:
    """In the words of somebody who writes the file; None where only the library's are known."""
    here, above = mark.line + 1, begin.line + 1
    sign = SIGNS.match(problem)
    if r"'\t'" in problem:
        return YamlProblem(INDENT_WITH_SPACES, here)
    if sign is not None:
        return YamlProblem(f"a value begins with {sign[1]}; expected quotes around it", here)
    if problem == "mapping values are not allowed here":
        return _unexpected_colon(mark, lines)
    if problem == "sequence entries are not allowed here":
        return YamlProblem("a list begins beside its key; expected it on the next line, or as [a, b]", here)
    if problem.startswith("expected '<document start>'"):
        return YamlProblem(
            "the file's first key is indented by more than this one; expected all in the first column", here
        )
    if problem.startswith("expected <block end>"):
        return _unexpected_in_block(problem, mark, begin, lines)
    if context in ("while parsing a flow mapping", "while parsing a flow sequence"):
        bracket = "} or a comma" if context.endswith("mapping") else "] or a comma"
        opened = "" if above == here else f"; the bracket opens in line {above}"
        return YamlProblem(f"a bracket is not closed, or a comma is missing; expected {bracket}{opened}", here)
    if context in ("while scanning a quoted scalar", "while scanning a double-quoted scalar"):
        if problem.startswith("found unknown escape"):
            return YamlProblem("a backslash in double quotes; expected single quotes around the text", here)
        return YamlProblem("a quote that opens here is not closed; expected another one at the end of the text", above)
    if context == "while scanning a simple key":
        return YamlProblem("a key without a colon; expected 'key: value', with a space after the colon", above)
    if problem.startswith("found undefined alias") or context in (
        "while scanning an alias",
        "while scanning an anchor",
    ):
        return YamlProblem("a value begins with * or &, which names another value; expected quotes around it", here)
    if problem.startswith("duplicate key"):
        return YamlProblem(f"{problem}; expected it once: remove one of the two", here)
    if problem.startswith("could not determine a constructor"):
        return YamlProblem("a value begins with !; expected quotes around it", here)
    return None


def _unexpected_colon(mark: TextPlace, lines: list[str]) -> YamlProblem:
    here = mark.line + 1
    if re.search(r":\s", lines[mark.line][: mark.column]):
        return YamlProblem(
            "two colons with a space after them; expected one key on a line, or quotes around the value", here
        )
    before = _line_above(mark.line, lines)
    if before is None:
        return YamlProblem("a colon where no key can stand; expected 'key: value'", here)
    if re.search(r":\s", lines[before]) is None:
        return YamlProblem("a key without a colon; expected 'key: value', with a space after the colon", before + 1)
    wide, wanted = _indent(lines[mark.line]), _indent(lines[before])
    return YamlProblem(
        f"indented by {_spaces(wide)}, below line {before + 1}, which has a value already; expected {_spaces(wanted)}, as there, "
        f"or nothing after the colon of line {before + 1}",
        here,
    )


def _unexpected_in_block(problem: str, mark: TextPlace, begin: TextPlace, lines: list[str]) -> YamlProblem | None:
    here, above = mark.line + 1, begin.line + 1
    found = problem.rpartition("found ")[2].strip("'")
    if found in ("}", "]"):
        return YamlProblem(f"a closing bracket {found} too many; expected one for each that opens", here)
    if found == "<scalar>":
        return YamlProblem("something stands behind a value; expected one value, in quotes as a whole", here)
    if found in ("-", "<block sequence start>"):
        return YamlProblem(f"an element of a list (-) among the keys that begin in line {above}; expected a key", here)
    if found == "?":
        return YamlProblem(f"a key in the list that begins in line {above}; expected an element (-)", here)
    if found == "<block mapping start>":
        before = _line_above(mark.line, lines)
        expected = [f"{_spaces(begin.column)}, as in line {above}"]
        if before is not None and _indent(lines[before]) != begin.column:
            expected.insert(0, f"{_spaces(_indent(lines[before]))}, as in line {before + 1}")
        found = f"indented by {_spaces(_indent(lines[mark.line]))}, which fits no line above"
        return YamlProblem(f"{found}; expected {', or '.join(expected)}", here)
    return None


def _line_above(line: int, lines: list[str]) -> int | None:
    """The next line above, counted from 0, that is neither empty nor a comment."""
    return next((one for one in range(line - 1, -1, -1) if lines[one].strip() and lines[one].lstrip()[0] != "#"), None)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _spaces(count: int) -> str:
    return "no space" if count == 0 else "1 space" if count == 1 else f"{count} spaces"
