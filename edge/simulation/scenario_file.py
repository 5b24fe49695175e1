"""Reads scenarios from YAML files."""

import os
from pathlib import Path

from pydantic import ValidationError

from edge.config.problems import FileSchema, Places, describe
from edge.config.yaml_file import YamlError, read_yaml_document
from edge.errors import ConfigError
from edge.files.input_kind import InputKind
from edge.simulation.scenario import MAX_NAME, Scenario
from edge.simulation.scenarios import SHIPPED
from hardware.printable import printable

SCENARIO = InputKind(
    "scenario",
    ConfigError,
    f"there are some in tests/scenarios of the sources, these ship: {', '.join(SHIPPED)}; "
    "'sorter simulate --new FILE' writes one to start from",
)


def load_scenario(path: Path) -> Scenario:
    """Read and check a scenario.

    Raises:
        InputMissingError: there is no such file.
        ConfigError: it is not YAML, or does not fit. Each of its problems names the file, the line, the key, the value, and what
            was expected.
    """
    try:
        with SCENARIO.reading(path):
            document = read_yaml_document(path)
    except YamlError as error:
        line = "" if error.line is None else f":{error.line}"
        raise ConfigError(f"scenario {path}{line}: {error}") from error
    tree = document.value
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
    places = Places("scenario", path, document)
    try:
        return Scenario.model_validate(tree).found_at(places)
    except ValidationError as error:
        raise ConfigError(*describe(error, tree, places, FileSchema(Scenario))) from error
