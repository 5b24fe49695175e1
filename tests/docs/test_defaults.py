"""The first lines of config.yaml are true: what is left out has the value shown, or its comment says what else."""

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from edge.config.file import load_config
from edge.errors import ConfigError
from tests.paths import ROOT

TEXT = (ROOT / "config.yaml").read_text(encoding="utf-8")
TREE = yaml.safe_load(TEXT)

Keys = tuple[str, ...]


def is_entry(keys: Keys) -> bool:
    """Is it a name of the user's own, and no key?"""
    return keys[:-1] in (("decision", "labels"), ("bins",))


def all_keys(tree: dict[str, Any], above: Keys = ()) -> Iterator[Keys]:
    for name, value in tree.items():
        yield (*above, name)
        if isinstance(value, dict):
            yield from all_keys(value, (*above, name))


def comments(text: str) -> dict[Keys, str]:
    """What the comments say of each key that has a line of its own: on that line, and on those right above it."""
    found: dict[Keys, str] = {}
    way: list[str] = []
    above = ""
    for line in text.splitlines():
        key = re.match(r"^( *)([a-z_]+):", line)
        if key is None:
            above = above + line.partition("#")[2] if line.strip() else ""
            continue
        way[len(key[1]) // 2 :] = [key[2]]
        found[tuple(way)] = (line.partition("#")[2] or " ") + above
        above = ""
    return found


COMMENTS = comments(TEXT)


def comment_on(keys: Keys) -> str:
    """What is said of a key: on its own line, or on that of the same key of the first bin, whose flap has a line for each."""
    return COMMENTS.get(keys) or COMMENTS.get(("bins", "paper", *keys[2:]), "")


def is_required(keys: Keys) -> bool:
    """Does its comment say so, or that of a key below it?"""
    below = [other for other in all_keys(TREE) if other[: len(keys)] == keys]
    return any(re.match(r" required\b", comment_on(other)) or is_said_above(other) for other in below)


def is_said_above(keys: Keys) -> bool:
    """Is it said above the line that holds its whole section? A kind of flap that has no lines of its own is told of there."""
    return re.search(rf"\b{keys[-1]},? which has no default", COMMENTS.get(keys[:-1], "")) is not None


def without(*left_out: Keys) -> dict[str, Any]:
    """The tree without some keys; a section stays, if only as an empty one."""
    tree = copy.deepcopy(TREE)
    for keys in left_out:
        section = value_of(tree, keys[:-1])
        section.pop(keys[-1])
    return tree


def value_of(tree: Any, keys: Keys) -> Any:
    for key in keys:
        tree = tree[key]
    return tree


REQUIRED = [keys for keys in all_keys(TREE) if not is_entry(keys) and is_required(keys)]
OPTIONAL = [keys for keys in all_keys(TREE) if not is_entry(keys) and not is_required(keys)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_a_key_that_is_left_out_has_the_value_shown(path: Path) -> None:
    """All of them at once: none depends on another."""
    shown = load_config(path).model_dump()
    values = [keys for keys in OPTIONAL if not isinstance(value_of(TREE, keys), dict)]
    whole_sections = [keys for keys in OPTIONAL if len(keys) == 1]
    for left_out in (values, whole_sections):
        path.write_text(yaml.safe_dump(without(*left_out), sort_keys=False), encoding="utf-8")
        found = load_config(path).model_dump()
        for keys in (one for one in values if one in left_out or one[:1] in left_out):
            other = re.search(r"left out: (\w+)", comment_on(keys))
            expected = yaml.safe_load(other[1]) if other else value_of(shown, keys)
            name = ".".join(keys)
            assert value_of(found, keys) == expected, f"config.yaml: {name} left out is not what is shown there"


@pytest.mark.parametrize("keys", REQUIRED, ids=".".join)
def test_a_key_that_is_said_to_be_required_is(path: Path, keys: Keys) -> None:
    path.write_text(yaml.safe_dump(without(keys), sort_keys=False), encoding="utf-8")
    with pytest.raises(ConfigError, match=rf": {'.'.join(keys)}: missing"):
        load_config(path)


def test_most_keys_have_a_default() -> None:
    last = {keys[-1] for keys in REQUIRED}
    assert last <= {"decision", "labels", "bins", "flap", "kind", "pin", "home_deg", "open_deg", "active_high"}
    assert len(OPTIONAL) > 3 * len(REQUIRED)
