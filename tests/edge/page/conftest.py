"""Fixtures of the page's tests."""

from pathlib import Path

import pytest

from tests.builders.page import PageRig


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes of passwords that take no time, in place of a quarter of a second each."""
    monkeypatch.setattr("edge.page.access.password.N", 2)
    monkeypatch.setattr("edge.page.access.password.P", 1)


@pytest.fixture
def page(tmp_path: Path) -> PageRig:
    """A page without any account."""
    return PageRig(tmp_path)
