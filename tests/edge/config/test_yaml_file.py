"""YAML that costs more than it looks: refused with the reason, before anything is made of it."""

import re
import time
from pathlib import Path

import pytest

from edge.cli import main
from edge.config.yaml_file import MOST_BYTES, MOST_VALUES, YamlError, parse_yaml, read_yaml
from edge.errors import ConfigError
from edge.simulation.scenario_file import load_scenario
from tests.builders.configuration import write_config

ALIASES = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 12)
)
"""Nine to the twelfth values in 500 bytes."""

MERGES = "a0: &a0 {x: 1}\n" + "".join(
    f"a{level}: &a{level} {{<<: [{', '.join([f'*a{level - 1}'] * 9)}]}}\n" for level in range(1, 12)
)

COSTLY = {
    "aliases": (ALIASES, f"stand for more than {MOST_VALUES} values"),
    "merged keys": (MERGES, f"stand for more than {MOST_VALUES} values"),
    "a value that contains itself": ("a: &a [1, *a]", "contains it"),
    "brackets": ("[" * MOST_BYTES, "more than 50 brackets"),
    "dashes": ("- " * 10_000, "not valid YAML"),
    "size": ("a: " + "x" * MOST_BYTES, f"larger than {MOST_BYTES} bytes"),
}

SOON_S = 15.0
"""Processor time that refusing one may take on a slow and busy machine, in seconds: read to its end, each would take minutes."""


@pytest.mark.parametrize(("text", "reason"), COSTLY.values(), ids=COSTLY.keys())
def test_yaml_that_unfolds_to_too_much_is_refused_soon(text: str, reason: str) -> None:
    begun_s = time.process_time()
    with pytest.raises(YamlError, match=reason):
        parse_yaml(text)
    assert time.process_time() - begun_s < SOON_S


@pytest.mark.parametrize(("text", "reason"), COSTLY.values(), ids=COSTLY.keys())
def test_the_reader_of_scenarios_refuses_it_too(text: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=rf"scenario {path}(:\d+)?: .*{reason}"):
        load_scenario(path)


def test_aliases_and_merged_keys_of_a_usual_size_are_read() -> None:
    tree = parse_yaml("base: &base {a: 1, b: 2}\none: {<<: *base, b: 3}\ntwo: [*base, *base]\n")
    base = {"a": 1, "b": 2}
    assert tree == {"base": base, "one": {"a": 1, "b": 3}, "two": [base, base]}


def test_a_file_without_an_end_is_not_read_to_its_end() -> None:
    with pytest.raises(YamlError, match="larger than"):
        read_yaml(Path("/dev/zero"))


def test_an_alias_bomb_ends_a_command_with_78_soon(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = write_config(tmp_path / "sorter.yaml")
    config.write_text(config.read_text(encoding="utf-8") + ALIASES, encoding="utf-8")
    begun_s = time.process_time()
    assert main(["run", "--config", str(config)]) == 78
    assert time.process_time() - begun_s < SOON_S
    (line,) = capsys.readouterr().err.splitlines()
    assert re.search(
        rf"configuration {config}:\d+: its aliases \(\*name\) stand for more than {MOST_VALUES} values", line
    )
