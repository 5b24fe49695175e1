"""What the operator sees."""

import io
import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from edge.actuation.phase import DiverterState
from edge.alarms import Alarm, Alarms
from edge.config.file import load_config
from edge.config.schema import Config
from edge.service.judgement import is_misnamed
from edge.service.landing_rows import landing_rows
from edge.service.live_page import WORDS, LivePage
from edge.service.loop import RunStats
from edge.service.status import LogStatus, describe_simulation
from edge.service.summary import summary_tables
from edge.sight.presence import PresenceState
from hardware.world.score import SimulationScore
from tests.builders.values import make_event


@pytest.fixture
def config(config_file: Path) -> Config:
    return load_config(config_file)


def make_assembly(config: Config) -> Any:
    sorter = SimpleNamespace(
        tray=SimpleNamespace(state=PresenceState.AT_REST),
        flaps=SimpleNamespace(
            interlock=SimpleNamespace(active=False, reason=""),
            levels=SimpleNamespace(fill_levels={}),
            mode=SimpleNamespace(is_paused=False),
            wait=None,
        ),
        wait=None,
    )
    diverter = SimpleNamespace(state=DiverterState.OPEN, active_bin="glass")
    return SimpleNamespace(config=config, sorter=sorter, diverter=diverter, simulation=None, alarms=Alarms())


def make_console(height: int = 40) -> Console:
    return Console(file=io.StringIO(), width=110, height=height, force_terminal=False)


def text_of(*parts: Any) -> str:
    console = make_console()
    for part in parts:
        console.print(part)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_log_has_one_line_per_item(config: Config, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), LogStatus(make_assembly(config)) as status:
        status.show(RunStats(), None)
        status.show(RunStats(), make_event(3, label="metal", confidence=0.81, bin="packaging", reason="confident"))
        status.show(RunStats(), None)
    assert [record.message for record in caplog.records] == [
        "item 3: metal 0.81 -> packaging (confident), 0.30 s after rest"
    ]


@pytest.mark.parametrize(
    ("truth", "bin", "judgement"),
    [("cardboard", "paper", "right"), ("glass", "residual", "residual instead"), ("glass", "paper", "wrong bin")],
)
def test_a_simulated_item_is_judged_in_the_log_and_on_the_page(
    config: Config, caplog: pytest.LogCaptureFixture, truth: str, bin: str, judgement: str
) -> None:
    assembly = make_assembly(config)
    assembly.simulation = SimpleNamespace(on_tray=SimpleNamespace(label=truth))
    event = make_event(3, label="paper", confidence=0.81, bin=bin, reason="confident")
    with caplog.at_level(logging.INFO), LogStatus(assembly) as status:
        status.show(RunStats(), event)
    first, item = (record.message for record in caplog.records)
    assert first == "rendered items on a drawn tray; real flap drivers on mock pins; truth known"
    assert item == f"item 3: paper 0.81 -> {bin} (confident), 0.30 s after rest; in truth {truth}: {judgement}"
    page = LivePage(assembly, make_console())
    page.show(RunStats(), event)
    (row,) = (line.split() for line in text_of(page._page()).splitlines() if "0.81" in line)
    assert row[-3:-1] == [truth, judgement.split()[0]]


def test_the_page_fits_80_columns(config: Config) -> None:
    """The longest words there are, each whole and on one line."""
    assembly = make_assembly(config)
    assembly.simulation = SimpleNamespace(on_tray=SimpleNamespace(label="cardboard"))
    console = Console(file=io.StringIO(), width=80, height=24, force_terminal=False)
    status = LivePage(assembly, console)
    status.show(RunStats(), make_event(108, label="cardboard", bin="packaging", reason="confident"))
    console.print(status._page())
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    assert any(describe_simulation(config) in line for line in lines)
    (row,) = (line for line in lines if "108" in line)
    for word in ("cardboard", "packaging", "confident", "0.30 s", "wrong"):
        assert word in row


def test_the_page_on_a_real_bin_knows_no_truth(config: Config) -> None:
    status = LivePage(make_assembly(config), make_console())
    status.show(RunStats(), make_event(1))
    assert "in truth" not in text_of(status._page())


def test_the_page_shows_state_counts_and_the_newest_items_first(config: Config) -> None:
    status = LivePage(make_assembly(config), make_console(height=1))
    tally = RunStats(frames=150, elapsed_s=10.0)
    for number in range(1, 8):
        event = make_event(number, label=f"label{number}")
        tally.add(event)
        status.show(tally, event)
    page = text_of(status._page())
    assert "tray: item at rest" in page
    assert "flaps: open (glass)" in page
    assert "7 items" in page
    assert "glass: 7" in page
    assert "paper: 0" in page
    assert page.index("label7") < page.index("label6") < page.index("label3")
    assert "label2" not in page
    assert "SIMULATED" not in page
    assert "ATTENTION" not in page


def test_the_page_shows_what_holds_the_flaps_and_how_full_the_bins_are(config: Config) -> None:
    assembly = make_assembly(config)
    assembly.sorter.flaps.interlock = SimpleNamespace(active=True, reason="lid")
    assembly.sorter.flaps.levels.fill_levels = {"glass": 0.453}
    page = text_of(LivePage(assembly, make_console())._page())
    assert "held: lid" in page
    assert "paper: 0  glass: 0 (45% full)  packaging: 0" in page


def test_the_page_calls_for_a_person_and_names_a_simulation(config: Config) -> None:
    assembly = make_assembly(config)
    assembly.simulation = SimpleNamespace(on_tray=None)
    assembly.alarms.update(Alarm.CAMERA, "the camera repeats one picture")
    assembly.alarms.update(Alarm.JAM, "item 3 does not fall into glass: clear the tray")
    page = text_of(LivePage(assembly, make_console())._page())
    assert "SIMULATED" in page
    assert 0 < page.index("ATTENTION: item 3 does not fall") < page.index("ATTENTION: the camera repeats")


def test_the_page_of_a_real_camera_says_that_its_flaps_are_simulated(config: Config) -> None:
    real = config.model_copy(update={"camera": config.camera.model_copy(update={"kind": "opencv"})})
    assert "FLAPS SIMULATED" in text_of(LivePage(make_assembly(real), make_console())._page())
    moving = real.model_copy(update={"flaps": real.flaps.model_copy(update={"pin_factory": "lgpio"})})
    assert "SIMULATED" not in text_of(LivePage(make_assembly(moving), make_console())._page())


def test_the_page_says_that_a_hand_holds_the_flaps(config: Config) -> None:
    assembly = make_assembly(config)
    assert "hand" not in text_of(LivePage(assembly, make_console())._page())
    assembly.sorter.flaps.interlock = SimpleNamespace(active=True, reason="hand")
    assert "flaps: open (glass)   held: hand" in text_of(LivePage(assembly, make_console())._page())


def test_the_summary_tells_what_called_for_a_person(config: Config) -> None:
    tally = RunStats()
    assert "attention" not in text_of(*summary_tables(tally, config, None))
    tally.alarms[Alarm.CAMERA] = 2
    (line,) = (line for line in text_of(*summary_tables(tally, config, None)).splitlines() if "attention" in line)
    assert "(attention: camera)" in line
    assert "2" in line


def test_the_page_shows_the_truth_of_a_simulated_item(config: Config) -> None:
    assembly = make_assembly(config)
    assembly.simulation = SimpleNamespace(on_tray=SimpleNamespace(label="cardboard"))
    status = LivePage(assembly, make_console())
    status.show(RunStats(), make_event(1, label="glass"))
    assembly.simulation.on_tray = None
    assert "cardboard" in text_of(status._page())


def test_the_page_ends_with_what_explains_its_words(config: Config) -> None:
    page = LivePage(make_assembly(config), make_console(), note="no config.yaml here")
    lines = [line.strip("│ ") for line in text_of(page._page()).splitlines()]
    assert lines[-3:-1] == ["no config.yaml here", WORDS]


def test_while_the_tray_is_learnt_nobody_is_told_of_a_hand(config: Config) -> None:
    assembly = make_assembly(config)
    assembly.sorter.flaps.interlock = SimpleNamespace(active=True, reason="hand")
    assembly.sorter.tray.state = PresenceState.LEARNING
    assert "held" not in text_of(LivePage(assembly, make_console())._page())


def test_the_page_gives_the_log_back_also_after_an_error(config: Config) -> None:
    root = logging.getLogger()
    before = list(root.handlers)
    status = LivePage(make_assembly(config), make_console())
    seen: list[logging.Handler] = []

    def fail() -> None:
        seen.extend(root.handlers)
        raise RuntimeError("boom")

    with pytest.raises(RuntimeError, match="boom"), status:
        fail()
    assert seen != before
    assert root.handlers == before


def test_own_photographs_are_not_called_rendered(config: Config) -> None:
    assert describe_simulation(config).startswith("rendered items")
    own = config.model_copy(update={"simulation": config.simulation.model_copy(update={"photos": Path("mine")})})
    assert describe_simulation(own).startswith("photographs on a drawn tray")
    assert len(describe_simulation(own)) <= len(describe_simulation(config)), "fits 80 columns as well"


def test_the_summary_counts_every_bin_and_reason(config: Config) -> None:
    tally = RunStats(frames=300, elapsed_s=20.0)
    for number in range(3):
        tally.add(make_event(number, bin="glass", reason="confident"))
    tally.add(make_event(9, bin="residual", reason="unsure"))
    text = text_of(*summary_tables(tally, config, None))
    assert "4 items in 20 s of the bin's clock, 300 frames" in text
    rows = {
        line.split("│")[1].strip(): line.split("│")[2].strip() for line in text.splitlines() if line.startswith("│")
    }
    assert rows == {"paper": "0", "glass": "3", "packaging": "0", "residual": "1", "(confident)": "3", "(unsure)": "1"}


def test_the_truth_is_shown_beside_it(config: Config) -> None:
    score = SimulationScore(
        items=8,
        handled_once=6,
        double=1,
        missed=1,
        empty_openings=2,
        right=5,
        residual=1,
        wrong=1,
        table={"glass": {"glass": 5, "paper": 1, "missed": 1}, "paper": {"residual": 1}},
        two_moving=False,
        falls=(),
    )
    text = text_of(*summary_tables(RunStats(), config, score))
    lines = {line.split("│")[1].strip(): line for line in text.splitlines() if line.startswith("│")}
    assert [cell.strip() for cell in lines["glass"].split("│")[2:-1]] == ["1", "5", "·", "·", "1"]
    assert "62.5%" in lines["in their label's bin"]
    assert "12.5%" in lines["in a wrong bin"]
    assert "5 of 8" in lines["recycling in its own bin"]
    assert "%" not in lines["flap opened on an empty tray"]


@pytest.mark.parametrize(
    ("table", "recycling", "waste"),
    [
        ({"trash": {"residual": 25}, "glass": {"residual": 8}}, "0 of 8", "25 of 25"),
        ({"trash": {"glass": 1}, "glass": {"glass": 2, "missed": 1, "withdrawn": 3}}, "2 of 3", "0 of 1"),
        ({}, "0 of 0", "0 of 0"),
    ],
)
def test_residual_waste_is_no_merit_of_a_bin_that_sorts_nothing(
    config: Config, table: dict[str, dict[str, int]], recycling: str, waste: str
) -> None:
    fields = dict.fromkeys(SimulationScore.__dataclass_fields__, 0)
    score = SimulationScore(**(fields | {"table": table}))  # type: ignore[arg-type]
    rows = {name: count for name, count, _ in landing_rows(score, config.decision)}
    assert (rows["recycling in its own bin"], rows["residual waste in the residual bin"]) == (recycling, waste)


def test_a_right_bin_under_a_wrong_name_is_told_apart(config: Config) -> None:
    decision = config.decision
    event = make_event(1, label="paper", bin=decision.labels["cardboard"])
    assert is_misnamed(event, "cardboard", decision)
    assert not is_misnamed(event, "paper", decision)
    assert not is_misnamed(event, "glass", decision)


def test_the_truth_of_no_items_divides_by_nothing(config: Config) -> None:
    fields = dict.fromkeys(SimulationScore.__dataclass_fields__, 0)
    score = SimulationScore(**(fields | {"table": {}, "two_moving": False, "falls": ()}))  # type: ignore[arg-type]
    assert "0.0%" in text_of(*summary_tables(RunStats(), config, score))
