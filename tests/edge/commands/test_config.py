"""``sorter config``: keys with their meanings, changes that keep comments, and ways back."""

import json
from pathlib import Path

import pytest

from edge.calibrate.config_versions import MOST
from edge.cli import main
from tests.paths import ROOT

SHIPPED = (ROOT / "config.yaml").read_text(encoding="utf-8")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(SHIPPED, encoding="utf-8")
    return path


def run(capsys: pytest.CaptureFixture[str], path: Path, *words: str) -> dict[str, object]:
    action, *rest = words
    assert main(["config", action, "--config", str(path), "--json", *rest]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert isinstance(answer, dict)
    return answer


def keys(capsys: pytest.CaptureFixture[str], path: Path) -> dict[str, dict[str, object]]:
    found = run(capsys, path, "list")["keys"]
    assert isinstance(found, list)
    return {one["key"]: one for one in found}


def test_every_key_has_its_value_and_meaning(capsys: pytest.CaptureFixture[str], path: Path) -> None:
    found = keys(capsys, path)
    assert found["tray.region"]["value"] == "[0, 0, 1, 1]"
    assert found["tray.region"]["meaning"] == "left, top, right, bottom of the tray as fractions of the image, 0..1"
    assert found["bins.glass.flap.pin"]["meaning"] == "required: GPIO number, 0..27; each pin once"
    assert [key for key, one in found.items() if not one["meaning"] and not one["expected"]] == []
    assert all(one["is_set"] for one in found.values())


def test_a_key_that_is_left_out_has_its_default(capsys: pytest.CaptureFixture[str], path: Path) -> None:
    path.write_text(
        SHIPPED.replace("  fps: 15 ", "  # fps ").replace("  paper:\n    flap", "  card:\n    flap"), encoding="utf-8"
    )
    found = keys(capsys, path)
    assert (found["camera.fps"]["value"], found["camera.fps"]["is_set"]) == ("15", False)
    assert "bins.paper.dwell_s" not in found
    assert found["bins.card.dwell_s"]["is_set"]


def test_passwords_are_masked(capsys: pytest.CaptureFixture[str], path: Path) -> None:
    text = SHIPPED.replace("source: 0 ", "source: rtsp://me:hunter2@camera/ ")
    path.write_text(text, encoding="utf-8")
    source = keys(capsys, path)["camera.opencv.source"]
    assert source["is_secret"]
    assert "hunter2" not in str(source)
    answer = run(capsys, path, "set", "camera.opencv.source=rtsp://me:sesame@camera/", "--try")
    assert "hunter2" not in str(answer)
    assert "sesame" not in str(answer)


def test_a_change_keeps_everything_else(capsys: pytest.CaptureFixture[str], path: Path) -> None:
    answer = run(capsys, path, "set", "camera.fps=20", "tray.region=[0, 0, 1, 1]")
    assert answer["changed"] == ["camera.fps"]
    assert path.read_text(encoding="utf-8") == SHIPPED.replace("  fps: 15 ", "  fps: 20 ")


def test_a_trial_writes_nothing(capsys: pytest.CaptureFixture[str], path: Path) -> None:
    answer = run(capsys, path, "set", "camera.fps=20", "--try")
    assert len(list(map(str, answer["difference"]))) == 2  # type: ignore[call-overload]
    assert path.read_text(encoding="utf-8") == SHIPPED
    assert [one.name for one in path.parent.iterdir()] == ["config.yaml"]


@pytest.mark.parametrize(
    ("assignment", "reason"),
    [
        ("camera.fps=1000", "fps"),
        ("camera.fsp=10", "did you mean fps"),
        ("camera", "expected section.key=value"),
        ("camera.fps=[", "not valid YAML"),
        ("camera.fps.more=1", "fps"),
        ("bins.glass.flap.pin=12", "12"),
    ],
)
@pytest.mark.parametrize("trial", [(), ("--try",)])
def test_what_is_not_valid_is_refused(
    capsys: pytest.CaptureFixture[str], path: Path, assignment: str, reason: str, trial: tuple[str, ...]
) -> None:
    assert main(["config", "set", "--config", str(path), assignment, *trial]) == 78
    assert reason in capsys.readouterr().err
    assert path.read_text(encoding="utf-8") == SHIPPED


def test_one_goes_back_and_forth_between_versions(capsys: pytest.CaptureFixture[str], path: Path) -> None:
    run(capsys, path, "set", "camera.fps=20")
    run(capsys, path, "set", "camera.fps=25")
    assert run(capsys, path, "back", "2")["difference"]
    assert path.read_text(encoding="utf-8") == SHIPPED
    run(capsys, path, "back")
    assert "fps: 25 " in path.read_text(encoding="utf-8")
    versions = run(capsys, path, "list")["versions"]
    assert isinstance(versions, list)
    # Each once, however often one goes to and fro.
    assert [next(line for line in one["difference"] if line[0] == "+").split()[2] for one in versions] == ["15", "20"]


def test_few_versions_are_kept(capsys: pytest.CaptureFixture[str], path: Path) -> None:
    for fps in range(20, 22 + MOST):
        run(capsys, path, "set", f"camera.fps={fps}")
    assert len(list(path.parent.iterdir())) == 1 + MOST
    assert main(["config", "back", str(MOST + 1), "--config", str(path)]) != 0
    assert f"there are {MOST}" in capsys.readouterr().err


def test_a_version_that_is_not_valid_any_more_is_refused(capsys: pytest.CaptureFixture[str], path: Path) -> None:
    path.with_name("config.yaml.bak").write_text("camera: {fps: 9000}\n", encoding="utf-8")
    assert main(["config", "back", "--config", str(path)]) == 78
    assert path.read_text(encoding="utf-8") == SHIPPED


def test_a_file_that_was_changed_meanwhile_is_not_written(capsys: pytest.CaptureFixture[str], path: Path) -> None:
    seen = str(run(capsys, path, "list")["sha256"])
    run(capsys, path, "set", "camera.fps=20", "--of", seen)
    assert main(["config", "set", "camera.fps=25", "--of", seen, "--config", str(path)]) == 78
    assert "changed meanwhile" in capsys.readouterr().err


def test_the_default_that_ships_is_not_changed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["config", "set", "camera.fps=20"]) != 0
    assert "init' writes one to start from" in capsys.readouterr().err
    assert main(["config", "list"]) == 0
    assert "camera.fps: 15" in capsys.readouterr().out
