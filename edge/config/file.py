"""Reads and validates ``config.yaml`` and ``--set``. Errors name the file, the key, the value, and what was expected."""

import json
import os
from collections.abc import Container, Sequence
from pathlib import Path

from pydantic import ValidationError

from edge.config.default import folder_of
from edge.config.neighbours import UpdateConfig
from edge.config.schema import Config
from edge.config.yaml_file import YamlError, parse_yaml, read_yaml_document
from edge.errors import ConfigError
from edge.files.input_kind import InputKind
from edge.models import model_path

CONFIGURATION = InputKind("configuration", ConfigError, "expected a YAML file", "name one with --config")


def load_config(path: Path, overrides: Sequence[str] = ()) -> Config:
    """Read and validate a configuration.

    Args:
        path: the YAML file.
        overrides: values that replace those of the file, each ``a.b=value`` with the value in YAML. Relative paths in
            them are resolved against the working directory; those in the file, and default paths, against ``folder_of``.

    Raises:
        InputMissingError: the file does not exist.
        ConfigError: it is not valid YAML, or not a valid configuration. Each of its problems names the file, the line, the
            key, the value, and what was expected.
    """
    try:
        with CONFIGURATION.reading(path):
            document = read_yaml_document(path)
    except YamlError as error:
        line = "" if error.line is None else f":{error.line}"
        raise ConfigError(f"configuration {path}{line}: {error}") from error
    tree = document.value
    if not isinstance(tree, dict):
        raise ConfigError(f"configuration {path}: expected sections (camera:, tray:, ...), got {type(tree).__name__}")
    _resolve_paths(tree, folder_of(path))
    for override in overrides:
        keys, value = _parse_override(override)
        _put(tree, keys, value)
    _resolve_paths(tree, folder_of(path), sections=OPTIONAL_SECTIONS)  # one may stand in an override alone
    try:
        config = Config.model_validate(tree)
    except ValidationError as error:
        from edge.config.names import name_problems_in
        from edge.config.problems import FileSchema, Places, describe  # most configurations are in order

        places = Places("configuration", path, document, tuple(overrides))
        raise ConfigError(*describe(error, tree, places, FileSchema(Config, name_problems_in))) from error
    if config.update is None:
        return config
    from edge.config.update_slot import with_update  # few bins have one

    return with_update(config)


PATH_KEYS = (
    ("camera", "folder", "path"),
    ("camera", "folder", "empty"),
    ("tray", "empty_tray"),
    ("tray", "memory"),
    ("model", "file"),
    ("model", "head"),
    ("model", "delegate_file"),
    ("event_log", "file"),
    ("event_log", "images"),
    ("teach", "folder"),
    ("link", "ca"),
    ("link", "password_file"),
    ("link", "certificate"),
    ("link", "key"),
    ("link", "metrics_token_file"),
    ("update", "root"),
    ("simulation", "photos"),
    ("simulation", "listing"),
)
"""Keys whose value is a path."""

OPTIONAL_SECTIONS = {"update": UpdateConfig}
"""Sections with paths that are null unless somebody writes them."""

SOURCE = ("camera", "opencv", "source")
"""Key whose value is a path unless it is a number or a URL."""

MODEL = ("model", "file")
"""Key whose value is a path unless it is the name of a model that ships."""


def _resolve_paths(
    tree: dict[str, object], folder: Path, *, sections: Container[str] = frozenset(Config.model_fields)
) -> None:
    """Make the paths in some sections of ``tree`` absolute, and insert the default paths that it leaves out."""
    for keys in (*PATH_KEYS, SOURCE):
        if keys[0] not in sections:
            continue
        default: object = Config.model_fields[keys[0]].default
        if default is None:  # a section that may be left out
            if not isinstance(tree.get(keys[0]), dict):
                continue
            default = OPTIONAL_SECTIONS[keys[0]].model_fields[keys[1]].default
        else:
            for key in keys[1:]:
                default = getattr(default, key)
        node: object = tree
        for key in keys[:-1]:
            node = node.setdefault(key, {}) if isinstance(node, dict) else None
        if isinstance(node, dict) and (path := _to_path(keys, node.get(keys[-1], default))) is not None:
            node[keys[-1]] = str(folder / path)


def _to_path(keys: tuple[str, ...], value: object) -> Path | None:
    """The value of a key as a path; None if it is not one."""
    if not isinstance(value, str | Path) or keys not in (*PATH_KEYS, SOURCE):
        return None
    if keys == SOURCE and (str(value).isdecimal() or "://" in str(value)):
        return None
    path = model_path(str(value)) if keys == MODEL else Path(value)
    # Unlike Path.expanduser, this leaves the name of nobody (~name) as it is: no such file is found then.
    return Path(os.path.expanduser(path))


def absolute_overrides(overrides: Sequence[str]) -> list[str]:
    """Overrides that mean the same in another working directory: relative paths in them are made absolute.

    Those that are not valid stay as they are.
    """
    made = []
    for override in overrides:
        try:
            keys, value = _parse_override(override)
        except ConfigError:
            made.append(override)
            continue
        is_path = isinstance(value, str) and _to_path(tuple(keys), value) is not None
        made.append(f"{'.'.join(keys)}={json.dumps(value, ensure_ascii=False)}" if is_path else override)
    return made


def _parse_override(override: str) -> tuple[list[str], object]:
    """Keys and value of ``a.b=value``. Raises ConfigError."""
    name, equals, text = override.partition("=")
    keys = name.strip().split(".")
    if not equals or not all(keys):
        # Not its value, which may be a password: only a key tells that.
        raise ConfigError(f"--set {override.partition(':')[0]}: expected section.key=value")
    try:
        value = parse_yaml(text)
    except YamlError as error:
        raise ConfigError(f"--set {override}: the value is not valid YAML") from error
    path = _to_path(tuple(keys), value)
    return keys, value if path is None else str(path.absolute())


def _put(tree: dict[str, object], keys: list[str], value: object) -> None:
    """Set the value of a key, and create its sections. Raises ConfigError if one of them is a value."""
    for depth, key in enumerate(keys[:-1]):
        node = tree.setdefault(key, {})
        if node is None:
            node = tree[key] = {}
        if not isinstance(node, dict):
            raise ConfigError(f"--set {'.'.join(keys)}: {'.'.join(keys[: depth + 1])} is a value, not a section")
        tree = node
    tree[keys[-1]] = value
