"""What is wrong with a file that a schema describes, one sentence a problem: file and line, key, value, what was expected."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from edge.config.fields import expectation, kinds_of, places_of, section_keys, sections_at
from edge.config.names import MisfitError
from edge.config.suggestion import did_you_mean
from edge.config.yaml_file import YamlDocument
from hardware.passwords import shown

MOST_SHOWN = 80
"""Characters of a wrong value that a message shows."""

MOST_PROBLEMS = 30
"""Most problems that are told of one file: with more, it is another kind of file."""

ABSENT = ("missing", "union_tag_not_found")
"""Pydantic's types of problems with a key that is not there."""

# Pydantic's words name types of Python and how it tried to read them.
WORDS = {
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a smaller number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "text",
    "path_type": "a path",
    "dict_type": "a section: keys with their values",
    "model_type": "a section: keys with their values",
    "model_attributes_type": "a section: keys with their values",
    "tuple_type": "a list, as in [a, b]",
    "string_too_short": "text",
    "greater_than": "more than {gt:g}",
    "greater_than_equal": "at least {ge:g}",
    "less_than": "less than {lt:g}",
    "less_than_equal": "at most {le:g}",
    "too_short": "at least {min_length} of them",
    "too_long": "at most {max_length} of them",
}
"""Pydantic's type of a problem -> what was expected, in the words of the file's comments."""

OUT_OF_BOUNDS = ("greater_than", "greater_than_equal", "less_than", "less_than_equal")
"""Pydantic's types of problems with a number that is too small or too large."""

_KEY = re.compile(r"[A-Za-z_][\w.-]*")


@dataclass(frozen=True, slots=True)
class Places:
    """Where the values of a file stand.

    Attributes:
        what: what it is, e.g. ``configuration``.
        path: the file.
        document: what was read from it.
        overrides: ``KEY=VALUE`` of the command line, which win.
    """

    what: str
    path: Path
    document: YamlDocument
    overrides: tuple[str, ...] = ()

    def line_of(self, keys: Sequence[str | int]) -> int:
        """Its line in the file; 0: it stands on the command line, or nowhere."""
        return 0 if self._override_of(keys) else self.document.line_of(keys) or 0

    def of(self, keys: Sequence[str | int]) -> str:
        """The place of a key, as text for the beginning of a message."""
        override = self._override_of(keys)
        if override is not None:
            return f"--set {override}"
        line = self.document.line_of(keys)
        return f"{self.what} {self.path}" if line is None else f"{self.what} {self.path}:{line}"

    def _override_of(self, keys: Sequence[str | int]) -> str | None:
        wanted = [str(key) for key in keys]
        # A section that the file does not have was made by what is set below it.
        is_made = bool(wanted) and self.document.line_of(keys) is None
        for override in reversed(self.overrides):
            name = override.partition("=")[0].strip().split(".")
            if name == wanted[: len(name)] or (is_made and name[: len(wanted)] == wanted):
                return override
        return None


@dataclass(frozen=True, slots=True)
class FileSchema:
    """What is expected of a file.

    Attributes:
        root: its outermost section.
        problems_between: what can be said of how the sections of a file go together, each of which need not be in order: one
            sentence each, which begins with the key.
    """

    root: type[BaseModel]
    problems_between: Callable[[Mapping[str, object]], Iterable[str]] = lambda tree: ()


def describe(error: ValidationError, tree: Mapping[str, object], places: Places, schema: FileSchema) -> list[str]:
    """The problems, in the order of the file's lines.

    Args:
        error: what pydantic says of ``tree``.
        tree: the file as it was read, with overrides.
        places: where its values stand.
        schema: what was expected.
    """
    found: dict[tuple[str | int, ...], list[ErrorDetails]] = {}
    sentences: list[tuple[tuple[str | int, ...], str]] = []
    for one in error.errors():
        keys = _written(one["loc"], tree, is_absent=one["type"] in ABSENT)
        cause = one.get("ctx", {}).get("error")
        if isinstance(cause, MisfitError):
            sentences += [(_keys_in(text, keys, tree), text) for text in cause.problems]
        else:
            found.setdefault(keys, []).append(one)
    if not sentences:
        # Pydantic looks at how sections go together once all of them are in order; names can be told before.
        sentences += [(_keys_in(text, (), tree), text) for text in schema.problems_between(tree)]
    for keys, problems in found.items():
        sentences.append(_sentence(keys, problems, tree, schema.root))
    lines = [(places.line_of(keys), f"{places.of(keys)}: {text}") for keys, text in sentences]
    ordered = [text for _, text in sorted(lines, key=lambda line: line[0])]
    more = len(ordered) - MOST_PROBLEMS
    return ordered if more <= 0 else [*ordered[:MOST_PROBLEMS], f"{places.what} {places.path}: {more} problems more"]


def _sentence(
    keys: tuple[str | int, ...], problems: Sequence[ErrorDetails], tree: Mapping[str, object], root: type[BaseModel]
) -> tuple[tuple[str | int, ...], str]:
    """The place and the text of what is wrong with one value; where it may be of several types, with each of them."""
    one = problems[0]
    key, kind = ".".join(map(str, keys)), one["type"]
    names = [str(part) for part in keys]
    message = one["msg"].removeprefix("Value error, ")
    if kind == "invalid_key" or (one["loc"][-1:] == ("[key]",) and kind == "string_type"):
        # YAML reads yes, no, on and off as true and false, and digits as a number.
        above, read = names[:-1], one["loc"][-1] if kind == "invalid_key" else one["input"]
        where = f"{'.'.join(above)}: " if above else ""
        return keys[:-1], f"{where}a key is read as {shown(read, MOST_SHOWN)}; expected text: put it in quotes"
    if kind == "extra_forbidden":
        return keys, f"{key}: unknown key{_known_keys(keys, tree, root)}"
    if kind.startswith("union_tag"):
        keys, names, key = (*keys, "kind"), [*names, "kind"], f"{key}.kind"
    if kind in ABSENT and isinstance(keys[-1], int):  # an element of a list of fixed length
        given = shown(one["input"], MOST_SHOWN, key=names[-2])
        return keys[:-1], f"{'.'.join(names[:-1])}: got {given}; expected {expectation(root, keys[:-1])}"
    if kind in ABSENT:
        expected = expectation(root, keys)
        return keys, f"{key}: missing{f'; expected {expected}' if expected else ''}"
    if kind == "union_tag_invalid":
        given, known = one["ctx"]["tag"], kinds_of(sections_at(root, keys[:-1]))
        expected = f"one of {', '.join(known)}{did_you_mean(given, known)}"
        return keys, f"{key}: got {shown(given, MOST_SHOWN)}; expected {expected}"
    if kind == "value_error" and key and (missing := re.match(r"(\w+): missing", message)):
        return keys, f"{key}.{missing[0]}{message[missing.end() :]}"
    if kind == "value_error" and isinstance(one["input"], dict | BaseModel):
        return _keys_in(message, keys, tree), f"{key}: {message}" if key else message
    value = shown(one["input"], MOST_SHOWN, key=key)
    if kind == "value_error":
        return keys, f"{key}: got {value}; {message}"
    # Both bounds, where the schema has them at hand: the next attempt should not meet the other one.
    bounds = expectation(root, keys) if kind in OUT_OF_BOUNDS and keys else ""
    expected = bounds or " or ".join(dict.fromkeys(map(_expected, problems)))
    return keys, f"{key or 'the whole'}: got {value}; expected {expected}"


def _expected(problem: ErrorDetails) -> str:
    """What was expected where pydantic names a type or a bound."""
    kind, context = problem["type"], problem.get("ctx", {})
    if kind == "literal_error":
        known = re.findall(r"'([^']*)'", context["expected"])
        return f"one of {', '.join(known)}{did_you_mean(problem['input'], known)}"
    if kind in WORDS:
        return WORDS[kind].format(**context)
    return re.sub(r"^\w+ should (be|have) ", "", problem["msg"]).replace("String should match", "text of")


def _known_keys(keys: Sequence[str | int], tree: Mapping[str, object], root: type[BaseModel]) -> str:
    """What an unknown key was probably meant to be; else the keys that there are."""
    *above, wrong = keys
    node: object = tree
    for part in above:
        (node,) = _below(node, part) or (None,)
    known = section_keys(root, above, node.get("kind") if isinstance(node, Mapping) else None)
    if elsewhere := places_of(root, str(wrong)):
        return f" here; did you mean {elsewhere[0]}?"
    if meant := did_you_mean(wrong, known):
        return meant
    return f"; expected one of {', '.join(known)}"


def _written(location: Sequence[str | int], tree: Mapping[str, object], *, is_absent: bool) -> tuple[str | int, ...]:
    """The keys that the user wrote, of a location of pydantic's, which puts the kinds and types of a union between them.

    Args:
        location: as pydantic gives it.
        tree: what the user wrote.
        is_absent: the last of them is not there, and that is the problem.
    """
    node: object = tree
    keys: list[str | int] = []
    for place, part in enumerate(location):
        found = _below(node, part)
        if found is not None:
            keys.append(part)
            (node,) = found
        elif is_absent and place == len(location) - 1:
            keys.append(part)
    return tuple(keys)


def _below(node: object, part: str | int) -> tuple[object] | None:
    """What stands below a key, or at a place of a list, which may be None itself; None: nothing is there."""
    if isinstance(node, Mapping) and part in node:
        return (node[part],)
    if isinstance(node, list) and isinstance(part, int) and part < len(node):
        return (node[part],)
    return None


def _keys_in(text: str, above: tuple[str | int, ...], tree: Mapping[str, object]) -> tuple[str | int, ...]:
    """The keys that a sentence begins with: from the outermost section, or below ``above``; that, if it names none."""
    found = _KEY.match(text)
    parts = found[0].rstrip(".").split(".") if found is not None else []
    return tuple(parts) if parts and parts[0] in tree else (*above, *parts[:1])
