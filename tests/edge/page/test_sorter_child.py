"""Commands that the page runs: their answer, their last words, and their end in time."""

import asyncio
import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from edge.errors import UnavailableError
from edge.page import sorter_child
from edge.page.items.bin_rules import RulesReader
from edge.page.sorter_child import run_command, run_sorter
from tests.builders.page import SETTINGS
from tests.paths import ROOT

CONFIGURED = replace(SETTINGS, config=ROOT / "config.yaml", overrides=("decision.contamination_cost=100",))


def test_a_command_gets_the_bins_configuration() -> None:
    found = asyncio.run(run_sorter(CONFIGURED, ["model", "rules"], ["--json"]))
    assert found["least"]["glass"] == 0.99


def test_the_rules_are_read_once_in_the_background() -> None:
    async def look() -> None:
        reader = RulesReader()
        assert reader.rules(CONFIGURED).least == {}
        first = reader._task
        assert reader.rules(CONFIGURED).least == {}
        assert reader._task is first
        assert first is not None
        await first
        assert reader.rules(CONFIGURED).least["glass"] == 0.99

    asyncio.run(look())


def test_what_a_command_says_last_is_the_reason() -> None:
    missing = replace(CONFIGURED, config=Path("/nowhere/config.yaml"))
    with pytest.raises(UnavailableError, match=r"config\.yaml"):
        asyncio.run(run_sorter(missing, ["model", "rules"], ["--json"]))


def test_without_a_bin_there_is_no_command() -> None:
    with pytest.raises(UnavailableError, match="only an event log"):
        asyncio.run(run_sorter(SETTINGS, ["model", "rules"]))


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import time; time.sleep(60)", "no answer in 0.5 s"),
        ("print([1])", "expected an object"),
        ("x = bytearray(5_000_000_000)", "MemoryError"),
    ],
)
def test_a_child_that_hangs_or_takes_all_memory_is_ended(
    monkeypatch: pytest.MonkeyPatch, code: str, reason: str
) -> None:
    monkeypatch.setattr(sorter_child, "python_child", lambda *_: [sys.executable, "-c", code])
    timeout_s = 0.5 if "sleep" in code else 30.0
    with pytest.raises(UnavailableError, match=reason):
        asyncio.run(run_sorter(CONFIGURED, ["model", "rules"], timeout_s=timeout_s))


def test_a_command_that_fails_can_say_more_than_that() -> None:
    result = asyncio.run(run_command(CONFIGURED, ["doctor", "python", "config"], ["--json"]))
    assert result.code == 0
    assert [one["check"] for one in json.loads(result.output)][:2] == ["python", "config"]
    assert asyncio.run(run_command(CONFIGURED, ["doctor", "nonsense"])).code == 2
