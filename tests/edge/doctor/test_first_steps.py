"""What the doctor says first: where there is no camera yet, three steps; what is fine is told in one line."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.cli import build_parser, main
from edge.commands import doctor
from edge.config.default import EXAMPLES, PACKAGED_CONFIG
from edge.config.file import load_config
from edge.doctor.check_context import CheckContext
from edge.doctor.configuration import NONE_HERE, check_config
from edge.doctor.finding import Finding, failure, not_applicable, ok, warning
from edge.doctor.first_steps import LIKELIEST, FirstSteps, first_steps
from edge.doctor.host import Host
from edge.doctor.report import FindingReport, rest_of, steps_of
from edge.doctor.systemd_unit import SystemdUnit, read_unit
from edge.errors import ConfigError
from tests.builders.configuration import write_config
from tests.edge.doctor.test_doctor import ImaginaryPi
from tests.paths import ROOT

Capture = pytest.CaptureFixture[str]

FINDINGS = [
    ok("python", "3.11"),
    ok("config", "c.yaml"),
    warning("config", NONE_HERE, "choose a camera"),
    not_applicable("camera", "camera.kind is sim"),
    failure("pins", "no chip", "run it on a Pi"),
]


def context(file: Path, root: Path, *overrides: str, unit: SystemdUnit | None = None) -> CheckContext:
    return CheckContext(Host(root=root), file, overrides, load_config(file, overrides), (), unit)


def steps_for(file: Path, root: Path, *overrides: str) -> FirstSteps:
    found = first_steps(context(file, root, *overrides))
    assert found is not None
    assert 2 <= len(found.steps) <= 3
    return found


def test_without_a_configuration_the_first_step_writes_one(tmp_path: Path) -> None:
    found = steps_for(PACKAGED_CONFIG, tmp_path)
    assert "No camera is chosen yet" in found.why
    assert f"init --example {LIKELIEST}\n" in found.steps[0]
    mechanics = (ROOT / "docs" / "mechanics.md").read_text(encoding="utf-8")
    assert f"The example `{LIKELIEST}` is the one to begin with" in mechanics
    for name in EXAMPLES:
        assert name in found.steps[0]
    assert found.steps[1].endswith(" calibrate")
    assert found.steps[2].endswith(" doctor")


def test_in_a_simulated_configuration_of_ones_own_they_end_with_a_camera(tmp_path: Path) -> None:
    file = write_config(tmp_path / "c.yaml")
    found = steps_for(file, tmp_path)
    assert found.steps[0].startswith("connect the camera")
    assert f"calibrate --config {file}" in found.steps[1]


@pytest.mark.parametrize(
    ("kind", "step"), [("opencv", "plug the camera in"), ("picamera2", "seat the ribbon cable at both ends")]
)
def test_a_camera_that_is_not_there_is_connected_first(kind: str, step: str, tmp_path: Path) -> None:
    file = write_config(tmp_path / "c.yaml")
    found = steps_for(file, tmp_path, f"camera.kind={kind}")
    assert found.why.startswith("The camera is not there (")
    assert step in found.steps[0]
    assert "calibrate camera" in found.steps[1]


def test_a_service_that_runs_is_stopped_before_the_camera_is_looked_for(tmp_path: Path) -> None:
    pi = ImaginaryPi(tmp_path / "root", write_config(tmp_path / "c.yaml"))
    found = first_steps(context(pi.config, pi.root, unit=read_unit(pi.host)))
    assert found is not None
    assert "sudo systemctl stop sorter" in found.steps[1]


def test_where_there_is_a_camera_or_a_service_with_its_own_configuration_there_are_no_first_steps(
    tmp_path: Path,
) -> None:
    pi = ImaginaryPi(tmp_path / "root", write_config(tmp_path / "c.yaml"))
    assert first_steps(context(pi.config, pi.root, "camera.kind=opencv")) is None
    assert first_steps(context(pi.config, pi.root, "camera.kind=folder", "camera.folder.path=.")) is None
    pi.put("etc/sorter/config.yaml", "")
    assert first_steps(context(PACKAGED_CONFIG, pi.root)) is None
    assert first_steps(CheckContext(Host(root=pi.root), pi.config, (), None, ("a problem",), None)) is None


def test_the_steps_stand_for_the_warning_that_says_the_same(tmp_path: Path) -> None:
    subject = context(write_config(tmp_path / "c.yaml"), tmp_path)
    found = first_steps(subject)
    assert found is not None
    assert [found.covers(one) for one in check_config(subject)] == [False, True]


def test_steps_are_numbered() -> None:
    text = steps_of(FirstSteps("No camera.", ("plug it in", "look again"), "there is none"))
    assert text.splitlines() == ["No camera. First:", "  1. plug it in", "  2. look again"]


def test_the_steps_hide_no_other_warning_of_the_same_check(tmp_path: Path) -> None:
    lid = 'panel.lid={"pin": 22, "contact": "closes"}'
    subject = context(write_config(tmp_path / "c.yaml"), tmp_path, lid)
    found = first_steps(subject)
    assert found is not None
    left = [one.found for one in check_config(subject) if one.advice and not found.covers(one)]
    assert len(left) == 1
    assert "panel.lid.contact is closes" in left[0]


def test_every_check_is_counted_once_and_as_often_as_it_is_named() -> None:
    assert rest_of(FINDINGS) == ["to do: 2 (1 warning, 1 failure)", "fine: 1 (python)", "not checked: 1 (camera)"]
    assert rest_of([ok("disk", "a"), ok("disk", "b"), not_applicable("disk", "c")]) == ["fine: 1 (disk)"]
    assert rest_of([]) == []


def told_by(findings: list[Finding], *, is_table: bool = False) -> str:
    told: list[str] = []
    first = FirstSteps("No camera.", ("plug it in",), "there is none")
    report = FindingReport(lambda text: told.append(str(text)), first, is_table=is_table, has_all=False)
    for finding in findings:
        report.add(finding)
    report.end("doctor --all")
    return "\n".join(told)


@pytest.mark.parametrize("is_table", [False, True])
def test_what_can_be_put_right_without_a_camera_comes_before_it(*, is_table: bool) -> None:
    no_bin = failure("model", "glass has no bin", "add it")
    no_camera = failure("camera", "there is none", "plug it in")
    no_chip = failure("pins", "no chip", "run it on a Pi")
    told = told_by([no_bin, no_camera, no_chip], is_table=is_table)
    before, after = told.split("No camera. Then:\n  1. plug it in\n")
    assert "there is none" not in told
    assert "to do: 3 (3 failures)" in after
    if not is_table:
        assert "glass has no bin" in before
        assert "no chip" in after
    assert told_by([no_camera, no_bin]).startswith("No camera. First:")


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> None:
    def run_checks(*_: object, **__: object) -> Iterator[Finding]:
        yield from FINDINGS

    monkeypatch.setattr("edge.commands.doctor.run_checks", run_checks)


@pytest.mark.usefixtures("checks")
def test_the_command_shows_what_is_to_be_done_and_all_of_it_when_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["doctor"]) == 1
    told = capsys.readouterr().out
    assert told.startswith("No camera is chosen yet")
    assert "choose a camera" not in told
    assert "failure  pins: no chip -> run it on a Pi" in told
    assert "to do: 2 (1 warning, 1 failure)\nfine: 1 (python)\nnot checked: 1 (camera)\n" in told
    assert "doctor --all' shows each" in told.splitlines()[-1]
    assert main(["doctor", "--all"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(FINDINGS) + 1
    assert "not here camera: camera.kind is sim" in lines


def test_a_broken_configuration_is_one_line_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr("edge.doctor.checks.CHECKS", {"config": check_config})
    file = write_config(tmp_path / "c.yaml", {"camera": {"fps": 0, "fbs": 1}})
    with pytest.raises(ConfigError) as caught:
        load_config(file)
    arguments = build_parser().parse_args(["doctor", "--config", str(file)])
    assert doctor.run(arguments) == 1
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("failure  config: ")]
    assert len(lines) == len(caught.value.problems) == 2
