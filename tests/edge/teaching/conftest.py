"""Fixtures of what concerns teaching."""

import pytest


@pytest.fixture(autouse=True)
def without_disk_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy disk takes a tenth of a second for each change; what is killed runs in a process of its own, and syncs."""
    monkeypatch.setattr("edge.teaching.taught_set.taught_database.SYNCHRONOUS", "OFF")
