"""``release``: every drive is let go, also those beside one that does not answer."""

from pathlib import Path
from typing import Any

import pytest

from edge.cli import main
from hardware.drives.relay.driver import RelayFlap
from hardware.drives.servo.driver import ServoFlap
from hardware.errors import FlapError


@pytest.fixture
def detached(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the flaps that were let go."""
    names: list[str] = []
    for driver in (ServoFlap, RelayFlap):
        detach = driver.detach

        def note(flap: Any, detach: Any = detach) -> None:
            detach(flap)
            names.append(flap.name)

        monkeypatch.setattr(driver, "detach", note)
    return names


def test_every_drive_is_let_go_and_none_is_moved(
    config_file: Path, detached: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for driver in (ServoFlap, RelayFlap):
        for command in ("open", "home"):
            monkeypatch.setattr(driver, command, lambda flap, command=command: pytest.fail(f"{flap.name}: {command}"))
    assert main(["release", "--config", str(config_file)]) == 0
    assert sorted(detached) == ["glass", "packaging", "paper", "residual"]


def test_one_that_does_not_answer_keeps_no_other_under_current(
    config_file: Path, detached: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    init = ServoFlap.__init__

    def fail_on_paper(self: ServoFlap, *args: Any, name: str, **options: Any) -> None:
        if name == "paper":
            raise FlapError("flap 'paper': pin 12 does not answer")
        init(self, *args, name=name, **options)

    monkeypatch.setattr(ServoFlap, "__init__", fail_on_paper)
    assert main(["release", "--config", str(config_file)]) == 69
    assert sorted(detached) == ["glass", "packaging", "residual"]
    assert "not every drive was let go: flap 'paper'" in capsys.readouterr().err.replace("bins.paper.flap: ", "")
