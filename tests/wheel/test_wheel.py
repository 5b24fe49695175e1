"""The wheel in an empty folder: it sorts, writes a configuration, and finds everything it needs.

``make test-wheel`` runs this on an environment that holds the wheel and what pip resolves for it, nothing else:
``WHEEL_ENVIRONMENT`` names it. Without that the packages it needs are borrowed from the environment of the tests.
"""

import json
import os
import zipfile
from pathlib import Path

import pytest

from tests.paths import ROOT
from tests.wheel.installation import Installation, build_wheel, install_beside_this

FRESH = os.environ.get("WHEEL_ENVIRONMENT")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("build"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    if FRESH:
        return Installation(Path(FRESH).absolute() / "bin")
    return install_beside_this(wheel, tmp_path_factory.mktemp("environment") / "venv")


def test_the_wheel_holds_what_runs_and_nothing_of_the_tests(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        assert archive.read("edge/config/default.yaml") == (ROOT / "config.yaml").read_bytes()
    assert {f"edge/config/examples/{path.name}" for path in (ROOT / "examples").glob("*.yaml")} <= names
    for kind in ("*.tflite", "*.png", "*.yaml", "*.toml", "*.j2", "*.json"):
        for package in ("edge", "hardware", "train", "convert"):
            wanted = {str(path.relative_to(ROOT)) for path in (ROOT / package).rglob(kind)}
            assert wanted <= names, f"the wheel lacks {sorted(wanted - names)[:3]}"
    assert {name.partition("/")[0] for name in names} == {
        "edge",
        "hardware",
        "train",
        "convert",
        next(name.partition("/")[0] for name in names if ".dist-info/" in name),
    }


def test_it_sorts_in_an_empty_folder(installed: Installation, tmp_path: Path) -> None:
    ran = installed.run("sorter", "run", "--items", "3", "--set", "simulation.speed=0", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert f"using the one that ships ({installed.commands.parent}/lib/" in ran.stderr, "it is the wheel's own"
    assert "'sorter init' writes your own" in ran.stderr
    assert "handled exactly once" in ran.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["state"]
    events = installed.run("sorter", "events", "--json", cwd=tmp_path)
    assert len(events.stdout.splitlines()) == 3, events.stderr


def test_init_then_run_sorts_by_the_configuration_it_wrote(installed: Installation, tmp_path: Path) -> None:
    written = installed.run("sorter", "init", cwd=tmp_path)
    assert written.returncode == 0, written.stderr
    assert (tmp_path / "config.yaml").read_bytes() == (ROOT / "config.yaml").read_bytes()
    assert "  sorter run        sorts in the simulated bin" in written.stdout
    ran = installed.run("sorter", "run", "--items", "1", "--set", "simulation.speed=0", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert "the one that ships" not in ran.stderr


def test_doctor_finds_everything(installed: Installation, tmp_path: Path) -> None:
    ran = installed.run("sorter", "doctor", "--json", cwd=tmp_path)
    findings = json.loads(ran.stdout)
    assert [one for one in findings if one["status"] == "failure"] == []
    assert ran.returncode == 0
    by_check = {one["check"]: one for one in findings if one["status"] != "warning"}
    for check in ("python", "packages", "runtime", "config", "model"):
        assert by_check[check]["status"] == "ok"
    (advice,) = (one["advice"] for one in findings if one["check"] == "config" and one["status"] == "warning")
    assert advice == "'sorter init' writes one to start from"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("events",), 74, "nothing has been sorted yet"),
        (("calibrate",), 66, "'sorter init' writes one to start from"),
        (("run", "--config", "mine.yaml"), 66, "configuration mine.yaml: no such file"),
        (("classify", "none.jpg"), 66, "none.jpg: no such file"),
        (("simulate", "shorts"), 66, "these ship: camera-frozen"),
        (("simulate", "short"), 0, ""),
        (("simulate", "--new", "-"), 0, ""),
        (("model", "info", "bin8"), 0, ""),
        (("completion", "bash"), 0, ""),
        pytest.param(
            ("bench", "--frames", "60", "--seconds", "0.2", "--json"),
            0,
            "",
            marks=pytest.mark.skipif(not FRESH, reason="takes as long as all the others: see make test-wheel"),
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_every_command_works_or_says_what_to_do(
    installed: Installation, tmp_path: Path, arguments: tuple[str, ...], code: int, says: str
) -> None:
    ran = installed.run("sorter", *arguments, cwd=tmp_path)
    assert ran.returncode == code, ran.stderr
    assert says in ran.stderr


def test_training_is_there_and_says_what_it_needs(installed: Installation, tmp_path: Path) -> None:
    for program in ("sorter-train", "sorter-convert"):
        ran = installed.run(program, "--help", cwd=tmp_path)
        assert ran.returncode == 0, ran.stderr
        if FRESH:
            assert "pip install 'smart-bin-sorter[train]'" in " ".join(ran.stdout.split())
    assert "trashnet6-mobilenetv2" in installed.run("sorter-train", "recipes", cwd=tmp_path).stdout
    if FRESH:
        ran = installed.run("sorter-train", "fit", "--data", ".", "--out", "run", cwd=tmp_path)
        assert ran.returncode == 2
        assert "pip install 'smart-bin-sorter[train]'" in ran.stderr
        assert len(ran.stderr.splitlines()) == 1
