"""What was said is handed over once, some time after the last word, and again after a failure."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edge.errors import UnavailableError
from edge.page.bin_settings import BinSettings
from edge.page.review import apprentice
from edge.page.review.apprentice import Apprentice
from tests.builders.page import SETTINGS

CONFIGURED = replace(SETTINGS, config=Path("/nowhere/config.yaml"))


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    made: list[list[str]] = []

    async def run(settings: BinSettings, command: Sequence[str], *_: object, **__: object) -> dict[str, Any]:
        made.append(list(command))
        if len(made) == 1 and settings.overrides:
            raise UnavailableError("no memory")
        return {}

    monkeypatch.setattr(apprentice, "run_sorter", run)
    return made


def test_several_words_in_a_row_are_taught_at_once(calls: list[list[str]]) -> None:
    async def review() -> None:
        one = Apprentice(quiet_s=0.05)
        for _ in range(4):
            one.hear(CONFIGURED)
            await asyncio.sleep(0.01)
        assert calls == []
        await asyncio.sleep(0.2)
        assert calls == [["teach", "reviewed"]]
        one.hear(CONFIGURED)
        await asyncio.sleep(0.2)
        assert len(calls) == 2

    asyncio.run(review())


def test_a_failure_is_told_until_it_worked(calls: list[list[str]]) -> None:
    async def review() -> None:
        one = Apprentice(quiet_s=0.01)
        one.hear(replace(CONFIGURED, overrides=("fail=1",)))
        await asyncio.sleep(0.1)
        assert one.problem == "no memory"
        one.hear(CONFIGURED)
        await asyncio.sleep(0.1)
        assert one.problem is None

    asyncio.run(review())


def test_without_a_configuration_nothing_is_started(calls: list[list[str]]) -> None:
    async def review() -> None:
        Apprentice(quiet_s=0.01).hear(SETTINGS)
        await asyncio.sleep(0.05)

    asyncio.run(review())
    assert calls == []
