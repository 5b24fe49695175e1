"""The docs say what the program does: every command, option and key is documented, and nothing else is."""

import argparse
import json
import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
import yaml
from pydantic import BaseModel

from edge.cli import build_parser
from edge.config.file import load_config
from edge.config.schema import Config
from tests.paths import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
CONFIG_TEXT = (ROOT / "config.yaml").read_text(encoding="utf-8")


def subcommands(parser: argparse.ArgumentParser, prefix: str = "") -> Iterator[tuple[str, argparse.ArgumentParser]]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, sub in action.choices.items():
                yield f"{prefix}{name}", sub
                yield from subcommands(sub, f"{prefix}{name} ")


def options(parser: argparse.ArgumentParser) -> set[str]:
    return {
        option
        for action in parser._actions
        for option in action.option_strings
        if option.startswith("--") and action.help != argparse.SUPPRESS and option != "--help"
    }


COMMANDS = dict(subcommands(build_parser()))


@pytest.mark.parametrize("command", [name for name, sub in COMMANDS.items() if not list(subcommands(sub))])
def test_every_command_and_option_stands_in_the_readme(command: str) -> None:
    lines = [line for line in README.splitlines() if f"python -m edge {command}" in line]
    assert lines, f"README.md does not show `python -m edge {command}`"
    for option in options(COMMANDS[command]):
        assert option in README, f"README.md does not mention {option} of {command}"


def test_the_readme_names_no_option_that_is_not_there() -> None:
    from convert.cli import build_parser as convert_parser
    from train.cli import build_parser as train_parser

    known = options(build_parser()) | {"--help"}
    for parser in (build_parser(), train_parser(), convert_parser()):
        known |= options(parser)
        for _, sub in subcommands(parser):
            known |= options(sub)
    for block in re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL):
        for line in block.splitlines():
            if "python -m" in line and "pip" not in line:
                for option in re.findall(r"(?<!\S)--[a-z][a-z-]*", line.partition("#")[0]):
                    assert option in known, f"README.md: {option} in {line!r}"


@pytest.mark.parametrize("command", list(COMMANDS))
def test_every_option_has_help(command: str) -> None:
    for action in COMMANDS[command]._actions:
        assert action.help or isinstance(action, argparse._SubParsersAction), f"{command}: {action.dest} has no help"


def keys_of(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Every key of the configuration as dotted path; mappings of the user's own names become ``*``."""
    for name, field in model.model_fields.items():
        kinds = [kind for kind in leaves(field.annotation) if isinstance(kind, type) and issubclass(kind, BaseModel)]
        yield f"{prefix}{name}"
        for kind in kinds:
            star = "*." if "dict" in str(field.annotation) else ""
            yield from keys_of(kind, f"{prefix}{name}.{star}")


def leaves(annotation: Any) -> Iterator[Any]:
    """The types that an annotation is made of, e.g. of ``Annotated[A | B, ...] | None``."""
    parts = get_args(annotation)
    if not parts:
        yield annotation
    for part in parts:
        yield from leaves(part)


def keys_in(tree: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for name, value in tree.items():
        yield f"{prefix}{name}"
        if isinstance(value, dict):
            yield from keys_in(value, f"{prefix}{name}.")


def examples() -> Iterator[tuple[str, dict[str, Any]]]:
    """What the comments of config.yaml say that a key may hold instead, in braces: on its line, or on those above it."""
    path: list[str] = []
    waiting: list[str] = []
    for line in CONFIG_TEXT.splitlines():
        waiting += re.findall(r"(?<!\[)\{[^}]*\}", line.partition("#")[2])
        key = re.match(r"^( *)([a-z_]+):", line)
        if key is None:
            continue
        path[len(key[1]) // 2 :] = [key[2]]
        yield from ((".".join(path), yaml.safe_load(example)) for example in waiting)
        waiting = []


def test_config_yaml_shows_every_key() -> None:
    shown = set(keys_in(yaml.safe_load(CONFIG_TEXT)))
    shown |= {f"{key}.{name}" for key, example in examples() for name in keys_in(example)}
    wanted = set(keys_of(Config))
    assert wanted - {re.sub(r"^bins\.[a-z]+", "bins.*", key) for key in shown} == set(), "keys that config.yaml lacks"


@pytest.mark.parametrize(("key", "example"), list(examples()))
def test_what_config_yaml_gives_as_an_example_is_accepted(key: str, example: dict[str, Any]) -> None:
    simulated = example.get("kind", "sim") in ("sim", "leds") or not key.startswith("bins.")
    camera = [] if simulated else ["camera.kind=opencv"]
    config: Any = load_config(ROOT / "config.yaml", [*camera, f"{key}={json.dumps(example)}"])
    for name in key.split("."):
        config = config[name] if isinstance(config, dict) else getattr(config, name)
    assert config.model_dump().items() >= example.items()


def test_every_line_of_config_yaml_that_sets_a_value_has_a_comment() -> None:
    lines = CONFIG_TEXT.splitlines()
    for line in lines:
        key = re.match(r"^( *)([a-z_]+):(.*)$", line)
        if key is None or not key[3].strip() or key[3].strip().startswith("#"):
            continue
        repeated = re.match(r" +(flap: \{|dwell_s: 1.0$)", line)
        a_label = re.match(r"^ {4}[a-z]+: [a-z]+$", line)
        assert "#" in line or repeated or a_label, f"config.yaml: no comment on {line.strip()!r}"


def test_config_yaml_shows_the_defaults() -> None:
    """What is left out takes the value shown there."""
    shown = load_config(ROOT / "config.yaml")
    bare = Config.model_validate(
        {"decision": {"labels": dict(shown.decision.labels)}, "bins": shown.model_dump()["bins"]}
    )
    for section in ("camera", "tray", "decision", "flaps", "simulation"):
        # A path is taken from the folder of the file that it stands in.
        values = [getattr(config, section).model_dump(exclude={"memory"}) for config in (shown, bare)]
        assert values[0] == values[1], section
