"""Scenarios played: the invariant checker, and the command that shows what came of it."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from edge.actuation.phase import DiverterState
from edge.cli import main
from edge.errors import ConfigError
from edge.service.assembly import Assembly
from edge.simulation import invariant_checker, resource_bounds
from edge.simulation.failing_event_log import FailingEventLog
from edge.simulation.invariant_checker import InvariantChecker
from edge.simulation.invariants import Invariant
from edge.simulation.motion_judge import MotionBounds, StatedException
from edge.simulation.result import ScenarioResult
from edge.simulation.scenario import Scenario
from edge.simulation.scenario_config import scenario_config
from edge.simulation.scenario_file import load_scenario
from edge.simulation.scenario_runner import run_scenario
from tests.builders.configuration import merged, write_config
from tests.builders.sprites import make_sprites
from tests.builders.values import make_event
from tests.doubles.sim_rig import TRAVEL_S, SimRig
from tests.paths import ROOT

SCENARIOS = ROOT / "tests" / "scenarios"
Capture = pytest.CaptureFixture[str]


# --- the invariant checker, over programs that break one rule each --------------------------------------------------------------


@pytest.fixture(scope="session")
def sprites(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_sprites(tmp_path_factory.mktemp("sprites"))


class InvariantCheckerRig:
    """A world, an invariant checker, an event log, and a program that is written out in the test."""

    def __init__(
        self,
        sprites: Path,
        folder: Path,
        *faults: dict[str, Any],
        max_on_s: Mapping[str, float] | None = None,
        **options: Any,
    ) -> None:
        self.rig = SimRig(sprites, *faults, **({"items": ["glass"] * 3} | options))
        self.log = FailingEventLog(folder / "events.sqlite")
        self.log.start_session(wall_s=0.0, model="")
        self.alarms = SimpleNamespace(most_urgent=None)
        world = self.rig.bin
        self.checker = InvariantChecker(
            world, events_path=folder / "events.sqlite", bounds=MotionBounds(0.5, max_on_s or {}), retries=1
        )
        world.on_item_outcome = self.checker.on_item_outcome
        self._number = 0
        assembly: Any = SimpleNamespace(
            diverter=SimpleNamespace(state=DiverterState.OPEN),
            alarms=self.alarms,
            camera=self.rig.camera,
            events=self.log,
        )
        self.checker.start(assembly)

    def decide(self, *, recorded: bool = True) -> None:
        """A decision about what lies there."""
        self._number += 1
        event = make_event(self._number, time_s=self.rig.clock.now_s(), wall_s=self.rig.clock.wall_s())
        if recorded:
            self.log.record(event)
        self.checker.step(event)

    def sort(self, bin: str = "glass", **cycle: Any) -> None:
        """What a good program does with an item that lies there."""
        self.decide()
        self.rig.cycle(bin, **cycle)
        self.checker.step(None)

    def broken(self) -> set[Invariant]:
        """End it, and tell which rules were broken."""
        self.rig.run(2.0)
        self.checker.step(None)
        self.checker.stop(None, expected=True)
        self.log.close()
        self.checker.end()
        return {breach.invariant for breach in self.checker.violations}


Make = Callable[..., InvariantCheckerRig]


@pytest.fixture
def bench(sprites: Path, tmp_path: Path) -> Iterator[Make]:
    benches: list[InvariantCheckerRig] = []

    def new(*faults: dict[str, Any], **options: Any) -> InvariantCheckerRig:
        benches.append(InvariantCheckerRig(sprites, tmp_path, *faults, **options))
        return benches[-1]

    yield new
    for one in benches:
        one.log.close()
        one.rig.close()


def test_a_good_program_breaks_no_rule(bench: Make) -> None:
    one = bench()
    for _ in range(3):
        one.rig.rest()
        one.sort()
    assert one.broken() == set()
    assert one.checker.lost == []
    assert {item: len(events) for item, events in one.checker.decisions.items()} == {1: 1, 2: 1, 3: 1}


@pytest.mark.parametrize("kind", ["block", "unplug", "black", "frozen", "stuck", "wrong_size"])
def test_a_flap_that_opens_blindly_is_noticed(bench: Make, kind: str) -> None:
    one = bench({"kind": kind, "item": 1, "when": "rests", "after_s": 0.3, "for_s": 10.0})
    one.rig.rest()
    one.rig.run(1.2)
    one.sort()
    assert one.broken() == {Invariant.FRESH}


def test_a_flap_that_opens_soon_after_the_last_picture_is_fine(bench: Make) -> None:
    one = bench({"kind": "block", "item": 1, "when": "rests", "after_s": 0.3, "for_s": 10.0})
    one.rig.rest()
    one.rig.run(0.4)
    one.sort()
    assert one.broken() == set()


def test_a_flap_that_opens_before_rest_is_noticed(bench: Make) -> None:
    one = bench({"kind": "restless", "item": 1, "still_after_s": 30.0})
    one.rig.until(lambda: one.rig.bin.on_tray is not None)
    one.rig.run(1.0)
    one.sort()
    assert one.broken() == {Invariant.AT_REST}


def test_a_flap_that_opens_while_a_second_item_comes_is_noticed(bench: Make) -> None:
    one = bench({"kind": "second_item", "item": 1, "when": "rests", "after_s": 0.3})
    one.rig.rest()
    one.rig.run(0.4)
    one.sort("rest")
    assert Invariant.AT_REST in one.broken()


def test_two_flaps_in_motion_are_noticed(bench: Make) -> None:
    one = bench()
    one.rig.rest()
    one.decide()
    one.rig.flaps["glass"].open()
    one.rig.run(0.8)
    one.checker.step(None)
    one.rig.flaps["glass"].home()
    one.rig.run(TRAVEL_S / 2)
    one.decide()
    one.rig.flaps["containers"].open()
    one.rig.run(1.0)
    one.rig.home("containers")
    one.rig.home("glass")
    assert one.broken() == {Invariant.ONE_MOVES}


@pytest.mark.parametrize("when", ["rests", "opens"])
def test_a_flap_that_moves_with_a_hand_in_view_is_noticed(bench: Make, when: str) -> None:
    """On opening, and on closing as well."""
    one = bench({"kind": "hand", "item": 1, "when": when, "after_s": 0.3, "for_s": 1.5})
    one.rig.rest()
    if when == "rests":
        one.rig.run(0.6)
    one.sort(dwell_s=1.0 if when == "opens" else 2.0)
    assert one.broken() == {Invariant.NO_PERSON}
    said = [breach.text for breach in one.checker.violations]
    assert ["opens" in text for text in said] == [when == "rests"]


def test_an_opening_that_nobody_decided_is_noticed(bench: Make) -> None:
    one = bench()
    one.rig.rest()
    one.rig.cycle("glass")
    assert one.broken() == {Invariant.DECIDED}


def test_a_flap_that_opens_before_its_decision_is_on_the_disk_is_noticed(bench: Make) -> None:
    one = bench()
    one.rig.rest()
    one.rig.flaps["glass"].open()
    one.rig.bin.advance()
    one.decide()
    one.rig.run(1.0)
    one.rig.home("glass")
    assert one.broken() == {Invariant.RECORDED_FIRST}


def test_a_drive_that_is_under_current_for_too_long_is_noticed(bench: Make) -> None:
    one = bench(max_on_s={"rest": 2.0})
    one.rig.rest()
    one.sort("rest", dwell_s=2.0)
    one.rig.rest()
    one.sort("rest", dwell_s=2.6)
    assert one.broken() == {Invariant.ON_TIME}


@pytest.mark.parametrize(("dwell_s", "broken"), [(2.5, set()), (3.0, {Invariant.ON_TIME})])
def test_a_drive_may_be_on_for_longer_by_the_time_for_which_its_pin_took_no_command(
    bench: Make, dwell_s: float, broken: set[Invariant]
) -> None:
    one = bench({"kind": "pin_error", "at_s": 0.0, "for_s": 0.7}, max_on_s={"rest": 2.0})
    one.rig.run(0.1)
    one.checker.step(None)
    one.rig.rest()
    one.rig.run(0.7)
    one.sort("rest", dwell_s=dwell_s)
    assert one.broken() == broken


@pytest.mark.parametrize(("told", "broken"), [(True, set()), (False, {Invariant.TOLD})])
def test_a_drive_that_is_released_over_a_hand_is_told(bench: Make, told: bool, broken: set[Invariant]) -> None:
    one = bench({"kind": "hand", "item": 1, "when": "opens", "after_s": 0.6, "for_s": 6.0}, max_on_s={"rest": 3.0})
    one.rig.rest()
    one.decide()
    one.rig.cycle("rest", dwell_s=3.0)
    one.alarms.most_urgent = "the drive was released" if told else None
    one.checker.step(None)
    assert one.broken() == broken
    assert one.checker.exceptions == {StatedException.RELEASED: 1}


def test_an_item_that_is_decided_twice_is_noticed(bench: Make) -> None:
    one = bench({"kind": "stays", "item": 1, "cycles": 1})
    one.rig.rest()
    one.sort()
    one.sort()
    assert one.broken() == {Invariant.ONE_DECISION}


@pytest.mark.parametrize(("cycles", "broken"), [(1, set()), (2, {Invariant.OPENINGS})])
def test_a_flap_may_open_once_more_for_what_did_not_fall(bench: Make, cycles: int, broken: set[Invariant]) -> None:
    one = bench({"kind": "stays", "item": 1, "cycles": cycles}, lost_after_s=None)
    one.rig.rest()
    one.decide()
    for _ in range(cycles + 1):
        one.rig.cycle("glass")
    assert one.broken() == broken


def test_a_flap_that_opens_in_vain_for_what_has_fallen_is_only_counted(bench: Make) -> None:
    one = bench(items=["glass"])
    one.rig.rest()
    one.sort()
    one.rig.clock.advance(0.1)
    one.rig.flaps["glass"].open()
    one.rig.clock.advance(1.0)
    one.rig.home("glass")
    assert one.broken() == set()
    assert one.rig.bin.score().empty_openings == 1


def test_a_decision_that_is_not_on_the_disk_is_noticed(bench: Make) -> None:
    one = bench()
    one.rig.rest()
    one.decide(recorded=False)
    one.rig.cycle("glass")
    assert one.broken() == {Invariant.RECORDED, Invariant.RECORDED_FIRST}


def test_a_record_without_a_decision_is_noticed_unless_it_says_so(bench: Make, tmp_path: Path) -> None:
    one = bench()
    one.rig.rest()
    one.sort()
    one.log.record(make_event(8))
    one.log.record_outcome(8, "interrupted")
    one.log.record(make_event(9))
    one.log.record_outcome(9, "done")
    assert one.broken() == {Invariant.RECORDED}


def test_an_event_that_was_interrupted_is_no_second_decision(bench: Make) -> None:
    one = bench()
    one.rig.rest()
    one.log.record(make_event(8))
    one.log.record_outcome(8, "interrupted")
    one.sort()
    assert one.broken() == set()


@pytest.mark.parametrize("left", ["open", "driven"])
def test_a_flap_that_is_left_open_or_driven_is_noticed(bench: Make, left: str) -> None:
    one = bench()
    one.rig.rest()
    one.decide()
    one.rig.flaps["glass"].open()
    one.rig.run(1.0)
    if left == "open":
        one.rig.flaps["glass"].detach()
    else:
        one.rig.flaps["glass"].home()
    assert one.broken() == {Invariant.HOME}


@pytest.mark.parametrize(("for_s", "broken"), [(10.0, set()), (1.6, {Invariant.HOME})])
def test_a_flap_may_stay_open_at_the_end_if_its_pin_takes_no_command_twice(
    bench: Make, for_s: float, broken: set[Invariant]
) -> None:
    one = bench({"kind": "pin_error", "item": 1, "when": "opens", "after_s": 1.5, "for_s": for_s})
    one.rig.rest()
    one.decide()
    one.rig.flaps["glass"].open()
    one.rig.run(1.0)
    one.rig.flaps["glass"].detach()
    assert one.broken() == broken


def test_pictures_that_are_kept_are_noticed(bench: Make) -> None:
    one = bench(items=["glass"])
    one.rig.rest()
    one.rig.run(3.0)
    assert len(one.rig.frames) > resource_bounds.MOST_FRAMES_HELD
    for _ in range(invariant_checker.CHECK_BOUNDS_EVERY):
        one.checker.step(None)
    one.rig.frames[:-1] = []
    one.sort()
    assert one.broken() == {Invariant.BOUNDED}


def test_files_that_are_left_open_are_noticed(bench: Make, tmp_path: Path) -> None:
    one = bench()
    one.rig.frames[:-1] = []
    for _ in range(invariant_checker.CHECK_BOUNDS_EVERY):
        one.checker.step(None)
    (tmp_path / "x").touch()
    files = [(tmp_path / "x").open() for _ in range(resource_bounds.MORE_FILES + 2)]
    for _ in range(invariant_checker.CHECK_BOUNDS_EVERY):
        one.checker.step(None)
    for file in files:
        file.close()
    assert one.broken() == {Invariant.BOUNDED}


def test_a_program_that_fails_is_noticed_unless_it_was_foreseen(bench: Make) -> None:
    one = bench()
    one.checker.stop(OSError("the camera is gone"), expected=True)
    assert one.checker.violations == []
    one.checker.stop(ZeroDivisionError("division by zero"), expected=False)
    (breach,) = one.checker.violations
    assert breach.invariant is Invariant.RUNS
    assert "ZeroDivisionError: division by zero" in breach.text


@pytest.mark.parametrize("told", [False, True])
def test_an_item_that_nobody_handles_is_lost_unless_the_operator_was_called(bench: Make, told: bool) -> None:
    one = bench()
    one.rig.rest()
    one.alarms.most_urgent = "the tray is jammed" if told else None
    one.checker.step(None)
    one.rig.until(lambda: one.rig.bin.score().items == 1)
    one.alarms.most_urgent = None
    one.broken()
    assert (one.checker.lost, one.checker.reported) == (([], [1]) if told else ([1], []))


@pytest.mark.parametrize(("after_s", "lost"), [(1.5, []), (2.5, [1])])
def test_that_an_item_has_vanished_may_be_told_soon_afterwards(bench: Make, after_s: float, lost: list[int]) -> None:
    one = bench()
    one.rig.until(lambda: one.rig.bin.score().items == 1)
    one.rig.run(after_s)
    one.alarms.most_urgent = "something has vanished"
    one.checker.step(None)
    one.alarms.most_urgent = None
    one.broken()
    assert one.checker.lost == lost
    assert one.checker.reported == [item for item in (1,) if not lost]


def test_an_item_that_falls_through_a_stuck_flap_is_lost(bench: Make) -> None:
    one = bench({"kind": "stuck_open", "item": 1, "when": "opens"}, items=["glass"] * 2, patience_s=2.0)
    one.rig.rest()
    one.sort()
    one.rig.until(lambda: one.rig.bin.score().items == 2)
    assert one.broken() == set(), "it was told to go home, that is all a program can do"
    assert one.checker.lost == [2]


# --- the whole bin ----------------------------------------------------------------------------------------------------


def played(folder: Path, **changes: Any) -> ScenarioResult:
    scenario = Scenario.model_validate(
        merged(
            {
                "name": "one",
                "shows": "What the test says.",
                "seed": 3,
                "config": {"camera": {"width": 320, "height": 240}},
                "items": [{"label": "glass", "gap_s": 3.0}, {"label": "paper"}],
            },
            changes,
        )
    )
    config = scenario_config(scenario, ROOT / "config.yaml", folder, realtime=False, overrides=[])
    return run_scenario(scenario, config)


def test_a_scenario_is_played_to_its_end(tmp_path: Path) -> None:
    gone: list[int] = []
    scenario = load_scenario(SCENARIOS / "short.yaml")
    config = scenario_config(scenario, ROOT / "config.yaml", tmp_path, realtime=False, overrides=[])
    result = run_scenario(scenario, config, on_progress=gone.append)
    assert result.ok, result.violations
    assert result.score.items == result.score.handled_once == len(result.events) == 12
    assert gone == list(range(1, 13))
    assert (result.starts, result.exits) == (1, ())
    assert sorted(item for item in result.decisions if item is not None) == list(range(1, 13))
    assert [events[0].bin for _, events in sorted(result.decisions.items())] == [  # type: ignore[type-var]
        outcome.bin for outcome in sorted(result.score.outcomes, key=lambda outcome: outcome.number)
    ]
    # The same log again, as with --state: what stands there is of another day.
    again = run_scenario(scenario, config)
    assert [outcome.item for outcome in again.score.outcomes] == [outcome.item for outcome in result.score.outcomes]
    assert again.score == result.score
    assert again.ok, again.violations
    assert len(again.events) == 12


def test_a_program_that_ends_is_started_anew_in_the_same_world(tmp_path: Path) -> None:
    result = played(
        tmp_path,
        faults=[{"kind": "sigterm", "item": 1, "when": "opens", "after_s": 0.7, "state": "open"}],
        # The new program needs its time to learn the empty tray.
        items=[{"label": "glass", "gap_s": 3.0}, {"label": "paper", "gap_s": 5.0}],
    )
    assert result.starts == 2
    assert result.exits == ()
    assert result.score.handled_once == 2
    assert result.ok, result.violations
    assert len(result.events) == 2


def test_a_program_that_is_stopped_for_good_is_not(tmp_path: Path) -> None:
    result = played(tmp_path, faults=[{"kind": "sigterm", "at_s": 1.5, "again": False}])
    assert (result.starts, result.score.items) == (1, 0)
    assert result.ok


def test_a_full_disk_lets_nothing_through_and_an_error_of_the_camera_is_no_bug(tmp_path: Path) -> None:
    result = played(
        tmp_path,
        faults=[
            {"kind": "disk_full", "item": 1, "when": "arrives", "for_s": 4.0},
            {"kind": "error", "item": 1, "when": "closes", "after_s": 1.0, "for_s": 0.5},
        ],
    )
    assert not result.violations
    first = result.score.outcomes[0]
    assert first.command_s is None or first.command_s - first.arrive_s > 4.0
    assert all("CameraError" in text for text in result.exits)


def test_the_wall_clock_is_stepped_and_the_time_is_not(tmp_path: Path) -> None:
    result = played(tmp_path, faults=[{"kind": "clock_step", "item": 1, "when": "closes", "by_s": 86_400.0}])
    one, two = result.events
    assert two["wall_s"] - one["wall_s"] > 86_400
    assert 0 < two["time_s"] - one["time_s"] < 60
    scenario = load_scenario(SCENARIOS / "machine-clock-step.yaml")
    config = scenario_config(scenario, ROOT / "config.yaml", tmp_path, realtime=True, overrides=[])
    with pytest.raises(ConfigError, match="leave --realtime out"):
        run_scenario(scenario, config)


def test_flaps_that_stand_open_at_the_start_come_home(tmp_path: Path) -> None:
    result = played(tmp_path, start_open=["glass", "residual"], items=[{"label": "glass", "gap_s": 4.0}])
    assert result.ok, result.violations
    assert result.score.handled_once == 1


def test_a_program_with_a_bug_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def faulty(*args: Any, **options: Any) -> Iterator[Assembly]:
        with assemble(*args, **options) as assembly:
            yield assembly
            raise ZeroDivisionError("boom")

    from edge.simulation import scenario_runner

    assemble = scenario_runner.assemble
    monkeypatch.setattr(scenario_runner, "assemble", faulty)
    result = played(tmp_path, items=[{"label": "glass", "gap_s": 3.0}])
    assert not result.ok
    assert {breach.invariant for breach in result.violations} == {Invariant.RUNS}


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def two(tmp_path: Path) -> list[str]:
    """A scenario that goes well, and one in which an item is missed and nobody is told."""
    good = tmp_path / "good.yaml"
    good.write_text("name: good\nshows: One item.\nseed: 3\nitems: [{label: glass, gap_s: 3}]\n")
    bad = tmp_path / "bad.yaml"
    bad.write_text(
        "name: bad\nshows: A flap over the wrong bin, and an item that nobody can see.\nseed: 3\nlost_after_s: 8\n"
        "flaps: {glass: {over: paper}}\nitems: [{label: glass, gap_s: 3, opacity: 0.02}]\n"
    )
    config = write_config(tmp_path / "config.yaml")
    return ["--config", str(config), str(good), str(bad)]


def test_the_command_in_json_with_film_and_pictures(two: list[str], tmp_path: Path, capsys: Capture) -> None:
    film, pictures = tmp_path / "out.webm", tmp_path / "pictures"
    arguments = [
        "simulate",
        *two,
        "--json",
        "--video",
        str(film),
        "--pictures",
        str(pictures),
        "--state",
        str(tmp_path / "s"),
    ]
    assert main(arguments) == 1
    captured = capsys.readouterr()
    good, bad = [json.loads(line) for line in captured.out.splitlines()]
    assert captured.err == ""
    keys = {"scenario", "shows", "seed", "ok", "simulated_s", "real_s", "frames", "starts", "exits", "score", "items"}
    assert set(good) == keys | {"events", "breaches", "exceptions", "lost"}
    assert (good["scenario"], good["ok"], bad["scenario"], bad["ok"]) == ("good", True, "bad", False)
    assert good["score"]["handled_once"] == len(good["events"]) == 1
    assert good["items"][0]["events"] == [good["events"][0]["number"]]
    assert good["items"][0]["label"] == "glass"
    assert bad["lost"] == [1]
    assert bad["items"][0]["bin"] == "missed"
    assert (tmp_path / "s" / "00-good" / "events.sqlite").is_file()
    (picture,) = pictures.iterdir()
    assert picture.name == "bad-00001-missed.png"
    assert cv2.imread(str(picture)).shape == (536, 640, 3)
    read = cv2.VideoCapture(str(film))
    assert read.get(cv2.CAP_PROP_FPS) == 15
    assert 60 < read.get(cv2.CAP_PROP_FRAME_COUNT) < 400
    frames = [frame for ok, frame in (read.read() for _ in range(60)) if ok]
    assert frames[0].shape == (586, 640, 3)
    assert frames[0][:400].mean() < 60, "first the title"
    assert frames[-1][:400].mean() > 90, "then the tray"
    assert np.abs(frames[20].astype(int) - frames[50]).mean() > 0.1
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix == ".webm") == ["out.webm"]


def test_the_command_s_tables(two: list[str], capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    assert main(["simulate", *two[:3]]) == 0
    out = capsys.readouterr().out
    assert "good: One item." in out
    assert "all rules kept" in out
    assert "handled exactly once" in out
    assert main(["simulate", *two[:2], two[3], "--seed", "4"]) == 1
    out = capsys.readouterr().out
    assert "FAILED" in out
    assert "neither handled once nor reported" in out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["{bad}"], 78, "bad.yaml: items: missing"),
        (["none.yaml"], 66, "none.yaml: no such file"),
        (["{good}", "--set", "camera.fps=0"], 78, "scenario good: config: --set camera.fps=0"),
    ],
)
def test_what_cannot_be_played_is_said(
    tmp_path: Path, capsys: Capture, arguments: list[str], code: int, message: str
) -> None:
    (tmp_path / "good.yaml").write_text("name: good\nshows: One.\nitems: [{label: glass}]\n")
    (tmp_path / "bad.yaml").write_text("name: bad\nshows: One.\n")
    config = write_config(tmp_path / "config.yaml")
    filled = [word.format(bad=tmp_path / "bad.yaml", good=tmp_path / "good.yaml") for word in arguments]
    assert main(["simulate", "--config", str(config), *filled]) == code
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["short.yaml", "--seed", "x"], ["short.yaml", "--seed", "-1"]])
def test_wrong_usage_is_exit_code_2(arguments: list[str], capsys: Capture) -> None:
    with pytest.raises(SystemExit) as left:
        main(["simulate", *arguments])
    assert left.value.code == 2


def test_a_film_that_cannot_be_written_is_an_error(two: list[str], tmp_path: Path, capfd: Capture) -> None:
    assert main(["simulate", *two[:3], "--video", str(tmp_path / "no" / "out.webm")]) == 65
    assert "cannot be written" in capfd.readouterr().err


def test_a_scenario_can_be_ended_early(tmp_path: Path) -> None:
    stop = threading.Event()
    scenario = load_scenario(SCENARIOS / "short.yaml")
    config = scenario_config(scenario, ROOT / "config.yaml", tmp_path, realtime=False, overrides=[])
    result = run_scenario(scenario, config, on_progress=lambda gone: stop.set() if gone == 2 else None, stop=stop)
    assert result.score.items == 2
    assert not result.violations
