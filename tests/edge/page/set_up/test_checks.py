"""The doctor's list on the page: only what can be seen from there, the gravest first, with what to do."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from edge.doctor.checks import CHECKS
from edge.doctor.finding import CheckStatus
from edge.errors import UnavailableError
from edge.page.access.roles import Role
from edge.page.set_up import checks
from edge.page.set_up.checks import SEEN_FROM_HERE, STATUSES, SharedDoctor, look
from edge.page.sorter_child import ChildResult
from tests.builders.page import SETTINGS, PageRig

FINDINGS = [
    {"check": "python", "status": "ok", "found": "3.11", "advice": ""},
    {"check": "disk space", "status": "failure", "found": "<b>full</b>", "advice": "delete something"},
    {"check": "model", "status": "warning", "found": "slow", "advice": "another one"},
]


def answering(monkeypatch: pytest.MonkeyPatch, output: object, *, code: int = 0) -> None:
    async def run(*_: object, **__: object) -> ChildResult:
        text = output if isinstance(output, str) else json.dumps(output)
        return ChildResult(code, text, "last words")

    monkeypatch.setattr(checks, "run_command", run)


def test_checks_and_statuses_are_the_doctors() -> None:
    assert set(SEEN_FROM_HERE) <= set(CHECKS)
    assert set(STATUSES) == set(CheckStatus)


def test_the_gravest_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, FINDINGS, code=1)
    assert [one.check for one in asyncio.run(look(SETTINGS))] == ["disk space", "model", "python"]


@pytest.mark.parametrize(("output", "code"), [("", 0), ("[1]", 0), ('[{"check": 1}]', 1), ("{}x", 0), ("[]", 78)])
def test_what_is_no_list_of_findings_is_refused(monkeypatch: pytest.MonkeyPatch, output: str, code: int) -> None:
    answering(monkeypatch, output, code=code)
    with pytest.raises(UnavailableError):
        asyncio.run(look(SETTINGS))


def test_who_asks_meanwhile_is_told_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []

    async def run(*_: object, **__: object) -> ChildResult:
        looked.append(True)
        await asyncio.sleep(0)
        return ChildResult(1, json.dumps(FINDINGS), "")

    monkeypatch.setattr(checks, "run_command", run)

    async def ask() -> None:
        doctor = SharedDoctor()
        gone = asyncio.create_task(doctor.look(SETTINGS))
        await asyncio.sleep(0)
        gone.cancel()
        first, second = await asyncio.gather(doctor.look(SETTINGS), doctor.look(SETTINGS))
        assert first == second
        assert len(looked) == 1
        await doctor.look(SETTINGS)
        assert len(looked) == 2

    asyncio.run(ask())


def test_the_page_says_what_to_do_and_what_it_cannot_see(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answering(monkeypatch, FINDINGS, code=1)
    rig = PageRig(tmp_path, settings=replace(SETTINGS, config=Path("/etc/sorter/config.yaml")))
    text = rig.visitor().get("/set-up/checks?whole=1").text
    assert "delete something" in text
    assert "&lt;b&gt;full" in text
    assert "--config /etc/sorter/config.yaml" in text
    assert rig.visitor(Role.TEACH).get("/set-up/checks").status_code == 403


def test_without_a_bin_there_is_nothing_to_look_at(page: PageRig) -> None:
    assert "only an event log" in page.visitor().get("/set-up/checks?whole=1").text
