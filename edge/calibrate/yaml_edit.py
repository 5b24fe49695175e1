"""Changes values in the text of a configuration, and keeps its comments, order and quoting."""

import io
from collections.abc import Mapping

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.util import load_yaml_guess_indent

from edge.calibrate.proposal import Key
from edge.config.yaml_file import parse_yaml
from edge.config.yaml_problem import yaml_problem
from edge.errors import ConfigError

_WIDTH = 10_000
"""Line length from which ruamel.yaml folds lines: longer than any line of a configuration."""


def rewritten(text: str, settings: Mapping[Key, object]) -> str:
    """The text with each key set to its value; missing keys and sections are added.

    Raises:
        ConfigError: part of a key is not a section, or the text uses YAML features that cannot be preserved.
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
        problem = yaml_problem(error, text)
        place = "" if problem.line is None else f" in line {problem.line}"
        raise ConfigError(f"the configuration cannot be edited{place}: {problem.text}") from error
    round_trip.indent(mapping=_indent(tree), sequence=sequence or 4, offset=offset or 2)
    for key, value in settings.items():
        _put(tree, key, value)
    out = io.StringIO()
    round_trip.dump(tree, out)
    _check(text, out.getvalue(), settings)
    return out.getvalue()


def _indent(tree: CommentedMap) -> int:
    """Number of spaces by which the file indents its sections."""
    steps = [
        section.lc.col - tree.lc.col
        for section in tree.values()
        if isinstance(section, CommentedMap) and not section.fa.flow_style()
    ]
    return int(min(steps, default=2))


def _put(tree: object, key: Key, value: object) -> None:
    node = tree
    for depth, name in enumerate(key[:-1]):
        if isinstance(node, dict) and node.get(name) is None:
            node[name] = _flow_style({})
        node = node[name] if isinstance(node, dict) else None
        if not isinstance(node, dict):
            raise ConfigError(
                f"{'.'.join(key)}: {'.'.join(key[: depth + 1])} is a value, not a section; set it by hand"
            )
    if not isinstance(node, dict):
        raise ConfigError(f"{'.'.join(key)}: the configuration is not a mapping; set it by hand")
    before = node.get(key[-1])
    if isinstance(before, list) and isinstance(value, list) and len(before) == len(value):
        before[:] = value  # keeps the style of the list
        return
    node[key[-1]] = _flow_style(value)


def _flow_style(value: object) -> object:
    """The value with lists and mappings in flow style, which puts each on one line."""
    if isinstance(value, dict):
        mapping = CommentedMap({name: _flow_style(item) for name, item in value.items()})
        mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, list):
        sequence = CommentedSeq([_flow_style(item) for item in value])
        sequence.fa.set_flow_style()
        return sequence
    return value


def _check(before: str, after: str, settings: Mapping[Key, object]) -> None:
    """Check with the bin's own reader that the texts differ in the settings and in nothing else.

    Raises:
        ConfigError: they differ in something else.
    """
    wanted, got = (_without_aliases(parse_yaml(text)) for text in (before, after))
    for key, value in settings.items():
        _put(wanted, key, value)
    if wanted != got:
        raise ConfigError(
            "the configuration uses YAML features that cannot be preserved (anchors, tags or the like); "
            f"set by hand: {', '.join('.'.join(key) for key in settings)}"
        )


def _without_aliases(node: object) -> object:
    """A deep copy of the tree in which an anchor and its aliases are separate objects."""
    if isinstance(node, dict):
        return {name: _without_aliases(item) for name, item in node.items()}
    return [_without_aliases(item) for item in node] if isinstance(node, list) else node
