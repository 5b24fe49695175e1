"""The simulated bin, driven by the real flap drivers on its mock pins."""

import math
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hardware.clock import ManualClock
from hardware.errors import HardwareConfigError
from hardware.pins import mock_factory
from hardware.registry import CAMERAS, SIMULATIONS, load
from hardware.sim.bin import SimulatedBin
from hardware.sim.camera import SimCamera
from hardware.sim.cutout import cut_out
from hardware.sim.items import load_items
from hardware.world.flap_command import FlapCommand
from hardware.world.scene import SceneConditions
from tests.builders.world import make_bin
from tests.doubles.drives import flap_section, make_flaps

LABELS = {"glass": "glass", "metal": "containers", "plastic": "containers", "paper": "paper", "trash": "rest"}
TRAVEL_S = 0.4
FLAP_OPTIONS: dict[str, dict[str, Any]] = {
    "glass": {"kind": "servo", "pin": 5, "home_deg": 0, "open_deg": 80, "travel_s": TRAVEL_S},
    "containers": {
        "kind": "servo",
        "pin": 6,
        "home_deg": 30,
        "open_deg": -60,
        "min_pulse_ms": 0.6,
        "travel_s": TRAVEL_S,
    },
    "paper": {"kind": "relay", "pin": 7, "active_high": False, "travel_s": TRAVEL_S},
    "rest": {"kind": "relay", "pin": 8, "active_high": True, "travel_s": TRAVEL_S},
}


@pytest.fixture(scope="session")
def sprites(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sprites")
    for number, label in enumerate(LABELS):
        (folder / label).mkdir()
        for copy in range(2):
            sprite = np.zeros((120, 80, 4), np.uint8)
            colour = (40 * number, 200 - 30 * number, 255 * copy, 255)
            cv2.ellipse(sprite, (40, 60), (36, 55), 0, 0, 360, colour, -1)
            cv2.imwrite(str(folder / label / f"{copy}.png"), sprite)
    return folder


class DrivenWorld:
    """A simulated bin with its camera and the real drivers, on a clock that the camera moves."""

    def __init__(self, sprites: Path, **options: Any) -> None:
        self.clock = ManualClock()
        self.factory = mock_factory()
        defaults: dict[str, Any] = {
            "width": 160,
            "height": 120,
            "gap_s": (0.3, 0.6),
            "first_after_s": 0.0,
            "lost_after_s": 4.0,
        }
        self.bin = make_bin(
            clock=self.clock,
            pin_factory=self.factory,
            flaps={name: flap_section(flap) for name, flap in FLAP_OPTIONS.items()},
            labels=LABELS,
            residual_bin="rest",
            photos=sprites,
            **(defaults | options),
        )
        self.camera = SimCamera(clock=self.clock, bin=self.bin)
        self.flaps = make_flaps(FLAP_OPTIONS, pin_factory=self.factory)
        frame = self.camera.read(newer_than=-1, timeout_s=1.0)
        assert frame is not None
        self.frame = frame

    def run(self, seconds: float) -> None:
        self.until(lambda: False, limit_s=seconds)

    def until(self, done: Callable[[], bool], *, limit_s: float = 60.0) -> bool:
        end_s = self.clock.now_s() + limit_s
        while not done() and self.clock.now_s() < end_s and not self.camera.exhausted:
            self.frame = self.camera.read(newer_than=self.frame.sequence, timeout_s=1.0) or self.frame
        return done()

    def wait_for_item(self) -> str:
        assert self.until(lambda: self.bin.is_at_rest)
        assert self.bin.on_tray is not None
        return self.bin.on_tray.label

    def operate(self, bin: str) -> None:
        self.flaps[bin].open()
        self.run(TRAVEL_S + 0.5)
        self.flaps[bin].home()
        self.run(TRAVEL_S + 0.1)
        self.flaps[bin].detach()

    def close(self) -> None:
        self.camera.close()
        for flap in self.flaps.values():
            flap.close()
        self.bin.close()


@pytest.fixture
def make(sprites: Path) -> Iterator[Callable[..., DrivenWorld]]:
    worlds: list[DrivenWorld] = []

    def new(**options: Any) -> DrivenWorld:
        worlds.append(DrivenWorld(sprites, **options))
        return worlds[-1]

    yield new
    for world in worlds:
        world.close()


def test_the_registry_names_the_simulation() -> None:
    assert load(SIMULATIONS, "bin") is SimulatedBin
    assert load(CAMERAS, "sim") is SimCamera


def test_an_item_slides_in_and_comes_to_rest(make: Callable[..., DrivenWorld]) -> None:
    world = make(noise_sigma=0, light_drift=0, gap_s=(1, 1), settle_s=(0.5, 0.5))
    empty = world.frame.pixels.copy()
    world.until(lambda: world.bin.on_tray is not None)
    assert 1.0 <= world.clock.now_s() <= 1.2
    moving: list[bool] = []
    while not world.bin.is_at_rest:
        before = world.frame.pixels
        world.run(1 / 15)
        moving.append(not np.array_equal(before, world.frame.pixels))
    assert sum(moving) >= 4
    world.run(1 / 15)
    at_rest = world.frame.pixels
    assert np.mean(np.any(at_rest != empty, axis=2)) > 0.05
    world.run(1.0)
    assert np.array_equal(world.frame.pixels, at_rest)


def test_a_coloured_lamp_colours_all_that_is_seen(make: Callable[..., DrivenWorld]) -> None:
    plain = make(noise_sigma=0, light_drift=0, gap_s=(200, 200))
    coloured = make(noise_sigma=0, light_drift=0, gap_s=(200, 200), light_colour=(0.4, 0.6, 0.5))
    for world in (plain, coloured):
        world.run(0.2)
    expected = plain.frame.pixels * np.array([0.4, 0.6, 0.5])
    assert np.abs(coloured.frame.pixels - expected).max() <= 1.0
    with pytest.raises(HardwareConfigError, match=r"light_colour: expected 0\.1\.\.2, got 3"):
        SceneConditions(light_colour=(1.0, 3.0, 1.0))


def test_an_item_at_rest_lies_within_the_picture(make: Callable[..., DrivenWorld]) -> None:
    world = make(noise_sigma=0, light_drift=0, items=8, item_size=(0.75, 0.85))
    empty = world.frame.pixels.copy()
    for _ in range(8):
        world.wait_for_item()
        changed = np.any(world.frame.pixels.astype(int) - empty > 12, axis=2) | np.any(
            empty.astype(int) - world.frame.pixels > 60, axis=2
        )
        assert not changed[0].any()
        assert not changed[-1].any()
        assert not changed[:, 0].any()
        assert not changed[:, -1].any()
        world.operate("rest")


def test_the_right_flap_drops_it_into_its_bin(make: Callable[..., DrivenWorld]) -> None:
    world = make(items=10, seed=3)
    for _ in range(10):
        world.operate(LABELS[world.wait_for_item()])
    assert world.until(lambda: world.camera.exhausted)
    score = world.bin.score()
    assert (score.items, score.handled_once, score.right) == (10, 10, 10)
    assert (score.missed, score.double, score.wrong, score.residual, score.empty_openings) == (0, 0, 0, 0, 0)
    assert not score.two_moving
    assert {fall.label for fall in score.falls} == set(LABELS)
    for fall in score.falls:
        assert LABELS[fall.label] == fall.bin
        assert fall.rest_s is not None
        assert fall.arrive_s < fall.rest_s < fall.open_s
    assert asdict(score)["falls"][0]["label"] == score.falls[0].label


def test_another_flap_is_wrong_and_the_residual_bin_is_no_contamination(make: Callable[..., DrivenWorld]) -> None:
    world = make(items=10)
    expected = {"right": 0, "residual": 0, "wrong": 0}
    for number in range(10):
        label = world.wait_for_item()
        bin = "rest" if number % 2 else "paper"
        expected["right" if LABELS[label] == bin else "residual" if bin == "rest" else "wrong"] += 1
        world.operate(bin)
    score = world.bin.score()
    assert {key: getattr(score, key) for key in expected} == expected
    assert score.wrong
    assert score.residual


def test_the_first_item_lets_the_bin_see_its_empty_tray(make: Callable[..., DrivenWorld]) -> None:
    world = make(first_after_s=5.0, gap_s=(0.2, 0.2))
    assert world.until(lambda: world.bin.on_tray is not None)
    assert 5.0 <= world.clock.now_s() <= 5.2
    world.wait_for_item()
    world.operate("rest")
    start_s = world.clock.now_s()
    assert world.until(lambda: world.bin.on_tray is not None)
    assert world.clock.now_s() - start_s < 0.5


def test_what_nobody_handles_is_missed(make: Callable[..., DrivenWorld]) -> None:
    world = make(items=2, lost_after_s=3.0)
    world.wait_for_item()
    rest_s = world.clock.now_s()
    assert world.until(lambda: world.bin.on_tray is None)
    assert 2.9 <= world.clock.now_s() - rest_s <= 3.2
    assert world.until(lambda: world.camera.exhausted)
    score = world.bin.score()
    assert (score.items, score.missed, score.handled_once) == (2, 2, 0)
    assert sum(row["missed"] for row in score.table.values()) == 2


def test_without_a_limit_an_item_lies_for_ever(make: Callable[..., DrivenWorld]) -> None:
    world = make(lost_after_s=None)
    world.wait_for_item()
    item = world.bin.on_tray
    world.clock.advance(3600)
    world.run(1.0)
    assert world.bin.on_tray is item


def test_a_flap_that_opens_over_nothing_is_counted(make: Callable[..., DrivenWorld]) -> None:
    world = make(gap_s=(5, 5))
    world.operate("paper")
    world.operate("glass")
    assert world.bin.score().empty_openings == 2
    assert world.bin.score().items == 0


def test_a_second_flap_for_one_item_is_a_double(make: Callable[..., DrivenWorld]) -> None:
    world = make(items=1)
    label = world.wait_for_item()
    world.flaps["glass"].open()
    world.run(0.1)
    world.flaps["paper"].open()
    world.run(1.0)
    score = world.bin.score()
    assert (score.items, score.double, score.handled_once) == (1, 1, 0)
    assert score.falls[0].bin == "glass"
    assert score.table == {label: {"glass": 1}}
    assert score.two_moving


def test_an_item_that_had_not_settled_has_no_time_of_rest(make: Callable[..., DrivenWorld]) -> None:
    world = make(items=1, settle_s=(3, 3))
    assert world.until(lambda: world.bin.on_tray is not None)
    world.operate("glass")
    assert world.bin.score().falls[0].rest_s is None


def test_no_item_comes_while_a_flap_is_open(make: Callable[..., DrivenWorld]) -> None:
    world = make(start_open=["glass"])
    assert world.bin.flaps["glass"].opening == 1.0
    world.run(5.0)
    assert world.bin.on_tray is None
    world.flaps["glass"].home()
    world.run(TRAVEL_S + 0.1)
    assert world.bin.flaps["glass"].is_home
    world.wait_for_item()


def test_a_flap_takes_its_time_and_stays_where_the_pulses_end(make: Callable[..., DrivenWorld]) -> None:
    world = make(gap_s=(60, 60))
    servo, flap = world.bin.flaps["containers"], world.flaps["containers"]
    assert not servo.is_driven
    flap.open()
    assert servo.is_driven
    world.clock.advance(TRAVEL_S / 2)
    flap.detach()
    world.run(1.0)
    assert servo.opening == pytest.approx(0.5, abs=0.01)
    assert not servo.is_driven
    flap.open()
    world.clock.advance(TRAVEL_S / 2 + 0.01)
    world.bin.advance()
    assert servo.opening == 1.0
    assert [move.target for move in servo.moves] == [1.0, 1.0]
    assert servo.openings == 1


def told(world: DrivenWorld) -> list[FlapCommand]:
    seen: list[FlapCommand] = []
    world.bin.on_command = seen.append
    return seen


def test_a_command_to_open_less_far_is_none_to_open(make: Callable[..., DrivenWorld]) -> None:
    """A flap that lags behind, or was stopped before it was there, stands further in than its program thinks."""
    world = make(gap_s=(60, 60), faults=[{"kind": "slow", "at_s": 0.0, "for_s": 60.0, "factor": 4.0}])
    seen = told(world)
    flap = world.flaps["glass"]
    flap.open()
    world.run(TRAVEL_S)
    flap.halt()
    world.run(0.2)
    assert world.bin.flaps["glass"].opening < 0.5
    assert flap.creep_home(0.2)
    world.run(0.2)
    flap.open()
    world.run(0.2)
    assert [command.opens for command in seen] == [True, False, True]


def test_a_command_says_whether_a_spring_moves_the_flap(make: Callable[..., DrivenWorld]) -> None:
    world = make(gap_s=(60, 60))
    seen = told(world)
    for bin in ("glass", "paper"):
        world.operate(bin)
    assert [(command.bin, command.opens, command.by_spring) for command in seen] == [
        ("glass", True, False),
        ("glass", False, False),
        ("paper", True, False),
        ("paper", False, True),
    ]


def test_a_spring_closes_a_relay_s_flap(make: Callable[..., DrivenWorld]) -> None:
    world = make(gap_s=(60, 60))
    flap = world.bin.flaps["paper"]
    world.flaps["paper"].open()
    world.clock.advance(1.0)
    world.bin.advance()
    assert flap.opening == 1.0
    world.flaps["paper"].detach()
    world.clock.advance(1.0)
    world.bin.advance()
    assert flap.is_home


def test_commands_take_effect_at_their_own_time(make: Callable[..., DrivenWorld]) -> None:
    """Between two looks at the world a flap opens and is sent home again: the world must not miss it."""
    world = make(gap_s=(60, 60))
    world.flaps["glass"].open()
    world.clock.advance(TRAVEL_S)
    world.flaps["glass"].home()
    world.clock.advance(TRAVEL_S)
    world.flaps["paper"].open()
    world.clock.advance(TRAVEL_S)
    world.bin.advance()
    assert world.bin.flaps["glass"].opening == 0.0
    assert world.bin.score().empty_openings == 2
    assert not world.bin.score().two_moving


def record(world: DrivenWorld, seconds: float) -> tuple[list[bytes], Any]:
    frames = []
    end_s = world.clock.now_s() + seconds
    while world.clock.now_s() < end_s:
        world.run(1 / 15)
        frames.append(world.frame.pixels.tobytes())
        if world.bin.is_at_rest and world.bin.flaps["paper"].is_home and not world.bin.flaps["paper"].is_driven:
            world.flaps["paper"].open()
        elif world.bin.flaps["paper"].opening == 1.0:
            world.flaps["paper"].home()
    return frames, world.bin.score()


def test_the_seed_makes_the_world(make: Callable[..., DrivenWorld]) -> None:
    one, same, other = make(seed=7), make(seed=7), make(seed=8)
    frames, score = record(one, 20.0)
    assert score.items > 3
    assert record(same, 20.0) == (frames, score)
    assert record(other, 20.0)[0] != frames


def test_noise_and_light_change_from_frame_to_frame(make: Callable[..., DrivenWorld]) -> None:
    world = make(gap_s=(200, 200), noise_sigma=3.0, light_drift=0.1)
    first = world.frame.pixels.astype(float)
    world.run(0.1)
    noise = (world.frame.pixels - first).std() / math.sqrt(2)
    assert 2.5 < noise < 3.5
    means = []
    for _ in range(20):
        world.run(5.0)
        means.append(world.frame.pixels.mean())
    assert 5 < max(means) - min(means) < 40


def test_frames_are_dropped_when_the_reader_is_late(make: Callable[..., DrivenWorld]) -> None:
    world = make()
    first = world.frame
    world.clock.advance(2.0)
    late = world.camera.read(newer_than=first.sequence, timeout_s=1.0)
    assert late.sequence == first.sequence + 30
    assert late.time_s == world.clock.now_s()
    assert world.camera.read(newer_than=late.sequence, timeout_s=0.01) is None
    assert world.camera.read(newer_than=late.sequence - 1, timeout_s=1.0) is late


def test_a_run_ends_when_all_items_are_gone_and_the_flaps_are_home(make: Callable[..., DrivenWorld]) -> None:
    world = make(items=1)
    world.wait_for_item()
    world.flaps["rest"].open()
    world.run(3.0)
    assert world.bin.score().items == 1
    assert not world.camera.exhausted
    world.flaps["rest"].home()
    start_s = world.clock.now_s()
    assert world.until(lambda: world.camera.exhausted)
    assert 0.8 <= world.clock.now_s() - start_s <= 1.1
    assert world.camera.read(newer_than=world.frame.sequence, timeout_s=1.0) is None


commands = st.lists(
    st.tuples(st.sampled_from(sorted(FLAP_OPTIONS)), st.sampled_from(["open", "home", "detach"]), st.floats(0.0, 3.0)),
    max_size=25,
)


@given(commands=commands, seed=st.integers(0, 1000))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_item_has_one_fate(sprites: Path, commands: list[tuple[str, str, float]], seed: int) -> None:
    world = DrivenWorld(sprites, items=4, seed=seed, width=64, height=64, lost_after_s=2.0)
    try:
        for bin, command, pause_s in commands:
            getattr(world.flaps[bin], command)()
            world.run(pause_s)
            score = world.bin.score()
            assert score.items == score.handled_once + score.double + score.missed
            assert score.handled_once + score.double == score.right + score.residual + score.wrong == len(score.falls)
            assert score.items == sum(count for row in score.table.values() for count in row.values())
            assert all(0.0 <= flap.opening <= 1.0 for flap in world.bin.flaps.values())
        for flap in world.flaps.values():
            flap.home()
        assert world.until(lambda: world.camera.exhausted, limit_s=120)
        score = world.bin.score()
        assert score.items == 4
        openings = sum(flap.openings for flap in world.bin.flaps.values())
        assert openings >= score.handled_once + 2 * score.double + score.empty_openings
    finally:
        world.close()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"gap_s": (3, 1)}, "gap_s"),
        ({"item_size": (0.0, 0.5)}, "item_size"),
        ({"noise_sigma": -1}, "noise_sigma"),
        ({"width": 10}, "width"),
        ({"lost_after_s": 0}, "lost_after_s"),
        ({"items": -1}, "items"),
        ({"start_open": ["cellar"]}, "cellar"),
        ({"fps": 0}, "fps"),
    ],
)
def test_bad_options_are_named(make: Callable[..., DrivenWorld], options: dict[str, Any], message: str) -> None:
    with pytest.raises(HardwareConfigError, match=message):
        make(**options)


@pytest.mark.parametrize(
    ("flaps", "message"),
    [
        (
            {"glass": {"kind": "pca9685", "channel": 0, "home_deg": 0, "open_deg": 80}},
            "'glass'.*no body for kind pca9685",
        ),
        ({}, "'glass'.*none"),
    ],
)
def test_bad_flaps_are_named(sprites: Path, flaps: dict[str, Any], message: str) -> None:
    with pytest.raises(HardwareConfigError, match=message):
        make_bin(
            clock=ManualClock(),
            pin_factory=mock_factory(),
            flaps={name: flap_section(flap) for name, flap in flaps.items()},
            labels={},
            residual_bin="glass",
            photos=sprites,
        )


def test_items_come_shuffled_and_again_without_end(sprites: Path) -> None:
    items = load_items(sprites, seed=1)
    rounds = [[next(items).name for _ in range(10)] for _ in range(3)]
    assert [sorted(names) for names in rounds] == [sorted(rounds[0])] * 3
    assert rounds[0] != rounds[1]
    assert len(set(rounds[0])) == 10
    again = load_items(sprites, seed=1)
    assert [next(again).name for _ in range(10)] == rounds[0]


def test_a_listing_chooses_the_items(sprites: Path, tmp_path: Path) -> None:
    listing = tmp_path / "test.txt"
    listing.write_text("glass/1.png\n\n# a remark\nmetal/0.png\n")
    items = load_items(sprites, listing=listing)
    assert {next(items).name for _ in range(8)} == {"glass/1.png", "metal/0.png"}
    for line in ("glass/none.png", "../glass/1.png", "1.png", ""):
        listing.write_text(line)
        with pytest.raises(HardwareConfigError, match=r"test\.txt"):
            load_items(sprites, listing=listing)
    with pytest.raises(HardwareConfigError, match="cannot read the listing"):
        load_items(sprites, listing=tmp_path / "none.txt")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_listing_that_was_written_on_windows_is_read(sprites: Path, tmp_path: Path, encoding: str) -> None:
    listing = tmp_path / "test.txt"
    listing.write_bytes("glass\\1.png\r\n# späte\r\nmetal/0.png\r\n".encode(encoding))
    items = load_items(sprites, listing=listing)
    assert {next(items).name for _ in range(8)} == {"glass/1.png", "metal/0.png"}


@pytest.mark.parametrize(
    "content", ["glass/grün.png".encode("latin-1"), b"glass/\0.png", b"glass/" + b"x" * 300, b"\xff\xfea"]
)
def test_a_listing_that_cannot_be_used_is_told(sprites: Path, tmp_path: Path, content: bytes) -> None:
    listing = tmp_path / "test.txt"
    listing.write_bytes(content)
    with pytest.raises(HardwareConfigError, match=r"test\.txt"):
        load_items(sprites, listing=listing)


def test_folders_without_items_say_what_is_missing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(HardwareConfigError, match="not a folder"):
        load_items(tmp_path / "none")
    with pytest.raises(HardwareConfigError, match="no label folders"):
        load_items(tmp_path)
    (tmp_path / "glass").mkdir()
    with pytest.raises(HardwareConfigError, match=r"no pictures.*glass"):
        load_items(tmp_path)
    (tmp_path / "glass" / "broken.png").write_bytes(b"nothing")
    items = load_items(tmp_path)
    with pytest.raises(HardwareConfigError, match="none of the 1"):
        next(items)
    assert "broken.png" in caplog.text


def photograph(seed: int = 0) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """A red can on an unevenly lit table with its shadow, and where the can is."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:288, 0:384]
    picture = np.repeat((215 - 30 * (x / 384) - 25 * (y / 288) ** 2)[..., None], 3, axis=2)
    shadow = np.zeros((288, 384), np.float32)
    cv2.ellipse(shadow, (215, 165), (70, 45), 20, 0, 360, 1.0, -1)
    picture *= 1 - 0.2 * cv2.GaussianBlur(shadow, (0, 0), 14)[..., None]
    mask = np.zeros((288, 384), np.uint8)
    cv2.ellipse(mask, (190, 150), (70, 45), 20, 0, 360, 1, -1)
    picture[mask > 0] = (180, 40, 30)
    return np.clip(picture + rng.normal(0, 2, picture.shape), 0, 255).astype(np.uint8), mask > 0


def test_a_photographed_item_is_cut_out_without_its_shadow() -> None:
    picture, truth = photograph()
    found = cut_out(picture) > 127
    assert (found & truth).sum() / (found | truth).sum() > 0.9


def test_the_cut_is_soft_and_the_same_every_time() -> None:
    picture, _ = photograph()
    alpha = cut_out(picture)
    assert ((alpha > 0) & (alpha < 255)).mean() > 0.002
    assert np.array_equal(alpha, cut_out(picture))


@pytest.mark.parametrize("colour", [(170, 130, 90), (128, 128, 128)])
def test_what_fills_the_picture_is_used_whole(colour: tuple[int, int, int]) -> None:
    picture = np.clip(np.random.default_rng(0).normal(colour, 3, (100, 140, 3)), 0, 255).astype(np.uint8)
    assert (cut_out(picture) == 255).all()


def test_a_photograph_becomes_an_item(tmp_path: Path) -> None:
    (tmp_path / "metal").mkdir()
    picture, truth = photograph()
    cv2.imwrite(str(tmp_path / "metal" / "can.jpg"), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    item = next(load_items(tmp_path, size=200))
    assert (item.label, item.name) == ("metal", "metal/can.jpg")
    height, width = item.rgba.shape[:2]
    assert abs(width - np.ptp(np.nonzero(truth.any(0))[0]) * 200 / 384) < 8
    red, green, blue, alpha = item.rgba[height // 2, width // 2]
    assert red > 150 > 80 > max(green, blue)
    assert alpha == 255
