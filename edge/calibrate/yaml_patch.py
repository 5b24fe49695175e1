"""Copies keys from one YAML text into another, line by line, so that both keep their comments and their order."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import yaml

from edge.calibrate.proposal import Key


@dataclass(frozen=True, slots=True)
class YamlLines:
    """Where a key stands in a text.

    Attributes:
        first, last: its lines, counted from 0; those of its comments above are not among them.
        column: number of spaces before it.
        value: begin and end of its value in the text.
        is_line: whether it and its value have their lines for themselves.
    """

    first: int
    last: int
    column: int
    value: tuple[int, int]
    is_line: bool


class YamlPatch:
    """A YAML text that is changed key by key; what cannot be changed by lines is left as it is.

    Args:
        text: the text; it is valid, and a mapping.

    Attributes:
        text: the text as it is now.
    """

    def __init__(self, text: str) -> None:
        self.text = text if text.endswith("\n") else f"{text}\n"

    def replace(self, key: Key, other: str) -> None:
        """Replace the value of a key by the one that it has in another text."""
        mine, theirs = locate(self.text).get(key), locate(other).get(key)
        if mine is not None and theirs is not None and "\n" not in other[slice(*theirs.value)]:
            self.text = self.text[: mine.value[0]] + other[slice(*theirs.value)] + self.text[mine.value[1] :]

    def insert(self, key: Key, other: str) -> None:
        """Take over the lines of a key, or of the section above it that is missing, with the comments right above them."""
        there, mine = locate(other), locate(self.text)
        while key[:-1] and key[:-1] not in mine:
            key = key[:-1]
        source = there.get(key)
        siblings = [one for one in there if one[:-1] == key[:-1]]
        if source is None or key in mine or not source.is_line:
            return
        before = [one for one in siblings[: siblings.index(key)] if one in mine]
        own = [mine[one] for one in mine if one[:-1] == key[:-1]]
        if not own or not all(one.is_line for one in own):
            return
        lines = self.text.splitlines()
        at = mine[before[-1]].last + 1 if before else min(one.first for one in own)
        indent = own[0].column - source.column
        block = [_indented(line, indent) for line in _with_comments(other.splitlines(), source)]
        lines[at:at] = ["", *block] if len(key) == 1 and at else block  # sections are set apart
        self.text = "\n".join(lines) + "\n"

    def remove(self, key: Key) -> None:
        """Remove the lines of a key, and of a section that has no other."""
        there = locate(self.text)
        while key[:-1] and [one for one in there if one[:-1] == key[:-1]] == [key]:
            key = key[:-1]
        found = there.get(key)
        if found is not None and found.is_line:
            lines = self.text.splitlines()
            del lines[found.first : found.last + 1]
            self.text = "\n".join(lines) + "\n"


@lru_cache(maxsize=4)  # the same texts are asked for again and again, and PyYAML is slow
def locate(text: str) -> Mapping[Key, YamlLines]:
    """Every key of a text, in its order, with the place that it has."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    return MappingProxyType(dict(_keys(root, text.splitlines())) if isinstance(root, yaml.MappingNode) else {})


def _keys(node: yaml.MappingNode, lines: list[str], above: Key = ()) -> Iterator[tuple[Key, YamlLines]]:
    for name, value in node.value:
        if not isinstance(name, yaml.ScalarNode):
            continue
        key, last = (*above, str(name.value)), max(name.start_mark.line, _last_line(value))
        is_line = not node.flow_style and not lines[name.start_mark.line][: name.start_mark.column].strip()
        yield (
            key,
            YamlLines(
                name.start_mark.line,
                last,
                name.start_mark.column,
                (value.start_mark.index, value.end_mark.index),
                is_line,
            ),
        )
        if isinstance(value, yaml.MappingNode):
            yield from _keys(value, lines, key)


def _last_line(node: yaml.Node) -> int:
    """The last line of a value. A block ends where the next key begins, as YAML counts it: its last child tells."""
    children: Iterable[yaml.Node] = ()
    if isinstance(node, yaml.MappingNode) and not node.flow_style:
        children = (value for _, value in node.value)
    elif isinstance(node, yaml.SequenceNode) and not node.flow_style:
        children = node.value
    return max(map(_last_line, children), default=int(node.end_mark.line if node.value != "" else node.start_mark.line))


def _with_comments(lines: list[str], place: YamlLines) -> list[str]:
    """The lines of a key and the comments right above them."""
    first = place.first
    while first and lines[first - 1].strip().startswith("#") and lines[first - 1].index("#") == place.column:
        first -= 1
    return lines[first : place.last + 1]


def _indented(line: str, by: int) -> str:
    return " " * by + line if by >= 0 else line[min(-by, len(line) - len(line.lstrip())) :]
