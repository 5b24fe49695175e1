"""Reads scenarios from YAML files."""

import os
from pathlib import Path

from pydantic import BaseModel, ValidationError

from edge.config.yaml_file import YamlError, read_yaml
from edge.errors import ConfigError, InputMissingError
from edge.simulation.faults import KINDS
from edge.simulation.scenario import MAX_NAME, Scenario
from edge.simulation.scenarios import SHIPPED
from hardware.passwords import shown
from hardware.printable import printable

MOST_SHOWN = 80
"""Characters of a wrong value that a message shows."""


def load_scenario(path: Path) -> Scenario:
    """Read and check a scenario.

    Raises:
        InputMissingError: there is no such file.
        ConfigError: it is not YAML, or does not fit; the message names file, key, value and what was expected.
    """
    try:
        tree = read_yaml(path)
    except (FileNotFoundError, IsADirectoryError) as error:
        raise InputMissingError(
            f"scenario {path}: no such file; there are some in tests/scenarios of the sources, "
            f"these ship: {', '.join(SHIPPED)}; 'sorter simulate --new FILE' writes one to start from"
        ) from error
    except OSError as error:
        raise ConfigError(f"scenario {path}: cannot be read: {error.strerror or error}") from error
    except YamlError as error:
        raise ConfigError(f"scenario {path}: {error}") from error
    if not isinstance(tree, dict):
        raise ConfigError(
            f"scenario {path}: expected items: and other keys, got {type(tree).__name__}; "
            "'sorter simulate --new FILE' writes one with every key"
        )
    if tree.get("name") is None:
        tree["name"] = printable(path.stem)[:MAX_NAME]
    for key in ("folder", "listing"):
        if isinstance(tree.get(key), str):
            tree[key] = str(path.resolve().parent / os.path.expanduser(tree[key]))
    try:
        return Scenario.model_validate(tree)
    except ValidationError as error:
        raise ConfigError(_explain(path, error)) from error


def _explain(path: Path, error: ValidationError) -> str:
    """One line per problem: file, key, value received, expected value."""
    lines = []
    for problem in error.errors():
        # Pydantic adds the member of a union to the key; it does not stand in the user's file.
        parts = [
            str(part)
            for before, part in zip((None, *problem["loc"]), problem["loc"], strict=False)
            if not (before == "items" and part in ("random", "list"))
            and not (isinstance(before, int) and problem["loc"][0] == "faults" and part in KINDS)
        ]
        key = ".".join(parts) or "the scenario"
        message = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            message = "unknown key"
        elif problem["type"] == "missing":
            message = "missing"
        elif problem["type"] == "union_tag_invalid":
            fault = shown(problem["ctx"]["tag"], MOST_SHOWN)
            message = f"kind: unknown fault {fault}; expected one of {', '.join(sorted(KINDS))}"
        elif problem["type"] == "union_tag_not_found":
            message = f"kind: missing; expected one of {', '.join(sorted(KINDS))}"
        elif not (problem["type"] == "value_error" and isinstance(problem["input"], dict | BaseModel)):
            message = f"got {shown(problem['input'], MOST_SHOWN)}; {message[0].lower() + message[1:]}"
        lines.append(f"scenario {path}: {key}: {message}")
    return "; ".join(lines)
