"""Reads YAML whose size is bounded: of the file, and of what its aliases unfold to."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from edge.config.yaml_problem import yaml_problem
from hardware.text_file import TextFileError, read_text

MOST_BYTES = 64_000
"""Largest YAML that is read: six times the default configuration, and PyYAML takes seconds for more."""

MOST_VALUES = 20_000
"""Largest number of values that YAML may stand for with every alias written out; the default configuration has 267."""


MOST_NESTED = 50
"""Largest depth of brackets: PyYAML's time grows with the square of it. The default configuration has three."""


class YamlError(ValueError):
    """A text is not YAML that can be used; its text gives the reason.

    Attributes:
        line: the line where that was found, from 1 on; None: it is about the whole.
    """

    def __init__(self, reason: str, *, line: int | None = None) -> None:
        super().__init__(reason)
        self.line = line


class _UniqueKeyLoader(yaml.SafeLoader):
    """YAML loader that rejects duplicate keys, of which PyYAML silently uses the last, and aliases that unfold to too much."""

    def fetch_flow_collection_start(self, TokenClass: type[yaml.Token]) -> None:  # noqa: N803  # PyYAML's name
        if self.flow_level == MOST_NESTED:
            line = self.line + 1
            raise YamlError(f"more than {MOST_NESTED} brackets one in the other", line=line)
        super().fetch_flow_collection_start(TokenClass)

    def get_single_node(self) -> yaml.Node | None:
        node: yaml.Node | None = super().get_single_node()
        if node is not None:
            # Before anything is made of it: merged keys (<<) are copied while it is made.
            _count_values(node, {})
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:
        keys: set[Hashable] = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue  # << copies the keys of another mapping, which may be overridden
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                continue  # rejected by the base class, with its position
            if key in keys:
                raise yaml.constructor.ConstructorError(None, None, f"duplicate key {key!r}", key_node.start_mark)
            keys.add(key)
        mapping: dict[Hashable, object] = super().construct_mapping(node, deep)
        return mapping


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """A YAML text that was read.

    Attributes:
        value: what it stands for.
        root: its outermost node; None: the text is empty.
    """

    value: object
    root: yaml.Node | None

    def line_of(self, keys: Sequence[str | int]) -> int | None:
        """The line, from 1 on, of a key or of an element of a list; of what holds it, if it is not there itself.

        Args:
            keys: the way to it from the outermost section: keys, and places in lists.

        Returns:
            None if not even the first of them is there.
        """
        node, line = self.root, None
        for key in keys:
            found = _child(node, key)
            if found is None:
                break
            line, node = found
        return line


def _child(node: yaml.Node | None, key: str | int) -> tuple[int, yaml.Node] | None:
    """Line and node of what stands under a key of a mapping, or at a place of a list."""
    if isinstance(node, yaml.MappingNode):
        for name, value in reversed(node.value):  # keys that were merged in (<<) come first, and are overridden
            if isinstance(name, yaml.ScalarNode) and name.value == str(key):
                return name.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        value = node.value[key]
        return value.start_mark.line + 1, value
    return None


def read_yaml(path: Path) -> object:
    """Read a YAML file.

    Raises:
        OSError: it cannot be read.
        YamlError: it is too large, no UTF-8, not valid YAML, or unfolds to too much.
    """
    return read_yaml_document(path).value


def read_yaml_document(path: Path) -> YamlDocument:
    """As ``read_yaml``, with the lines on which its keys stand."""
    try:
        return parse_yaml_document(read_text(path, most_bytes=MOST_BYTES))
    except TextFileError as error:
        raise YamlError(f"cannot be read: {error}") from error


def parse_yaml(text: str) -> object:
    """What a YAML text stands for.

    Raises:
        YamlError: it is too large, not valid YAML, or unfolds to too much.
    """
    return parse_yaml_document(text).value


def parse_yaml_document(text: str) -> YamlDocument:
    """As ``parse_yaml``, with the lines on which its keys stand."""
    if len(text) > MOST_BYTES:
        raise YamlError(f"larger than {MOST_BYTES} bytes, which no file of the bin needs: is it the right file?")
    loader = None
    try:
        loader = _UniqueKeyLoader(text)
        root = loader.get_single_node()
        return YamlDocument(None if root is None else loader.construct_document(root), root)
    except YamlError:
        raise
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        # ValueError for an invalid date or number, RecursionError for thousands of brackets.
        problem = yaml_problem(error, text)
        raise YamlError(f"not valid YAML: {problem.text}", line=problem.line) from error
    finally:
        if loader is not None:
            loader.dispose()


def _count_values(node: yaml.Node, counted: dict[int, int | None]) -> int:
    """Number of values that a node stands for with every alias written out.

    Args:
        node: the node.
        counted: the numbers of the nodes that were met before, by their identity; None: being counted.

    Raises:
        YamlError: it is larger than ``MOST_VALUES``, or a value contains itself.
    """
    if isinstance(node, yaml.ScalarNode):
        return 1
    if id(node) in counted:
        known = counted[id(node)]
        if known is None:
            line = node.start_mark.line + 1
            raise YamlError("an alias stands for a value that contains it", line=line)
        return known
    counted[id(node)] = None
    children = [part for pair in node.value for part in pair] if isinstance(node, yaml.MappingNode) else node.value
    total = 1
    for child in children:
        total += _count_values(child, counted)
        if total > MOST_VALUES:
            line = node.start_mark.line + 1
            raise YamlError(
                f"its aliases (*name) stand for more than {MOST_VALUES} values; write out what you need",
                line=line,
            )
    counted[id(node)] = total
    return total
