"""What goes wrong in the simulated world: does each fault do in the picture and to the flaps what it says?"""

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hardware.errors import CameraError, FlapError, HardwareConfigError
from hardware.pins import mock_factory
from hardware.sim.arm_drawing import COLOURS, draw_arm
from hardware.sim.fault_schedule import FaultSchedule
from hardware.sim.hand import SIDES
from hardware.world.fault import KINDS, MACHINE, PlannedFault
from hardware.world.flap_motion import FlapMotion
from tests.builders.sprites import make_sprites
from tests.doubles.sim_rig import TRAVEL_S, SimRig

Make = Callable[..., SimRig]


@pytest.fixture(scope="session")
def sprites(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_sprites(tmp_path_factory.mktemp("sprites"))


@pytest.fixture
def make(sprites: Path) -> Iterator[Make]:
    rigs: list[SimRig] = []

    def new(*faults: dict[str, Any], **options: Any) -> SimRig:
        rigs.append(SimRig(sprites, *faults, **options))
        return rigs[-1]

    yield new
    for rig in rigs:
        rig.close()


def changed(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any], by: int = 8) -> np.ndarray[Any, Any]:
    """Where two pictures differ: bool (height, width)."""
    return np.asarray(np.any(np.abs(one.astype(int) - other) > by, axis=2))


# --- when -------------------------------------------------------------------------------------------------------------


def test_a_fault_begins_and_ends_on_time() -> None:
    faults = FaultSchedule([PlannedFault("black", at_s=2.0, for_s=3.0), PlannedFault("dirty", at_s=4.0)], start_s=100.0)
    assert not faults.advance(101.9)
    assert faults.find("black") is None
    assert faults.advance(102.0)
    assert faults.find("black") is not None
    assert faults.next_change_s == 104.0
    assert faults.advance(104.0)
    assert {fault.kind for fault in faults.active} == {"black", "dirty"}
    assert faults.advance(105.0)
    assert [fault.kind for fault in faults.active] == ["dirty"]
    assert not faults.advance(105.5)
    assert [fault.kind for fault in faults.active_since(104.9)] == ["black", "dirty"]
    assert [fault.kind for fault in faults.active_since(105.1)] == ["dirty"]
    assert not faults.advance(1e6)


@pytest.mark.parametrize("moment", ["arrives", "rests", "opens", "closes"])
def test_a_fault_waits_for_the_moment_of_its_item(make: Make, moment: str) -> None:
    rig = make({"kind": "exposure", "item": 2, "when": moment, "after_s": 0.1, "for_s": 5.0}, items=["glass"] * 2)
    rig.rest()
    rig.cycle("glass")
    assert not rig.bin.faults.active
    began: dict[str, float] = {}

    def note(name: str) -> None:
        rig.bin.advance()
        began.setdefault(name, rig.clock.now_s())

    rig.until(lambda: rig.bin.on_tray is not None)
    note("arrives")
    rig.until(lambda: rig.bin.is_at_rest)
    note("rests")
    rig.run(0.5)
    rig.flaps["glass"].open()
    note("opens")
    rig.run(0.8)
    rig.flaps["glass"].home()
    note("closes")
    rig.run(0.5)
    (fault,) = rig.bin.faults.active
    assert fault.begin_s == pytest.approx(began[moment] + 0.1, abs=0.08)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"kind": "flood", "at_s": 1}, "unknown kind 'flood'"),
        ({"kind": "black"}, "either at_s or item"),
        ({"kind": "black", "at_s": 1, "item": 2}, "either at_s or item"),
        ({"kind": "black", "item": 2, "when": "sleeps"}, "'sleeps'"),
        ({"kind": "black", "at_s": 1, "for_s": 0}, "for_s > 0"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(HardwareConfigError, match=message):
        PlannedFault.of(values)


def test_a_fault_of_a_bin_that_is_not_there_is_refused(make: Make) -> None:
    with pytest.raises(HardwareConfigError, match="cellar"):
        make({"kind": "slow", "at_s": 1, "bin": "cellar"})


# --- camera -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stamps", ["honest", "now"])
@pytest.mark.parametrize(("lag_s", "wander_s"), [(0.2, 0.0), (0.8, 0.0), (1.5, 0.0), (0.7, 0.5)])
def test_pictures_come_late_and_say_when_they_were_taken_or_do_not(
    make: Make, lag_s: float, wander_s: float, stamps: str
) -> None:
    rig = make({"kind": "lag", "at_s": 1.0, "for_s": 6.0, "lag_s": lag_s, "wander_s": wander_s, "stamps": stamps})
    rig.run(1.2 + lag_s + wander_s)
    ages, stamped = [], []
    while rig.clock.now_s() < 6.5:
        frame = rig.look()
        newest = rig.bin.newest_frame
        assert newest is not None
        ages.append(rig.clock.now_s() - newest.shown_s)
        if frame is not None:
            stamped.append((rig.clock.now_s() - frame.time_s, frame.time_s))
    period_s = 1 / 15
    assert lag_s - wander_s <= min(ages) + 1e-6
    assert max(ages) <= lag_s + wander_s + 2 * period_s + 1e-6
    assert max(ages) - min(ages) > 1.5 * wander_s, "a lag that wanders does"
    assert [time_s for _, time_s in stamped] == sorted({time_s for _, time_s in stamped}), "each picture once"
    said = [age_s for age_s, _ in stamped]
    assert max(said) == 0 if stamps == "now" else min(said) >= lag_s - wander_s - 1e-6
    rig.run(1.0)
    assert rig.clock.now_s() - rig.frame.time_s < 2 * period_s, "the lag is over"


def test_a_camera_takes_fewer_pictures_than_it_should(make: Make) -> None:
    rig = make({"kind": "low_rate", "at_s": 1.0, "for_s": 4.0, "fps": 5})
    rig.run(1.1)
    assert len(rig.run(3.0)) == pytest.approx(15, abs=1)
    rig.run(1.1)
    assert len(rig.run(3.0)) == pytest.approx(45, abs=1)


@pytest.mark.parametrize("kind", ["block", "unplug"])
def test_no_frame_comes_and_the_world_goes_on(make: Make, kind: str) -> None:
    rig = make({"kind": kind, "at_s": 0.5, "for_s": 3.0})
    frames = rig.run(3.4)
    assert frames
    assert max(frame.time_s for frame in frames) <= 0.6
    assert rig.bin.on_tray is not None, "items come whether they are seen or not"
    rig.until(lambda: rig.frame.time_s >= 3.5)
    assert rig.bin.newest_frame is not None
    assert rig.bin.newest_frame.shown_s == rig.frame.time_s


def test_a_camera_that_was_unplugged_looks_for_its_exposure(make: Make) -> None:
    rig = make({"kind": "unplug", "at_s": 0.5, "for_s": 1.0}, items=[])
    usual = rig.frame.pixels.mean()
    rig.until(lambda: rig.frame.time_s >= 1.5)
    assert rig.frame.pixels.mean() < 0.6 * usual
    rig.run(1.0)
    assert rig.frame.pixels.mean() == pytest.approx(usual, abs=1)


def test_the_driver_raises_and_comes_back(make: Make) -> None:
    rig = make({"kind": "error", "at_s": 0.5, "for_s": 1.0})
    rig.run(0.5)
    with pytest.raises(CameraError, match="reports an error"):
        rig.run(1.0)
    while rig.clock.now_s() < 1.5:
        with pytest.raises(CameraError):
            rig.look()
    assert rig.run(0.3)


def test_the_pictures_are_black(make: Make) -> None:
    rig = make({"kind": "black", "at_s": 0.5, "for_s": 1.0}, noise_sigma=2.0)
    assert rig.frame.pixels.mean() > 80
    rig.run(1.0)
    assert rig.frame.pixels.mean() < 5
    assert rig.bin.newest_frame is not None
    assert rig.bin.newest_frame.shown_s <= 0.5 < rig.bin.newest_frame.time_s


def test_a_frozen_camera_goes_on_counting(make: Make) -> None:
    rig = make({"kind": "frozen", "at_s": 0.5, "for_s": 2.0}, noise_sigma=2.0)
    rig.run(0.8)
    frozen = rig.run(1.2)
    assert len({frame.pixels.tobytes() for frame in frozen}) == 1
    assert [frame.sequence for frame in frozen] == sorted({frame.sequence for frame in frozen})
    assert frozen[-1].time_s == rig.clock.now_s()
    assert rig.bin.newest_frame is not None
    assert rig.bin.newest_frame.shown_s <= 0.5


def test_a_stuck_camera_hands_out_its_old_frame(make: Make) -> None:
    rig = make({"kind": "stuck", "at_s": 0.5, "for_s": 2.0}, noise_sigma=2.0)
    rig.run(0.8)
    stuck = rig.run(1.0)
    assert len(stuck) > 5
    assert {frame.time_s for frame in stuck} == {stuck[0].time_s}
    assert stuck[0].time_s <= 0.5
    assert len({frame.sequence for frame in stuck}) == len(stuck)


def test_a_torn_picture_is_new_above_and_out_of_step_below(make: Make) -> None:
    rig = make({"kind": "torn", "item": 1, "when": "rests", "after_s": 0.5, "for_s": 1.0})
    rig.rest()
    whole = rig.frame.pixels
    rig.until(lambda: rig.bin.faults.find("torn") is not None)
    for frame in rig.run(0.5):
        rows = changed(frame.pixels, whole, by=40).any(axis=1)
        cut = int(rows.argmax())
        assert 0.1 * 120 <= cut <= 0.9 * 120
        assert not rows[:cut].any()
        # Below the cut the old picture, moved sideways.
        assert np.array_equal(frame.pixels[-1], np.roll(whole[-1], 160 // 5, axis=0))


def test_pictures_of_another_size(make: Make) -> None:
    rig = make({"kind": "wrong_size", "at_s": 0.5, "for_s": 1.0, "width": 100, "height": 50})
    rig.run(1.0)
    assert rig.frame.pixels.shape == (50, 100, 3)
    rig.run(1.0)
    assert rig.frame.pixels.shape == (120, 160, 3)


def test_the_exposure_jumps(make: Make) -> None:
    rig = make({"kind": "exposure", "at_s": 0.5, "for_s": 1.0, "factor": 1.5})
    usual = rig.frame.pixels.mean()
    rig.run(0.9)
    assert rig.frame.pixels.mean() == pytest.approx(1.5 * usual, rel=0.03)


def test_it_gets_slowly_darker_and_stays_so(make: Make) -> None:
    rig = make({"kind": "darken", "at_s": 0.0, "to": 0.5, "over_s": 4.0}, items=[])
    usual = rig.frame.pixels.mean()
    means = [rig.run(1.0)[-1].pixels.mean() / usual for _ in range(6)]
    assert means == pytest.approx([0.875, 0.75, 0.625, 0.5, 0.5, 0.5], abs=0.02)


def test_lamps_on_the_mains_draw_bands_that_wander(make: Make) -> None:
    rig = make({"kind": "flicker", "at_s": 0.5, "for_s": 5.0, "amplitude": 0.2})
    still = rig.frame.pixels.astype(float)
    rig.run(0.6)
    bands = [frame.pixels.mean(axis=(1, 2)) / still.mean(axis=(1, 2)) for frame in rig.run(0.3)]
    for band in bands:
        assert band.max() - band.min() > 0.3, "the rows are lit differently"
    assert np.abs(bands[0] - bands[1]).max() > 0.1, "and the next picture's differently again"


def test_a_spot_on_the_lens_dims_a_part_and_takes_its_contrast(make: Make) -> None:
    rig = make({"kind": "spot", "at_s": 0.5, "x": 0.7, "y": 0.4, "radius": 0.2, "density": 0.8}, items=[])
    clean = rig.frame.pixels.astype(float)
    rig.run(1.0)
    ratio = rig.frame.pixels.mean(axis=2) / clean.mean(axis=2)
    assert ratio[48, 112] < 0.75
    assert ratio[:, :70] == pytest.approx(1.0, abs=0.02)


# --- tray -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", sorted(SIDES))
@pytest.mark.parametrize("colour", ["light", "glove"])
def test_a_hand_comes_in_from_its_side_and_leaves_again(make: Make, side: str, colour: str) -> None:
    rig = make(
        {"kind": "hand", "at_s": 0.5, "for_s": 2.0, "side": side, "reach": 0.6, "colour": colour}, items=["glass"]
    )
    empty = rig.frame.pixels
    rig.until(lambda: rig.clock.now_s() >= 1.4)
    there = changed(rig.frame.pixels, empty, by=25)
    edges = {"top": there[0], "bottom": there[-1], "left": there[:, 0], "right": there[:, -1]}
    assert edges[side].sum() > 10, "the arm runs out of the picture on its side"
    assert not any(edges[other].any() for other in edges if other != side)
    along = there.any(axis=1) if side in ("top", "bottom") else there.any(axis=0)
    assert along.mean() == pytest.approx(0.6, abs=0.1)
    assert rig.bin.person is not None
    assert rig.bin.newest_frame is not None
    assert rig.bin.newest_frame.cover == pytest.approx(there.mean(), abs=0.06)
    still = rig.run(0.3)
    assert all(not np.array_equal(a.pixels, b.pixels) for a, b in pairwise(still)), "it trembles"
    rig.until(lambda: rig.clock.now_s() >= 2.6)
    assert rig.bin.person is None
    assert rig.bin.newest_frame.cover == 0
    assert np.array_equal(rig.frame.pixels, empty)


@pytest.mark.parametrize("colour", sorted(COLOURS))
def test_a_hand_has_four_fingers_a_thumb_and_a_colour(colour: str) -> None:
    arm = draw_arm(colour)
    solid = arm[..., 3] > 127
    fingers, thumb, wrist = (np.count_nonzero(np.diff(solid[row].astype(int)) == 1) for row in (170, 345, 500))
    assert (fingers, thumb, wrist) == (4, 2, 1)
    assert solid[500].sum() < solid[-1].sum(), "the arm gets broader towards the elbow"
    palm = np.median(arm[320:400, 150:260, :3].reshape(-1, 3), axis=0)
    assert np.abs(palm - COLOURS[colour]).max() < 45


@pytest.mark.parametrize("side", sorted(SIDES))
@pytest.mark.parametrize(("depth", "cloth"), [(0.14, "dark"), (0.5, "checked"), (1.0, "light"), (0.5, "striped")])
def test_a_body_comes_over_its_whole_side(make: Make, side: str, depth: float, cloth: str) -> None:
    rig = make({"kind": "body", "at_s": 0.5, "for_s": 2.0, "side": side, "depth": depth, "cloth": cloth}, items=[])
    empty = rig.frame.pixels
    rig.until(lambda: rig.clock.now_s() >= 1.4)
    there = changed(rig.frame.pixels, empty, by=25)
    edges = {"top": there[0], "bottom": there[-1], "left": there[:, 0], "right": there[:, -1]}
    assert edges.pop(side).mean() > 0.7, "but for stripes that are as light as the tray"
    assert sum(edge.any() for edge in edges.values()) == (3 if depth == 1.0 else 2), "three edges are crossed, or all"
    person, newest = rig.bin.person, rig.bin.newest_frame
    assert person is not None
    assert newest is not None
    assert person.cover == pytest.approx(depth, abs=0.08)
    assert newest.cover == pytest.approx(person.cover, abs=0.02), "the picture shows what is there"
    rig.until(lambda: rig.clock.now_s() >= 2.6)
    assert rig.bin.person is None
    assert np.array_equal(rig.frame.pixels, empty)


def test_a_body_comes_in_as_fast_as_planned_and_sways(make: Make) -> None:
    covers = {}
    for come_s, sway in ((0.2, 0.0), (0.4, 0.004)):
        rig = make({"kind": "body", "at_s": 0.5, "come_s": come_s, "sway": sway, "depth": 0.6}, items=[], height=480)
        rig.until(lambda rig=rig: rig.clock.now_s() >= 0.5 + 0.15)  # type: ignore[misc]
        covers[come_s] = rig.bin.newest_frame.cover  # type: ignore[union-attr]
        rig.until(lambda rig=rig: rig.clock.now_s() >= 1.2)  # type: ignore[misc]
        still = rig.run(0.5)
        moves = any(not np.array_equal(a.pixels, b.pixels) for a, b in pairwise(still))
        assert moves is (sway > 0)
    assert covers[0.2] > 1.5 * covers[0.4]


def test_hands_come_from_several_sides_at_once_and_are_one_cover(make: Make) -> None:
    sides = [
        {"kind": "hand", "at_s": 0.5 + 0.2 * number, "for_s": 2.0, "side": side} for number, side in enumerate(SIDES)
    ]
    one = make(sides[0], items=[])
    all_four = make(*sides, items=[])
    for rig in (one, all_four):
        rig.until(lambda rig=rig: rig.clock.now_s() >= 1.7)  # type: ignore[misc]
    single, several = one.bin.person, all_four.bin.person
    assert single is not None
    assert several is not None
    assert 1.5 * single.cover < several.cover < 4 * single.cover, "where they cross, they cover once"


def test_it_is_known_since_when_people_are_there_and_since_when_a_picture_shows_it(make: Make) -> None:
    rig = make(
        {"kind": "body", "at_s": 1.0, "for_s": 3.0, "come_s": 0.1},
        {"kind": "block", "at_s": 0.9, "for_s": 1.0},
        items=[],
    )
    rig.until(lambda: rig.bin.person is not None)
    unseen = rig.bin.person
    assert unseen is not None
    assert unseen.since_s == pytest.approx(1.02, abs=0.03)
    assert unseen.shown_s == float("inf"), "the camera is blind"
    rig.run(1.3)
    seen = rig.bin.person
    assert seen is not None
    assert seen.since_s == unseen.since_s
    assert seen.shown_s == pytest.approx(1.95, abs=0.1)


def test_every_motion_under_people_is_told_and_how_long_drives_are_under_current(make: Make) -> None:
    rig = make({"kind": "body", "at_s": 1.2, "for_s": 3.0, "come_s": 0.05}, items=[])
    motions: list[FlapMotion] = []
    rig.bin.on_motion = motions.append
    rig.run(1.0)
    rig.cycle("rest", dwell_s=1.5)
    assert motions
    assert {motion.bin for motion in motions} == {"rest"}
    assert {motion.halt_s for motion in motions} == {float("inf")}, "a relay cannot be stopped"
    opening, closing = sorted({motion.commanded_s for motion in motions})
    assert closing - opening == pytest.approx(1.5, abs=0.1)
    assert rig.bin.score().longest_on_s["rest"] == pytest.approx(1.5, abs=0.1)
    motions.clear()
    rig.flaps["glass"].open()
    rig.run(0.3)
    assert {motion.halt_s for motion in motions} == {0.0}


def test_no_item_comes_while_a_hand_is_there(make: Make) -> None:
    rig = make({"kind": "hand", "at_s": 0.0, "for_s": 5.0})
    rig.run(4.9)
    assert rig.bin.on_tray is None
    rig.rest()


def test_a_second_item_lies_beside_the_first_and_falls_with_it(make: Make) -> None:
    rig = make({"kind": "second_item", "item": 1, "when": "rests", "label": "metal", "x": 0.15, "y": 0.2, "size": 0.3})
    rig.rest()
    one = rig.frame.pixels
    rig.run(1.0)
    both = changed(rig.frame.pixels, one)
    assert both[:60, :60].any()
    assert not both[:, 100:].any()
    rig.cycle("rest")
    score = rig.bin.score()
    assert {outcome.label: (outcome.number, outcome.bin, outcome.openings) for outcome in score.outcomes} == {
        "glass": (1, "rest", 1),
        "metal": (1_000_001, "rest", 1),
    }


@pytest.mark.parametrize("side", ["left", "right", "top", "bottom"])
def test_an_item_on_the_edge_is_cut_off(make: Make, side: str) -> None:
    rig = make({"kind": "edge_item", "item": 1, "side": side})
    empty = rig.frame.pixels
    rig.rest()
    there = changed(rig.frame.pixels, empty, by=30)
    edges = {"top": there[0], "bottom": there[-1], "left": there[:, 0], "right": there[:, -1]}
    assert [name for name, edge in edges.items() if edge.any()] == [side]


def test_an_item_is_taken_back_and_that_is_no_miss(make: Make) -> None:
    rig = make({"kind": "taken_away", "item": 1, "rest_s": 0.2})
    rig.rest()
    rig.until(lambda: rig.camera.exhausted)
    score = rig.bin.score()
    assert (score.items, score.withdrawn, score.missed) == (1, 1, 0)
    (outcome,) = score.outcomes
    assert outcome.rest_s is not None
    assert outcome.end_s - outcome.rest_s == pytest.approx(0.6, abs=0.1)
    assert score.table == {"glass": {"withdrawn": 1}}


def test_a_restless_item_moves_in_every_picture_until_it_lies_still(make: Make) -> None:
    rig = make({"kind": "restless", "item": 1, "still_after_s": 2.0})
    rig.until(lambda: rig.bin.on_tray is not None)
    rig.run(0.8)
    rocking = rig.run(1.2)
    assert not rig.bin.is_at_rest
    assert all(not np.array_equal(a.pixels, b.pixels) for a, b in pairwise(rocking))
    rig.rest()
    still = rig.run(0.5)
    assert len({frame.pixels.tobytes() for frame in still}) == 1


def test_an_item_that_never_rests_is_taken_away_at_last(make: Make) -> None:
    rig = make({"kind": "restless", "item": 1})
    rig.until(lambda: rig.bin.score().items == 1)
    (outcome,) = rig.bin.score().outcomes
    assert (outcome.bin, outcome.rest_s) == ("missed", None)


def test_an_item_stays_for_some_openings_and_then_falls(make: Make) -> None:
    rig = make({"kind": "stays", "item": 1, "cycles": 2}, lost_after_s=None)
    rig.rest()
    lying = rig.frame.pixels
    for _ in range(2):
        rig.cycle("glass")
        assert np.array_equal(rig.frame.pixels, lying)
    rig.cycle("glass")
    (outcome,) = rig.bin.score().outcomes
    assert (outcome.bin, outcome.openings, outcome.bins) == ("glass", 3, ("glass",))
    assert rig.bin.score().handled_once == 1


def test_a_transparent_item_can_hardly_be_seen(make: Make) -> None:
    contrast = []
    for faults in ([], [{"kind": "transparent", "item": 1, "opacity": 0.1}]):
        rig = make(*faults)
        empty = rig.frame.pixels.astype(int)
        rig.rest()
        contrast.append(np.abs(rig.frame.pixels - empty).max())
    assert 0 < contrast[1] < 0.2 * contrast[0]


def test_the_tray_is_pushed_with_what_lies_on_it(make: Make) -> None:
    rig = make({"kind": "shifted", "item": 1, "when": "rests", "after_s": 0.5, "dx": 7, "dy": 3})
    rig.rest()
    before = rig.frame.pixels
    rig.run(1.0)
    assert np.array_equal(rig.frame.pixels[3:, 7:], before[:-3, :-7])


def test_a_stain_stays_for_good(make: Make) -> None:
    rig = make({"kind": "dirty", "at_s": 0.5, "x": 0.3, "y": 0.5, "size": 0.3}, items=["glass"] * 2)
    clean = rig.frame.pixels
    rig.run(0.6)
    stained = changed(rig.frame.pixels, clean, by=15)
    assert 0.02 < stained.mean() < 0.15
    assert stained[55:65, 43:53].all()
    rig.rest()
    rig.cycle("glass")
    rig.until(lambda: rig.bin.on_tray is None)
    assert np.array_equal(changed(rig.frame.pixels, clean, by=15), stained)


# --- flaps ------------------------------------------------------------------------------------------------------------


def test_writing_to_a_pin_fails_for_a_while(make: Make) -> None:
    rig = make({"kind": "pin_error", "at_s": 0.5, "for_s": 1.0, "bin": "glass"}, items=[])
    rig.run(0.6)
    with pytest.raises(FlapError, match="pin of glass failed"):
        rig.flaps["glass"].open()
    assert not rig.bin.flaps["glass"].is_driven
    rig.flaps["containers"].open()
    rig.run(1.0)
    rig.flaps["glass"].open()


@pytest.mark.parametrize(("faults", "factor"), [([], 1.0), ([{"kind": "slow", "at_s": 0, "factor": 3.0}], 3.0)])
def test_a_slow_flap_takes_longer(make: Make, faults: list[dict[str, Any]], factor: float) -> None:
    rig = make(*faults, deviations={"containers": {"slowness": 2.0}})
    for bin, slowness in (("glass", 1.0), ("containers", 2.0)):
        start_s = rig.clock.now_s()
        rig.flaps[bin].open()
        rig.until(lambda flap=rig.bin.flaps[bin]: flap.opening == 1.0)  # type: ignore[misc]
        assert rig.clock.now_s() - start_s == pytest.approx(TRAVEL_S * factor * slowness, abs=0.08)


def test_a_flap_stuck_open_does_not_come_home_and_things_fall_through(make: Make) -> None:
    rig = make({"kind": "stuck_open", "item": 1, "when": "opens", "for_s": 9.0}, items=["glass"] * 2, patience_s=3.0)
    rig.rest()
    rig.cycle("glass")
    glass = rig.bin.flaps["glass"]
    assert glass.opening == 1.0
    assert not glass.is_moving
    rig.until(lambda: rig.bin.score().items == 2)
    outcome = rig.bin.score().outcomes[1]
    assert (outcome.bin, outcome.openings) == ("glass", 0), "nobody opened a flap for the second"
    rig.until(lambda: rig.bin.faults.find("stuck_open") is None)
    rig.home("glass")
    assert glass.is_home


def test_a_flap_stuck_closed_does_not_open(make: Make) -> None:
    rig = make({"kind": "stuck_closed", "item": 1, "bin": "glass"})
    rig.rest()
    rig.cycle("glass")
    assert rig.bin.on_tray is not None
    assert not rig.bin.flaps["glass"].is_moving
    rig.cycle("containers")
    assert rig.bin.score().outcomes[0].bin == "containers"


def test_items_stay_on_top_of_a_full_bin_in_view(make: Make) -> None:
    rig = make({"kind": "bin_full", "item": 1, "bin": "glass"}, lost_after_s=None)
    empty = rig.frame.pixels
    rig.rest()
    before = rig.frame.pixels
    rig.cycle("glass")
    after = rig.frame.pixels
    assert changed(after, empty, by=30).mean() > 0.05
    assert not np.array_equal(after, before), "it has sunk a little"
    rig.cycle("rest")
    assert rig.bin.score().outcomes[0].bin == "rest"


def test_without_power_a_servo_stays_and_a_relay_drops(make: Make) -> None:
    rig = make({"kind": "power_dip", "at_s": 0.9, "for_s": 2.0}, items=[])
    for bin in ("glass", "rest"):
        rig.flaps[bin].open()
    rig.run(0.8)
    servo, relay = rig.bin.flaps["glass"], rig.bin.flaps["rest"]
    assert servo.opening == relay.opening == 1.0
    rig.run(1.0)
    rig.flaps["glass"].home()
    rig.run(0.8)
    assert servo.opening == 1.0
    assert relay.is_home
    rig.run(1.0)
    assert servo.is_home
    assert relay.opening == 1.0, "power is back, and the pin is still on"


def test_a_flap_wired_to_the_wrong_pin_drops_into_the_wrong_bin(make: Make) -> None:
    rig = make(deviations={"glass": {"over": "containers"}})
    rig.rest()
    rig.cycle("glass")
    score = rig.bin.score()
    assert (score.wrong, score.table) == (1, {"glass": {"containers": 1}})


def test_somebody_works_the_switches_while_the_fault_lasts(make: Make) -> None:
    names = ("lid", "stop_button", "service_button")
    faults = [{"kind": name, "at_s": 1.0, "for_s": 2.0} for name in names]
    rig = make(*faults, items=[], switches={name: {"pin": 20 + number} for number, name in enumerate(names)})

    def on() -> list[bool]:
        return [not rig.factory.pin(20 + number).state for number in range(3)]

    rig.run(0.8)
    assert on() == [False] * 3
    rig.run(0.5)
    assert on() == [True] * 3
    rig.run(2.0)
    assert on() == [False] * 3
    with pytest.raises(HardwareConfigError, match="fault lid: there is no such switch"):
        make({"kind": "lid", "at_s": 1.0})


def test_every_kind_of_fault_is_tested_here() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert [kind for kind in sorted(KINDS - MACHINE) if f'"{kind}"' not in text] == []


# --- a program that is started anew -----------------------------------------------------------------------------------


def test_the_world_goes_on_when_the_program_is_started_anew(make: Make) -> None:
    rig = make(items=["glass"] * 2)
    rig.rest()
    rig.flaps["glass"].open()
    rig.run(0.2)
    half = rig.bin.flaps["glass"].opening
    assert 0.1 < half < 0.9
    rig.bin.close()
    factory = mock_factory()
    rig.bin.connect(factory)
    rig.flaps = rig.drivers(factory)
    rig.run(0.5)
    assert rig.bin.flaps["glass"].opening == half, "nobody drives it"
    assert rig.bin.on_tray is not None
    rig.home("glass")
    rig.cycle("glass")
    assert rig.bin.score().handled_once == 1
    rig.rest()
