"""Reads ``config.yaml`` and ``--set``; what does not fit is told by file, key, value and what was expected."""

from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from edge.config.schema import Config
from edge.config.wiring import KINDS
from edge.errors import ConfigError, InputMissingError


class UniqueKeyLoader(yaml.SafeLoader):
    """YAML that refuses a key given twice, where the last would win in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue  # << takes over another mapping's keys, and may be overridden
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                continue  # the base class refuses it, with its place
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} stands twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


NOT_YAML = (yaml.YAMLError, ValueError, RecursionError)
"""What PyYAML raises: also ValueError for a date or number that is none, RecursionError for thousands of brackets."""


def load_config(path: Path, overrides: Sequence[str] = ()) -> Config:
    """Read and check a configuration.

    Args:
        path: the YAML file.
        overrides: ``a.b=value`` each, the value in YAML; they win over the file. Relative paths in them are resolved
            against the working directory, those in the file, and those it leaves out, against the file's folder.

    Raises:
        InputMissingError: there is no such file.
        ConfigError: it is not YAML, or does not fit; the text names file, key, value and what was expected.
    """
    try:
        tree = yaml.load(path.read_text(encoding="utf-8"), Loader=UniqueKeyLoader)
    except IsADirectoryError as error:
        raise InputMissingError(f"configuration {path}: is a folder; expected a YAML file") from error
    except FileNotFoundError as error:
        raise InputMissingError(f"configuration {path}: no such file; name one with --config") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"configuration {path}: cannot be read: {error}") from error
    except NOT_YAML as error:
        raise ConfigError(f"configuration {path}: not valid YAML: {' '.join(str(error).split())}") from error
    if not isinstance(tree, dict):
        raise ConfigError(f"configuration {path}: expected sections (camera:, tray:, ...), got {type(tree).__name__}")
    _resolve_paths(tree, path.resolve().parent)
    sources = {}
    for override in overrides:
        keys, value = _parse_override(override)
        _put(tree, keys, value)
        sources[tuple(keys)] = override
    try:
        return Config.model_validate(tree)
    except ValidationError as error:
        raise ConfigError(_explain(path, error, overrides)) from error


PATH_KEYS = (
    ("camera", "folder", "path"),
    ("camera", "folder", "empty"),
    ("tray", "empty_tray"),
    ("tray", "memory"),
    ("model", "file"),
    ("model", "delegate_file"),
    ("event_log", "file"),
    ("event_log", "images"),
    ("simulation", "photos"),
    ("simulation", "listing"),
)
"""Keys that hold a path."""

SOURCE = ("camera", "opencv", "source")
"""Holds one where it is neither a number nor an address."""


def _resolve_paths(tree: dict[str, Any], folder: Path) -> None:
    for keys in (*PATH_KEYS, SOURCE):
        default: Any = Config.model_fields[keys[0]].default
        for key in keys[1:]:
            default = getattr(default, key)
        # What is left out stands in the file's folder as well.
        node: Any = tree
        for key in keys[:-1]:
            node = node.setdefault(key, {}) if isinstance(node, dict) else None
        if isinstance(node, dict) and _is_path(keys, value := node.get(keys[-1], default)):
            node[keys[-1]] = str(folder / Path(value).expanduser())


def _is_path(keys: tuple[str, ...], value: Any) -> bool:
    if keys == SOURCE:
        return isinstance(value, str) and not value.isdecimal() and "://" not in value
    return keys in PATH_KEYS and isinstance(value, str | Path)


def _parse_override(override: str) -> tuple[list[str], Any]:
    name, equals, text = override.partition("=")
    keys = name.strip().split(".")
    if not equals or not all(keys):
        raise ConfigError(f"--set {override}: expected section.key=value")
    try:
        value = yaml.load(text, Loader=UniqueKeyLoader)
    except NOT_YAML as error:
        raise ConfigError(f"--set {override}: the value is not valid YAML") from error
    if _is_path(tuple(keys), value):
        value = str(Path(value).expanduser().absolute())
    return keys, value


def _put(tree: dict[str, Any], keys: list[str], value: Any) -> None:
    for depth, key in enumerate(keys[:-1]):
        node = tree.setdefault(key, {})
        if node is None:
            node = tree[key] = {}
        if not isinstance(node, dict):
            raise ConfigError(f"--set {'.'.join(keys)}: {'.'.join(keys[: depth + 1])} is a value, not a section")
        tree = node
    tree[keys[-1]] = value


def _explain(path: Path, error: ValidationError, overrides: Sequence[str]) -> str:
    """One line per problem: file, key, value received, what was expected."""
    lines = []
    for problem in error.errors():
        # Pydantic names the member of a union behind its key; the user never wrote it.
        parts = problem["loc"]
        key = ".".join(
            str(part)
            for before, part in zip((None, *parts), parts, strict=False)
            if before not in ("flap", "level") or part not in KINDS
        )
        if problem["type"].startswith("union_tag"):
            key += ".kind"
        origin = next(
            (f"--set {item}" for item in overrides if key and item.partition("=")[0].strip() == key),
            f"configuration {path}",
        )
        message = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            lines.append(f"{origin}: {key}: unknown key; see config.yaml for the keys there are")
        elif problem["type"] == "union_tag_invalid":
            given, expected = problem["ctx"]["tag"], problem["ctx"]["expected_tags"].replace("'", "")
            lines.append(f"{origin}: {key}: got {given!r:.80}; expected one of {expected}")
        elif problem["type"] in ("missing", "union_tag_not_found"):
            lines.append(f"{origin}: {key}: missing")
        elif problem["type"] == "value_error" and isinstance(problem["input"], dict | BaseModel):
            lines.append(f"{origin}: {key}: {message}" if key else f"{origin}: {message}")
        else:
            value = repr(problem["input"])
            lines.append(f"{origin}: {key}: got {value[:80]}; {message[0].lower() + message[1:]}")
    return "; ".join(lines)
