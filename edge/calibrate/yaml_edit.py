"""A configuration's text with some values changed: comments, order and quoting stay as they are."""

import io
from collections.abc import Mapping
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.util import load_yaml_guess_indent

from edge.calibrate.proposal import Key
from edge.config.file import UniqueKeyLoader
from edge.errors import ConfigError

_WIDTH = 10_000
"""Lines are not folded below this length."""


def rewritten(text: str, settings: Mapping[Key, Any]) -> str:
    """The text with each key set to its value; keys and sections that are missing are added.

    Raises:
        ConfigError: a key leads through what is no section, or the text is written in a way that cannot be kept.
    """
    round_trip = YAML()
    round_trip.preserve_quotes = True
    round_trip.width = _WIDTH
    round_trip.representer.add_representer(
        type(None), lambda representer, _: representer.represent_scalar("tag:yaml.org,2002:null", "null")
    )
    try:
        tree, sequence, offset = load_yaml_guess_indent(text, yaml=round_trip)
    except YAMLError as error:
        raise ConfigError(f"the configuration cannot be changed, only read: {' '.join(str(error).split())}") from error
    round_trip.indent(mapping=_indent(tree), sequence=sequence or 4, offset=offset or 2)
    for key, value in settings.items():
        _put(tree, key, value)
    out = io.StringIO()
    round_trip.dump(tree, out)
    _check(text, out.getvalue(), settings)
    return out.getvalue()


def _indent(tree: Any) -> int:
    """By how much the file indents its sections."""
    steps = [
        section.lc.col - tree.lc.col
        for section in tree.values()
        if isinstance(section, CommentedMap) and not section.fa.flow_style()
    ]
    return int(min(steps, default=2))


def _put(tree: Any, key: Key, value: Any) -> None:
    node = tree
    for depth, name in enumerate(key[:-1]):
        if isinstance(node, dict) and node.get(name) is None:
            node[name] = _in_flow({})
        node = node[name] if isinstance(node, dict) else None
        if not isinstance(node, dict):
            raise ConfigError(
                f"{'.'.join(key)}: {'.'.join(key[: depth + 1])} is a value, not a section; set it by hand"
            )
    before = node.get(key[-1])
    if isinstance(before, list) and isinstance(value, list) and len(before) == len(value):
        before[:] = value  # in its own style
        return
    node[key[-1]] = _in_flow(value)


def _in_flow(value: Any) -> Any:
    """A new list or mapping stands on one line."""
    if isinstance(value, dict):
        mapping = CommentedMap({name: _in_flow(item) for name, item in value.items()})
        mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, list):
        sequence = CommentedSeq([_in_flow(item) for item in value])
        sequence.fa.set_flow_style()
        return sequence
    return value


def _check(before: str, after: str, settings: Mapping[Key, Any]) -> None:
    """Read by the bin's own reader, the texts differ in the settings and in nothing else."""
    wanted, got = (_apart(yaml.load(text, Loader=UniqueKeyLoader)) for text in (before, after))
    for key, value in settings.items():
        _put(wanted, key, value)
    if wanted != got:
        raise ConfigError(
            "the configuration is written in a way that cannot be changed without harm (YAML anchors, tags or the like); "
            f"set by hand: {', '.join('.'.join(key) for key in settings)}"
        )


def _apart(node: Any) -> Any:
    """The same tree; what an anchor lets stand in two places is there twice."""
    if isinstance(node, dict):
        return {name: _apart(item) for name, item in node.items()}
    return [_apart(item) for item in node] if isinstance(node, list) else node
