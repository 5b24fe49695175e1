"""Every key of a configuration with its value, and what it means: by the comments of the default that ships."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import yaml

from edge.calibrate.config_keys import MISSING, USER_NAMED, leaves, name_of, tree_of, value_at
from edge.calibrate.proposal import Key
from edge.calibrate.yaml_patch import locate
from edge.config.fields import expectation
from edge.config.schema import Config
from edge.config.yaml_file import MOST_BYTES, YamlError, parse_yaml
from edge.errors import ConfigError
from hardware.passwords import mask_passwords, shown

ANY_BIN = ("bins", "paper")
"""The bin of the default whose comments explain the keys of every bin."""


@dataclass(frozen=True, slots=True)
class ListedKey:
    """A key.

    Attributes:
        key: as it is written: ``event_log.file``.
        value: as YAML, in one line, passwords masked.
        is_set: whether it stands in the file; else it has its default.
        is_secret: whether a password was masked.
        meaning: what the default's comment says of it; empty: nothing.
        expected: what may stand there, by the schema; empty: it does not say.
    """

    key: str
    value: str
    is_set: bool
    is_secret: bool
    meaning: str
    expected: str

    def tree(self) -> dict[str, object]:
        """The key for JSON."""
        return asdict(self)


def list_keys(own: str, default: str) -> Iterator[ListedKey]:
    """The keys of a configuration, in the order of the default.

    Args:
        own: its text.
        default: the text of the default that ships.

    Raises:
        ConfigError: a text is no configuration.
    """
    tree, meanings = tree_of(own), _Meanings(default)
    for key, value in leaves(tree_of(default)):
        found = value_at(tree, key)
        present = value if found is MISSING else found
        inner = leaves(present, key, whole=()) if key in USER_NAMED and isinstance(present, dict) and present else None
        for one, its_value in inner or [(key, present)]:
            text = as_yaml(its_value)
            yield ListedKey(
                key=name_of(one),
                value=mask_passwords(text)
                if not _is_secret(one, its_value)
                else shown(its_value, MOST_BYTES, key=name_of(one)),
                is_set=found is not MISSING,
                is_secret=_is_secret(one, its_value),
                meaning=meanings.of(one),
                expected=expectation(Config, one),
            )


def changes_of(assignments: list[str], own: str, default: str) -> dict[Key, object]:
    """What ``KEY=VALUE`` changes in a configuration. A value that a key has already, also as its default, changes nothing.

    Args:
        assignments: each a key, ``=``, and a value as YAML.
        own: the text of the configuration.
        default: the text of the default that ships.

    Raises:
        ConfigError: one is none; each of them is said.
    """
    tree, defaults = tree_of(own), tree_of(default)
    changes: dict[Key, object] = {}
    problems = []
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        key = tuple(name.strip().split("."))
        if not equals or not all(key):
            problems.append(f"{mask_passwords(name[:100])}: expected section.key=value")
            continue
        try:
            value = parse_yaml(text)
        except YamlError as error:
            problems.append(f"{name}: the value is not valid YAML: {error}")
            continue
        present = value_at(tree, key)
        if value != (value_at(defaults, key) if present is MISSING else present):
            changes[key] = value
    if problems:
        raise ConfigError(*problems)
    return changes


def as_yaml(value: object) -> str:
    """A value as YAML in one line."""
    text = yaml.safe_dump(value, default_flow_style=True, width=float("inf"), allow_unicode=True, sort_keys=False)
    return text.removesuffix("...\n").strip()


def _is_secret(key: Key, value: object) -> bool:
    return shown(value, MOST_BYTES, key=name_of(key)) != repr(value)


class _Meanings:
    """The comments of the default.

    Args:
        default: its text.
    """

    def __init__(self, default: str) -> None:
        self._lines = default.splitlines()
        self._starts = [0]
        for line in default.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self._places = locate(default)

    def of(self, key: Key) -> str:
        """What stands behind a key and right above it; of names of the user's own, what stands with all of them."""
        if key[0] == ANY_BIN[0] and len(key) > len(ANY_BIN):
            key = (*ANY_BIN, *key[len(ANY_BIN) :])
        for known in (key[:length] for length in range(len(key), min(1, len(key) - 1), -1)):
            if known in self._places and (found := " ".join([*self._above(known), *self._behind(known)])):
                return found
        return ""

    def _behind(self, key: Key) -> Iterator[str]:
        place = self._places[key]
        line = self._lines[place.first]
        end = place.value[1] - self._starts[place.first]
        is_inline = place.value[0] < self._starts[place.first] + len(line)
        rest = line[end:] if is_inline else line[place.column + len(key[-1]) :]
        _, mark, comment = rest.partition("#")
        if mark:
            yield comment.strip()

    def _above(self, key: Key) -> Iterator[str]:
        place = self._places[key]
        first = place.first
        while (
            first
            and self._lines[first - 1].strip().startswith("#")
            and self._lines[first - 1].index("#") == place.column
        ):
            first -= 1
        for line in self._lines[first : place.first]:
            yield line.strip().lstrip("#").strip()
