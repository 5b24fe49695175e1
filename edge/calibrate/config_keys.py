"""The keys of a configuration with their values, as a person sees them."""

from collections.abc import Iterator

from edge.calibrate.proposal import Key
from edge.config.yaml_file import YamlError, parse_yaml
from edge.errors import ConfigError
from hardware.passwords import shown

USER_NAMED = (("bins",), ("drives",), ("decision", "labels"), ("camera", "opencv", "controls"))
"""Sections below which the names are the user's own: they are never completed from a default."""

MOST_SHOWN = 60
"""Characters of a value that are shown."""

MISSING = object()
"""Value of a key that is not there."""


def name_of(key: Key) -> str:
    """A key as it is written: ``event_log.file``."""
    return ".".join(map(str, key))


def show(key: Key, value: object) -> str:
    """A value in one line, passwords masked."""
    return shown(value, MOST_SHOWN, key=name_of(key))


def tree_of(text: str) -> dict[object, object]:
    """The sections of a configuration's text.

    Raises:
        ConfigError: it has none.
    """
    try:
        tree = parse_yaml(text)
    except YamlError as error:
        raise ConfigError(f"{error}" if error.line is None else f"line {error.line}: {error}") from error
    if not isinstance(tree, dict):
        raise ConfigError("expected sections (camera:, tray:, ...)")
    return tree


def leaves(
    tree: dict[object, object], above: Key = (), *, whole: tuple[Key, ...] = USER_NAMED
) -> Iterator[tuple[Key, object]]:
    """Every key with a value that is no section, and the sections that are taken as a whole.

    Args:
        tree: the sections.
        above: the way to them.
        whole: the sections whose keys are not looked at.
    """
    for name, value in tree.items():
        key = (*above, str(name))
        if isinstance(value, dict) and value and key not in whole:
            yield from leaves(value, key, whole=whole)
        else:
            yield key, value


def value_at(tree: object, key: Key) -> object:
    """The value of a key; ``MISSING`` if it, or a section above it, is not there."""
    for name in key:
        if not isinstance(tree, dict) or name not in tree:
            return MISSING
        tree = tree[name]
    return tree
