"""``sorter calibrate`` on the simulated bin, from the first question to the written configuration."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edge.calibrate.mover import FlapJogger
from edge.calibrate.picture_page import PicturePage
from edge.calibrate.summary import StepState
from edge.calibrate.wizard import Wizard
from edge.cli import main
from edge.config.file import load_config
from edge.config.schema import Config
from edge.errors import ConfigError, UnavailableError
from edge.records.event_log import EventLog
from edge.service.factories import make_presence
from edge.service.world_factory import make_simulation
from edge.sight.picture import read_picture
from edge.sight.presence import PresenceState
from hardware.clock import Clock, ManualClock
from hardware.drives.relay.section import RelaySection
from hardware.drives.servo.driver import ServoFlap
from hardware.errors import HardwareError
from hardware.pins import SimulatedPin, mock_factory, simulated_pin
from hardware.registry import PIN_FACTORIES
from hardware.sim.camera import SimCamera
from tests.doubles.buses import PWMTree
from tests.doubles.scripted_dialogue import Asked, ScriptedDialogue, Watched
from tests.paths import MODEL, ROOT
from tests.processes import run_sorter

SMALL = ("camera.width=320", "camera.height=240", "simulation.speed=0")


class CalibrationRig:
    """The shipped configuration in a temporary folder, and the simulated bins made for it, the newest last."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "config.yaml"
        text = (ROOT / "config.yaml").read_text(encoding="utf-8")
        self.path.write_text(text.replace("file: trashnet6 ", f"file: {MODEL} "), encoding="utf-8")
        self.clock = ManualClock()
        self.bins: list[Any] = []
        self.at_start: Callable[[Any], None] = lambda world: None
        self.page: PicturePage | None = None

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def bin(self) -> Any:
        """The simulated bin of the current step."""
        return self.bins[-1]

    def edit(self, before: str, after: str) -> None:
        assert self.text.count(before) == 1, before
        self.path.write_text(self.text.replace(before, after), encoding="utf-8")

    def run(
        self, dialogue: ScriptedDialogue, *steps: str, overrides: tuple[str, ...] = ()
    ) -> dict[str, HardwareError | ConfigError]:
        def world(config: Config, clock: Clock, pins: Any) -> Any:
            self.bins.append(make_simulation(config, clock, pins))
            self.at_start(self.bin)
            return self.bin

        self.wizard = Wizard(
            self.path, dialogue, overrides=(*SMALL, *overrides), clock=self.clock, world=world, page=self.page
        )
        return self.wizard.run(steps) if steps else self.wizard.run()

    def config(self) -> Config:
        return load_config(self.path, SMALL)


@pytest.fixture
def rig(tmp_path: Path) -> CalibrationRig:
    return CalibrationRig(tmp_path)


@pytest.fixture
def lens(monkeypatch: pytest.MonkeyPatch) -> None:
    """The simulated camera counts as one with a lens."""
    monkeypatch.setattr(SimCamera, "has_lens", True)


def changed_lines(before: str, after: str) -> list[str]:
    lines = before.splitlines(), after.splitlines()
    assert len(lines[0]) == len(lines[1])
    return [new for old, new in zip(*lines, strict=True) if old != new]


def jog(*commands: str) -> Iterator[Asked]:
    """Answers of the step of one servo: confirmation, then commands, of which the last is q or s."""
    yield Asked("Hands off")
    for command in commands:
        yield Asked("degrees", command)


# --- all of it --------------------------------------------------------------------------------------------------------


def test_a_whole_calibration_leaves_a_configuration_that_the_bin_runs_with(rig: CalibrationRig) -> None:
    before = rig.text
    dialogue = ScriptedDialogue(
        Asked("Which camera"),
        Asked("Is that the tray"),
        Asked("Clear the tray"),
        Asked("new picture", "0.05 0.1 0.95 0.9"),
        Asked("new picture"),
        Asked("Write this"),
        Asked("Light"),
        Asked("Empty tray"),
        Asked("Is it empty?"),
        Asked("Write this"),
        *jog("-", "-", "h", "go", "-12", "f", "-", "o", "gh", "t", "q"),
        Asked("Write this"),
        *[Asked("Hands off", "s") for _ in range(3)],
    )
    assert rig.run(dialogue) == {}
    assert dialogue.is_done
    lines = [line.split("#")[0].strip() for line in changed_lines(before, rig.text)]
    assert lines == [
        "region: [0.05, 0.1, 0.95, 0.9]",
        "empty_tray: empty-tray.png",
        "home_deg: -55",
        "open_deg: 32",
    ]
    assert rig.path.with_name("config.yaml.bak").read_text(encoding="utf-8") == before
    config = rig.config()
    assert config.tray.empty_tray == rig.path.parent / "empty-tray.png"
    presence = make_presence(config)
    assert presence.state is PresenceState.EMPTY, "the tray is known from the first frame on"


def test_each_step_can_be_taken_alone(rig: CalibrationRig) -> None:
    dialogue = ScriptedDialogue(Asked("Clear the tray"), Asked("new picture"))
    assert rig.run(dialogue, "tray") == {}
    assert dialogue.shown[-1] == "Nothing to change."


def test_what_is_declined_is_not_written_and_what_is_repeated_is_measured_again(rig: CalibrationRig) -> None:
    before = rig.text
    frame = (Asked("Clear the tray"), Asked("new picture", "0.1 0.1 0.8 0.8"), Asked("new picture"))
    dialogue = ScriptedDialogue(*frame, Asked("Write this", "r"), *frame, Asked("Write this", "n"))
    assert rig.run(dialogue, "tray") == {}
    assert dialogue.is_done
    assert rig.text == before


def test_a_change_that_the_configuration_forbids_is_refused_and_nothing_is_written(rig: CalibrationRig) -> None:
    rig.edit("start_open: []", "start_open: [glas]")
    before = rig.text
    frame = (Asked("Clear the tray"), Asked("new picture", "0.1 0.1 0.8 0.8"), Asked("new picture"))
    dialogue = ScriptedDialogue(*frame, Asked("Write this"), Asked("Repeat", "n"))
    failed = rig.run(dialogue, "tray", overrides=("simulation.start_open=[]",))
    assert list(failed) == ["tray: frame the tray"]
    assert dialogue.shown[-1] == "Not written: tray.region."
    assert rig.text == before
    assert any("simulation.start_open: there is no bin 'glas'" in line for line in dialogue.shown)
    assert sorted(path.name for path in rig.path.parent.iterdir()) == ["config.yaml", "state"]


# --- pictures ---------------------------------------------------------------------------------------------------------


def test_the_region_is_drawn_into_the_picture(rig: CalibrationRig) -> None:
    dialogue = ScriptedDialogue(
        Asked("Clear the tray"), Asked("new picture", "0.25 0.25 0.75 0.75"), Asked("new picture", "s")
    )
    rig.run(dialogue, "tray")
    picture = read_picture(rig.path.parent / "state" / "calibrate" / "tray.jpg").astype(int)
    green = picture[..., 1] - picture[..., 0]
    assert green[180:, 100:220].max() < 30, "below the region"
    assert green[178:182, 100:220].max(axis=0).min() > 60, "its lower edge"


@pytest.mark.parametrize("typed", ["0.1 0.1 0.8", "left", "0.5 0.1 0.52 0.9", "-0.1 0 1 1", "0 0 1 1.5", "nan 0 1 1"])
def test_a_region_that_is_none_is_asked_for_again(rig: CalibrationRig, typed: str) -> None:
    dialogue = ScriptedDialogue(Asked("Clear the tray"), Asked("new picture", typed), Asked("new picture"))
    rig.run(dialogue, "tray")
    assert dialogue.is_done
    assert any(line.startswith("Expected four numbers") for line in dialogue.shown)


def test_no_picture_of_the_empty_tray_is_taken_while_something_moves(rig: CalibrationRig) -> None:
    dialogue = ScriptedDialogue(Asked("Empty tray"), Asked("Empty tray", "s"))
    hands = [{"kind": "hand", "at_s": at_s, "for_s": 1.0} for at_s in np.arange(0.0, 40.0, 1.5).tolist()]
    rig.run(dialogue, "reference", overrides=(f"simulation.faults={hands}",))
    assert any("Something moves" in line for line in dialogue.shown)
    assert not (rig.path.parent / "empty-tray.png").exists()


def test_the_picture_of_the_empty_tray_has_less_noise_than_the_camera(rig: CalibrationRig) -> None:
    rig.run(
        ScriptedDialogue(Asked("Empty tray"), Asked("Is it empty?"), Asked("Write this")),
        "reference",
        overrides=("simulation.noise=3",),
    )
    kept = cv2.imread(str(rig.path.parent / "empty-tray.png"))
    assert kept.shape == (240, 320, 3)
    rough = [float(np.std(np.diff(picture.astype(int), axis=1))) for picture in (kept, rig.bin.render()[0])]
    assert rough[0] < rough[1] / 2


def test_what_is_wrong_with_the_light_is_said_in_plain_words_and_marked(rig: CalibrationRig) -> None:
    dialogue = ScriptedDialogue(Asked("Light"), Asked("measure again"), Asked("Focus", "s"))
    dim = [{"kind": "exposure", "at_s": 0.0, "factor": 0.25}, {"kind": "flicker", "at_s": 0.0}]
    rig.run(dialogue, "light", overrides=(f"simulation.faults={dim}",))
    assert any("too dark" in line for line in dialogue.shown)
    assert any("flicker:" in line for line in dialogue.shown)
    assert (rig.path.parent / "state" / "calibrate" / "light.jpg").is_file()


@pytest.mark.usefixtures("lens")
def test_an_empty_tray_is_no_place_to_judge_the_focus_by(rig: CalibrationRig) -> None:
    dialogue = ScriptedDialogue(Asked("Light"), Asked("Focus"), Watched(10), Asked("or again"))
    rig.run(dialogue, "light")
    assert any("The light is fine" in line for line in dialogue.shown)
    assert any("nothing on the tray to judge the focus by" in line for line in dialogue.shown)
    assert dialogue.watched[-1].startswith("sharpness ")


@pytest.mark.usefixtures("lens")
def test_what_is_left_as_it_is_stands_in_the_summary(rig: CalibrationRig) -> None:
    dialogue = ScriptedDialogue(Asked("Light"), Asked("measure again"), Asked("Focus"), Watched(5), Asked("or again"))
    dim = [{"kind": "exposure", "at_s": 0.0, "factor": 0.25}]
    rig.run(dialogue, "light", overrides=(f"simulation.faults={dim}",))
    (outcome,) = rig.wizard.outcomes
    assert outcome.state is StepState.LEFT
    assert [task.partition(":")[0].partition(" (")[0] for task in outcome.to_do] == ["too dark", "focus"]
    numbers = [line for line in dialogue.shown if line.startswith("  1. ")]
    assert "too dark" in numbers[0]


@pytest.mark.usefixtures("lens")
def test_a_camera_that_focuses_itself_gets_no_advice_to_turn_a_ring(
    rig: CalibrationRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SimCamera, "focuses_itself", True)
    dialogue = ScriptedDialogue(Asked("Light", "f"), Asked("Focus"), Asked("or again"))
    rig.run(dialogue, "light")
    assert dialogue.is_done, "it waits for no hand at the lens"
    assert any("focuses by itself" in line for line in dialogue.shown)
    assert not [line for line in dialogue.shown if "ring" in line]


@pytest.mark.usefixtures("lens")
def test_a_camera_that_may_have_a_ring_is_told_so(rig: CalibrationRig) -> None:
    dialogue = ScriptedDialogue(Asked("Light", "f"), Asked("Focus"), Watched(5), Asked("or again"))
    rig.run(dialogue, "light")
    assert any("If the lens has a focus ring" in line for line in dialogue.shown)
    assert "no clear edge in the picture" in dialogue.watched[-1]


def test_the_focus_of_a_simulated_camera_is_skipped_with_the_reason(rig: CalibrationRig) -> None:
    dialogue = ScriptedDialogue(Asked("Light"))
    rig.run(dialogue, "light")
    assert "Focus: skipped, a camera of kind sim has no lens that could be turned." in dialogue.shown
    (outcome,) = rig.wizard.outcomes
    assert (outcome.state, outcome.to_do) == (StepState.FINE, ())


@pytest.mark.usefixtures("lens")
def test_an_item_with_edges_is_seen_sharp(rig: CalibrationRig) -> None:
    dialogue = ScriptedDialogue(Asked("Light", "f"), Asked("Focus"), Watched(75))
    rig.run(dialogue, "light", overrides=("simulation.gap_s=[0, 0]", "simulation.settle_s=[0.3, 0.3]"))
    assert dialogue.is_done
    assert any(line.startswith("The focus is fine: edges 0.") for line in dialogue.shown)
    sharpness = [float(text.split()[1]) for text in dialogue.watched[4:]]
    assert sharpness[-1] > 2 * sharpness[0], "the item lies there, the tray was empty"


def test_a_camera_that_is_not_there_is_said_and_asked_for_again(rig: CalibrationRig) -> None:
    before = rig.text
    dialogue = ScriptedDialogue(
        Asked("Which camera", "/dev/video99"), Asked("Which camera", "7"), Asked("Which camera", "s")
    )
    assert rig.run(dialogue, "camera") == {}
    assert any("It cannot be used: camera.kind opencv" in line for line in dialogue.shown)
    assert any("There is no camera 7" in line for line in dialogue.shown)
    assert rig.text == before


def test_another_camera_is_written_and_the_old_ones_empty_tray_dropped(rig: CalibrationRig, tmp_path: Path) -> None:
    film = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(film), cv2.VideoWriter.fourcc(*"MJPG"), 60, (320, 240))
    for level in range(120):
        writer.write(np.full((240, 320, 3), 60 + level, np.uint8))
    writer.release()
    rig.edit("empty_tray: null ", "empty_tray: old.png ")
    dialogue = ScriptedDialogue(Asked("Which camera", str(film)), Asked("Is that the tray"), Asked("Write this"))
    rig.run(dialogue, "camera")
    camera = rig.config().camera
    assert (camera.kind, camera.opencv.source) == ("opencv", str(film))
    assert rig.config().tray.empty_tray is None


def test_a_simulated_bin_is_called_so_at_the_start_and_in_every_step(rig: CalibrationRig) -> None:
    skips = [Asked("Which camera", "s"), Asked("Clear the tray", "s"), Asked("Light", "s"), Asked("Empty tray", "s")]
    dialogue = ScriptedDialogue(*skips, *[Asked("Hands off", "s") for _ in range(4)])
    rig.run(dialogue)
    assert "simulated bin" in dialogue.shown[0]
    steps = [number for number, line in enumerate(dialogue.shown) if line.startswith("== ")]
    assert len(steps) == 9
    for number in steps:
        assert dialogue.shown[number + 1].startswith("Simulated (camera.kind is sim)"), dialogue.shown[number]
    assert any("Enter for the simulated one" in line for line in dialogue.shown)


# --- flaps ------------------------------------------------------------------------------------------------------------


def test_enter_goes_on_to_the_next_flap_and_moves_nothing(rig: CalibrationRig) -> None:
    before = rig.text
    dialogue = ScriptedDialogue(*jog("+", ""), *[Asked("Hands off", "s") for _ in range(3)])
    rig.run(dialogue, "flaps")
    assert dialogue.is_done
    assert len([line for line in dialogue.shown if line == "Nothing to change."]) == 1
    assert rig.text == before


def test_a_servo_is_let_go_after_every_move_and_home_at_the_end(rig: CalibrationRig) -> None:
    def at(opening: float) -> Callable[[], str]:
        def check() -> str:
            flap = rig.bin.flaps["paper"]
            assert flap.opening == pytest.approx(opening, abs=0.01)
            assert not flap.is_driven, "no pulses between two commands"
            return "+"

        return check

    # Home and open are 90 degrees apart.
    dialogue = ScriptedDialogue(
        Asked("Hands off"),
        *[Asked("degrees", at(step * 5 / 90)) for step in range(4)],
        Asked("degrees", "q"),
        *[Asked("Hands off", "s") for _ in range(3)],
    )
    rig.run(dialogue, "flaps")
    assert dialogue.is_done
    assert rig.bins[0].flaps["paper"].opening == 0.0
    assert max(move.target - move.start for move in rig.bins[0].flaps["paper"].moves) <= 5 / 90 + 1e-6


def test_a_servo_stays_within_its_limits_and_goes_in_small_steps(rig: CalibrationRig) -> None:
    dialogue = ScriptedDialogue(
        *jog("-15", "-15", "-15", "-5", "+16", "+x", "q"),
        *[Asked("Hands off", "s") for _ in range(3)],
    )
    rig.run(dialogue, "flaps")
    assert dialogue.is_done
    assert any("-95 degrees lies outside the limits -90 .. 90" in line for line in dialogue.shown)
    assert any("At most 15 degrees" in line for line in dialogue.shown)


def test_a_limit_moves_with_its_pulse_so_that_every_angle_keeps_its_meaning(rig: CalibrationRig) -> None:
    dialogue = ScriptedDialogue(
        *jog("-9", "l", "go", "+15", "-6", "l", "gh", "+15", "l", "q"),
        Asked("Write this"),
        *[Asked("Hands off", "s") for _ in range(3)],
    )
    rig.run(dialogue, "flaps")
    flap: Any = rig.config().bins["paper"].flap
    assert (flap.min_deg, flap.max_deg) == (-54, 54)
    # 180 degrees corresponded to 2 ms.
    assert (flap.min_pulse_ms, flap.max_pulse_ms) == pytest.approx((0.9, 2.1))
    assert any("cannot lie between" in line for line in dialogue.shown)


def test_a_real_bin_gets_real_pins_and_a_servo_on_the_kernels_pwm_is_jogged_alike(
    rig: CalibrationRig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sys").mkdir()
    tree = PWMTree(tmp_path / "sys", {"pwmchip0": "fe20c000.pwm"})
    tree.plug_into(monkeypatch)
    monkeypatch.setitem(PIN_FACTORIES, "lgpio", PIN_FACTORIES["mock"])
    rig.edit("  kind: sim  ", "  kind: opencv  ")
    rig.edit("kind: servo           #", "kind: hardware_servo  #")
    rig.edit("pin: 12               #", "channel: 0            #")
    dialogue = ScriptedDialogue(
        Asked("Raspberry Pi's pins"),
        Asked("Write this"),
        *jog("+15", "+", "h", "q"),
        Asked("Write this"),
        *[Asked("Hands off", "s") for _ in range(3)],
    )
    assert rig.run(dialogue, "flaps") == {}
    assert dialogue.is_done
    assert rig.config().flaps.pin_factory == "lgpio"
    flap: Any = rig.config().bins["paper"].flap
    assert flap.home_deg == -25
    # 180 degrees correspond to 2 ms, from 0.5 ms at -90: home, two steps, and the new home.
    pulses = [int(value) for file, value in tree.writes if file.endswith("duty_cycle") and int(value)]
    assert pulses == [1_000_000, 1_166_667, 1_222_222, 1_222_222]
    switched = [value for file, value in tree.writes if file.endswith("enable")]
    assert switched[-1] == "0", "no pulses at the end"


def test_a_flap_moves_only_after_enter_or_yes(rig: CalibrationRig) -> None:
    def check() -> str:
        assert not rig.bin.flaps["paper"].moves
        return "s"

    dialogue = ScriptedDialogue(
        *[Asked("Hands off", answer) for answer in ("no", "S", "no", "wait", "s", "s")], Asked("Hands off", check)
    )
    rig.run(dialogue, "flaps")
    assert dialogue.is_done


def test_a_real_camera_with_simulated_pins_says_that_no_flap_moves(rig: CalibrationRig) -> None:
    rig.edit("  kind: sim  ", "  kind: opencv  ")
    dialogue = ScriptedDialogue(*[Asked("Hands off", "s") for _ in range(4)])
    rig.run(dialogue, "flaps")
    assert sum("flaps.pin_factory is mock, its pin is simulated" in line for line in dialogue.shown) == 4


def test_home_and_open_are_never_the_same(rig: CalibrationRig) -> None:
    dialogue = ScriptedDialogue(*jog("o", "go", "h", "q"), *[Asked("Hands off", "s") for _ in range(3)])
    rig.run(dialogue, "flaps")
    assert sum("would never open" in line for line in dialogue.shown) == 2
    assert dialogue.is_done


def test_a_skipped_flap_goes_back_to_the_home_that_it_had(rig: CalibrationRig) -> None:
    before = rig.text
    dialogue = ScriptedDialogue(*jog("+", "h", "+", "s"), *[Asked("Hands off", "s") for _ in range(3)])
    rig.run(dialogue, "flaps")
    assert rig.text == before
    assert rig.bins[0].flaps["paper"].opening == 0.0


def test_travel_by_the_users_key_gets_a_margin_and_the_dwell_follows(rig: CalibrationRig) -> None:
    dialogue = ScriptedDialogue(
        *jog("m"),
        Asked("key, or by the camera", "k"),
        Asked("Enter opens it"),
        Watched(1, lambda _: rig.clock.advance(0.9)),
        Watched(1, lambda _: rig.clock.advance(0.5)),
        Asked("travel 1.1 s", "q"),
        Asked("Write this"),
        *[Asked("Hands off", "s") for _ in range(3)],
    )
    rig.run(dialogue, "flaps")
    one = rig.config().bins["paper"]
    assert one.flap.travel_s == pytest.approx(1.1)  # 0.91 s and a fifth
    assert one.dwell_s >= one.flap.travel_s


def test_travel_by_the_end_switch(rig: CalibrationRig) -> None:
    rig.edit(
        "{kind: relay, pin: 23, active_high: false, travel_s: 0.3, force_n: 4}",
        "{kind: relay, pin: 23, active_high: false, end_switch: {pin: 24}}",
    )
    dialogue = ScriptedDialogue(
        *[Asked("Hands off", "s") for _ in range(3)],
        Asked("Hands off"),
        Asked("home, let go", "t"),
        Asked("home, let go", "m"),
        Asked("home, let go", "q"),
        Asked("Write this"),
    )
    rig.run(dialogue, "flaps")
    assert dialogue.is_done
    assert rig.config().bins["residual"].flap.travel_s == pytest.approx(0.4, abs=0.051)  # 0.3 s and a fifth, rounded up


SERVOS_SKIPPED = [Asked("Hands off", "s")] * 3


def test_the_travel_of_a_bin_without_a_flap_of_its_own_is_written_with_what_null_meant(rig: CalibrationRig) -> None:
    door = "{kind: servo, pin: 16, home_deg: 0, open_deg: 80}"
    rig.edit("drives: {} ", f"drives: {{tray: {{kind: trapdoor, door: {door}}}}} ")
    rig.edit("    flap: {kind: relay, pin: 23, active_high: false, travel_s: 0.3, force_n: 4}", "    flap: null")
    dialogue = ScriptedDialogue(
        Asked("Hands off", "s"),  # the door
        *SERVOS_SKIPPED,
        Asked("Hands off"),
        Asked("home, let go", "m"),
        Asked("key, or by the camera", "k"),
        Asked("Enter opens it"),
        Watched(1, lambda _: rig.clock.advance(0.9)),
        Watched(1, lambda _: rig.clock.advance(0.5)),
        Asked("home, let go", "q"),
        Asked("Write this"),
    )
    assert rig.run(dialogue, "flaps") == {}
    assert dialogue.is_done
    assert "    flap: {kind: trapdoor, drive: tray, travel_s: 1.1}\n" in rig.text
    assert rig.config().bins["residual"].flap.travel_s == pytest.approx(1.1)


@pytest.fixture
def relay_pin(rig: CalibrationRig, monkeypatch: pytest.MonkeyPatch) -> SimulatedPin:
    """The pin of the relay of a bin whose pins count as real; the one servo that is asked about first is skipped."""
    pins = mock_factory()
    monkeypatch.setattr(pins, "close", lambda: None)
    monkeypatch.setattr("tests.edge.calibrate.test_calibrate.PINS", pins)
    monkeypatch.setitem(PIN_FACTORIES, "lgpio", f"{__name__}:shared_pins")
    rig.edit("  kind: sim  ", "  kind: opencv  ")
    rig.edit("pin_factory: mock ", "pin_factory: lgpio ")
    return simulated_pin(pins, 23)


PINS: Any = None


def shared_pins() -> Any:
    return PINS


def test_a_relay_is_switched_on_only_after_a_person_has_seen_it_off_at_rest(
    rig: CalibrationRig, relay_pin: SimulatedPin
) -> None:
    levels: list[tuple[str, bool]] = []
    relay_pin.before_change = lambda: levels.append((relay_pin.function, bool(relay_pin.state)))

    def undriven() -> str:
        assert levels == []
        return "y"

    def seen() -> str:
        assert ("output", False) not in levels, "low would switch it on"
        assert ("output", True) in levels
        assert relay_pin.function == "input", "let go before the answer, however long that takes"
        return "y"

    dialogue = ScriptedDialogue(
        *SERVOS_SKIPPED,
        Asked("Hands off"),
        Asked("LED dark", undriven),
        Asked("after Enter the pin is high for 2 s"),
        Asked("All the time?", seen),
        Asked("home, let go", "t"),
        Asked("home, let go", "q"),
    )
    assert rig.run(dialogue, "flaps") == {}
    assert dialogue.is_done
    assert ("output", False) in levels


def test_a_relay_that_is_on_at_rest_ends_the_step_with_the_level_to_change(
    rig: CalibrationRig, relay_pin: SimulatedPin
) -> None:
    levels: list[tuple[str, bool]] = []
    relay_pin.before_change = lambda: levels.append((relay_pin.function, bool(relay_pin.state)))
    dialogue = ScriptedDialogue(
        *SERVOS_SKIPPED,
        Asked("Hands off"),
        Asked("LED dark", "y"),
        Asked("after Enter"),
        Asked("All the time?"),
        Asked("Write this"),
    )
    assert rig.run(dialogue, "flaps") == {}
    assert dialogue.is_done
    assert any("bins.residual.flap.active_high must be true" in line for line in dialogue.shown)
    flap = rig.config().bins["residual"].flap
    assert isinstance(flap, RelaySection)
    assert flap.active_high is True
    assert ("output", False) not in levels, "it was never switched"


def test_a_relay_that_is_on_with_nothing_driving_it_is_not_tried(rig: CalibrationRig, relay_pin: SimulatedPin) -> None:
    before = rig.text
    dialogue = ScriptedDialogue(*SERVOS_SKIPPED, Asked("Hands off"), Asked("LED dark"))
    assert rig.run(dialogue, "flaps") == {}
    assert dialogue.is_done
    assert any("no setting helps, check the wires" in line for line in dialogue.shown)
    assert rig.text == before
    assert relay_pin.function == "input"


def test_a_camera_that_does_not_see_the_flap_says_so(rig: CalibrationRig) -> None:
    dialogue = ScriptedDialogue(
        *jog("m"),
        Asked("key, or by the camera", "c"),
        Asked("travel 0.4 s", "q"),
        *[Asked("Hands off", "s") for _ in range(3)],
    )
    rig.run(dialogue, "flaps")
    assert any("the camera does not see it move; travel_s stays 0.4" in line for line in dialogue.shown)
    assert dialogue.is_done


@pytest.mark.parametrize(
    "numbers",
    [(signal.SIGINT,), (signal.SIGTERM,), (signal.SIGHUP,), (signal.SIGHUP, signal.SIGTERM)],
    ids=["Ctrl-C", "SIGTERM", "a closed terminal", "a shutdown"],
)
def test_leaving_in_the_middle_brings_the_flap_home_and_writes_nothing(
    rig: CalibrationRig, numbers: tuple[signal.Signals, ...]
) -> None:
    before = rig.text

    def leave() -> str:
        signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
        for number in numbers:
            signal.raise_signal(number)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)  # both at once
        return "+"

    dialogue = ScriptedDialogue(*jog("+", "h", "+15"), Asked("degrees", leave))
    handlers = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    with pytest.raises(KeyboardInterrupt):
        rig.run(dialogue, "flaps")
    flap = rig.bins[0].flaps["paper"]
    assert flap.opening == pytest.approx(5 / 90, abs=1e-3), "at the home that was set"
    assert not flap.is_driven
    assert rig.text == before
    assert [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == handlers


def test_a_closed_terminal_brings_the_flap_home(rig: CalibrationRig) -> None:
    with pytest.raises(UnavailableError):
        rig.run(ScriptedDialogue(*jog("+15", "+15")), "flaps")
    assert rig.bins[0].flaps["paper"].opening == 0.0


def test_a_second_signal_does_not_stop_the_flap_on_its_way_home(
    rig: CalibrationRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    drive_home = ServoFlap.home
    pending: list[int] = []

    def home(flap: ServoFlap) -> None:
        drive_home(flap)
        if pending:
            signal.raise_signal(pending[0])

    monkeypatch.setattr(ServoFlap, "home", home)

    def leave() -> str:
        pending.append(signal.SIGINT)
        return "q"

    with pytest.raises(KeyboardInterrupt):
        rig.run(ScriptedDialogue(*jog("+15", "+15"), Asked("degrees", leave)), "flaps")
    assert rig.bins[0].flaps["paper"].opening == 0.0


def test_a_signal_in_the_middle_of_cleaning_up_does_not_leave_the_flap_out(
    rig: CalibrationRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lost connection causes an error at the next answer and a SIGHUP, in any order."""
    clean_up = FlapJogger.__exit__
    signals = [signal.SIGHUP]

    def cut_short(mover: FlapJogger, *details: Any) -> None:
        if signals:
            signal.raise_signal(signals.pop())
        clean_up(mover, *details)

    monkeypatch.setattr(FlapJogger, "__exit__", cut_short)
    with pytest.raises(KeyboardInterrupt):
        rig.run(ScriptedDialogue(*jog("+15", "+15")), "flaps")
    assert not signals
    assert rig.bins[0].flaps["paper"].opening == 0.0


def test_leaving_a_flap_that_cannot_be_brought_home_asks_no_question(rig: CalibrationRig) -> None:
    rig.edit("stop_button: null ", "stop_button: {pin: 17} ")

    def leave() -> str:
        rig.bin.press("stop_button", True)
        signal.raise_signal(signal.SIGINT)
        return ""

    with pytest.raises(KeyboardInterrupt, match="stop button"):
        rig.run(ScriptedDialogue(*jog("+15"), Asked("degrees", leave)), "flaps")


def test_a_flap_that_cannot_be_driven_is_said_and_the_next_one_comes(rig: CalibrationRig) -> None:
    faults = [{"kind": "pin_error", "at_s": 0.0, "bin": "paper"}]
    dialogue = ScriptedDialogue(Asked("Hands off"), Asked("or try again"), *[Asked("Hands off", "s") for _ in range(3)])
    assert rig.run(dialogue, "flaps", overrides=(f"simulation.faults={faults}",)).keys() == {"flaps: paper"}
    assert any("flap 'paper'" in line and "failed" in line for line in dialogue.shown)


def test_the_stop_button_stops_a_flap_and_lets_none_move(rig: CalibrationRig) -> None:
    rig.edit("stop_button: null ", "stop_button: {pin: 17} ")

    def press() -> str:
        rig.bin.press("stop_button", True)
        return "go"

    def let_go() -> str:
        assert rig.bin.flaps["paper"].opening == 0.0
        rig.bin.press("stop_button", False)
        rig.clock.advance(0.2)
        return "q"

    dialogue = ScriptedDialogue(
        *jog("f"), Asked("degrees", press), Asked("degrees", let_go), *[Asked("Hands off", "s")] * 3
    )
    rig.run(dialogue, "flaps")
    assert any("the stop button is on" in line for line in dialogue.shown)
    assert dialogue.is_done


def test_the_stop_button_stops_a_flap_on_its_way(rig: CalibrationRig) -> None:
    rig.edit("stop_button: null ", "stop_button: {pin: 17} ")

    def press(number: int) -> None:
        if number == 5:
            rig.bin.press("stop_button", True)

    def let_go() -> str:
        flap = rig.bin.flaps["paper"]
        assert 0.05 < flap.opening < 0.5
        assert not flap.is_driven
        rig.bin.press("stop_button", False)
        rig.clock.advance(0.2)
        return "q"

    dialogue = ScriptedDialogue(
        *jog("m"),
        Asked("key, or by the camera"),
        Asked("Enter opens it"),
        Watched(50, press),
        Asked("degrees", let_go),
        *[Asked("Hands off", "s")] * 3,
    )
    rig.run(dialogue, "flaps")
    assert any("has stopped on its way" in line for line in dialogue.shown)
    assert dialogue.is_done


# --- sensors ----------------------------------------------------------------------------------------------------------


def test_a_bin_without_sensors_has_none_to_try(rig: CalibrationRig) -> None:
    dialogue = ScriptedDialogue()
    assert rig.run(dialogue, "sensors") == {}
    assert any("has no sensor" in line for line in dialogue.shown)


def test_every_sensor_is_tried_and_what_was_measured_is_written(rig: CalibrationRig) -> None:
    rig.edit("  lid: null ", "  lid: {pin: 22} ")
    rig.edit("  service_button: null ", "  service_button: {pin: 27} ")
    rig.edit("  light: null ", "  light: {kind: leds, ready: 5, sorting: 6, attention: 26, fault: 19} ")
    rig.edit("    level: null ", "    level: {kind: sim, empty_m: 0.6, full_m: 0.1} ")
    rig.edit("travel_s: 0.3, force_n: 4}", "travel_s: 0.3, force_n: 4, end_switch: {pin: 24}}")

    def lid(number: int) -> None:
        rig.bin.press("lid", number == 2)

    def half_full(number: int) -> None:
        if number == 0:
            rig.bin.fill("paper", 0.5)

    dialogue = ScriptedDialogue(
        Watched(5, half_full),
        Watched(20, lid),
        Watched(5),
        *[Asked("panel.light shows") for _ in range(5)],
        Asked("Write this"),
    )
    assert rig.run(dialogue, "sensors") == {}
    assert dialogue.is_done
    assert rig.config().bins["paper"].level is not None
    assert rig.config().bins["paper"].level.empty_m == pytest.approx(0.35)
    assert any("panel.lid is on" in text for text in dialogue.watched)
    assert any("panel.service_button.pin" in line for line in dialogue.shown), "it was not pressed"
    assert any("bins.residual.flap.end_switch" in line for line in dialogue.shown)


def press_once(rig: CalibrationRig, name: str) -> Watched:
    """On but for one look."""
    return Watched(20, lambda number: rig.bin.press(name, number != 5))


def test_a_switch_wired_the_other_way_round_is_inverted(rig: CalibrationRig) -> None:
    rig.edit("  lid: null ", "  lid: {pin: 22} ")
    rig.edit("  service_button: null ", "  service_button: {pin: 27, active_high: false} ")
    rig.at_start = lambda world: (world.press("lid", True), world.press("service_button", True))
    dialogue = ScriptedDialogue(
        press_once(rig, "lid"),
        Asked("should be contact: closes. Change it?", "y"),
        press_once(rig, "service_button"),
        Asked("should be active_high: true. Change it?", "y"),
        Asked("Write this"),
    )
    rig.run(dialogue, "sensors")
    assert dialogue.is_done
    panel = rig.config().panel
    assert panel.lid is not None
    assert panel.lid.contact == "closes"
    assert panel.service_button is not None
    assert panel.service_button.active_high is True
    assert sum("the break of a wire goes unnoticed" in line for line in dialogue.shown) == 1


def test_a_switch_that_never_changes_may_have_a_broken_wire_and_is_not_inverted(rig: CalibrationRig) -> None:
    rig.edit("  lid: null ", "  lid: {pin: 22} ")
    before = rig.text
    faults = "simulation.faults=[{kind: lid, at_s: 0, broken_wire: true}]"
    dialogue = ScriptedDialogue(Watched(20))
    rig.run(dialogue, "sensors", overrides=(faults,))
    assert dialogue.is_done
    assert any("It was on all the time: check its wires" in line for line in dialogue.shown)
    (outcome,) = rig.wizard.outcomes
    assert outcome.to_do == ("panel.lid has not been seen to change: check its wires and its pin, and try it again",)
    assert rig.text == before


# --- the machine ------------------------------------------------------------------------------------------------------


def test_it_does_not_run_beside_the_sorter(rig: CalibrationRig) -> None:
    with EventLog(rig.path.parent / "state" / "events.sqlite"), pytest.raises(UnavailableError, match="systemctl stop"):
        rig.run(ScriptedDialogue())
    rig.run(ScriptedDialogue(Asked("Clear the tray", "s")), "tray")


def test_the_sorter_does_not_start_beside_it(rig: CalibrationRig) -> None:
    events = rig.path.parent / "state" / "events.sqlite"
    with EventLog(events):
        pass

    def start() -> str:
        with pytest.raises(OSError, match="another sorter"), EventLog(events):
            pass
        return "s"

    dialogue = ScriptedDialogue(Asked("Clear the tray", start))
    rig.run(dialogue, "tray")
    assert dialogue.is_done


def test_a_step_that_was_given_up_is_an_error_at_the_end(
    rig: CalibrationRig, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    dialogue = ScriptedDialogue(Asked("Hands off"), Asked("or try again"), *[Asked("Hands off", "s") for _ in range(3)])
    monkeypatch.setattr("edge.commands.calibrate.Terminal", lambda: dialogue)
    faults = "simulation.faults=[{kind: pin_error, at_s: 0.0, bin: paper}]"
    overrides = [word for one in (*SMALL, faults) for word in ("--set", one)]
    assert main(["calibrate", "flaps", "--no-page", "--config", str(rig.path), *overrides]) == 69
    assert dialogue.is_done
    assert "sorter: error: calibrate: not done: flaps: paper" in capsys.readouterr().err
    assert any(line.startswith("  1. flaps: paper: ") for line in dialogue.shown)
    assert "Failed: flaps: paper." in dialogue.shown


def test_at_the_end_stands_the_command_that_runs_this_configuration(
    rig: CalibrationRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialogue = ScriptedDialogue(Asked("Clear the tray", "s"))
    monkeypatch.setattr("edge.commands.calibrate.Terminal", lambda: dialogue)
    assert main(["calibrate", "tray", "--no-page", "--config", str(rig.path)]) == 0
    assert f" run --config {rig.path}, or sudo systemctl start sorter" in dialogue.shown[-1]
    assert dialogue.shown[-3:-1] == ["Skipped: tray.", "Next:"]


def test_on_the_command_line(rig: CalibrationRig) -> None:
    overrides = [word for one in SMALL for word in ("--set", one)]
    closed = run_sorter("calibrate", "tray", "--config", rig.path, *overrides)
    assert closed.code == 69
    assert len(closed.errors) == 1
    assert "terminal is closed" in closed.errors[0]
    unknown = run_sorter("calibrate", "trai", "--config", rig.path)
    assert unknown.code == 2
    assert "there is no step trai; there are camera, tray" in unknown.err
