"""Items that come when and how they are told to, and hours without any that pass quickly."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hardware.errors import HardwareConfigError
from hardware.world.scheduled_item import ScheduledItem
from tests.builders.sprites import make_sprites
from tests.doubles.sim_rig import SimRig

Make = Callable[..., SimRig]


@pytest.fixture(scope="session")
def sprites(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_sprites(tmp_path_factory.mktemp("sprites"))


@pytest.fixture
def make(sprites: Path) -> Iterator[Make]:
    rigs: list[SimRig] = []

    def new(*arrivals: dict[str, Any], **options: Any) -> SimRig:
        rigs.append(SimRig(sprites, *options.pop("faults", ()), arrivals=arrivals, **options))
        return rigs[-1]

    yield new
    for rig in rigs:
        rig.close()


def test_items_come_in_order_with_their_label_or_picture(make: Make) -> None:
    rig = make({"label": "metal"}, {"sprite": "paper/1.png"}, {"label": "glass"}, {"label": "glass"})
    names = []
    for _ in range(4):
        rig.rest()
        assert rig.bin.on_tray is not None
        names.append(rig.bin.on_tray.name)
        rig.cycle("rest")
    assert names[1] == "paper/1.png"
    assert names[0].startswith("metal/")
    assert sorted(names[2:]) == ["glass/0.png", "glass/1.png"], "one after the other, not the same again"
    assert [outcome.number for outcome in rig.bin.score().outcomes] == [1, 2, 3, 4]


def test_an_item_comes_at_its_time_and_lies_where_it_is_told(make: Make) -> None:
    rig = make({"at_s": 3.0, "x": 0.3, "y": 0.6, "angle_deg": 0.0, "size": 0.3, "settle_s": 0.4})
    empty = rig.frame.pixels.astype(int)
    rig.until(lambda: rig.bin.on_tray is not None)
    assert 3.0 <= rig.clock.now_s() <= 3.1
    rig.rest()
    assert 3.4 <= rig.clock.now_s() <= 3.8
    rows, columns = np.nonzero(np.abs(rig.frame.pixels - empty).max(axis=2) > 40)
    assert (np.ptp(columns) / 2 + columns.min()) / 160 == pytest.approx(0.3, abs=0.03)
    assert (np.ptp(rows) / 2 + rows.min()) / 120 == pytest.approx(0.6, abs=0.03)
    assert np.ptp(rows) == pytest.approx(0.3 * 120, abs=3)


def test_nobody_throws_in_while_the_tray_is_taken(make: Make) -> None:
    rig = make({"at_s": 1.0}, {"at_s": 1.1, "gap_s": 0.5}, lost_after_s=None)
    rig.rest()
    rig.run(5.0)
    assert rig.bin.number_on_tray == 1
    rig.cycle("rest")
    rig.rest()
    assert rig.bin.number_on_tray == 2


def test_patience_ends(make: Make) -> None:
    for patience_s, comes in ((None, False), (4.0, True)):
        rig = make({"at_s": 1.0}, patience_s=patience_s, start_open=["glass"])
        rig.run(8.0)
        assert (rig.bin.score().items > 0 or rig.bin.on_tray is not None) is comes


def test_an_item_hops_and_rolls_and_comes_to_rest(make: Make) -> None:
    """On its way it is further from its place the earlier it is, and at rest it lies still."""
    rig = make({"bounces": 3, "roll": 0.4, "settle_s": 1.5, "gap_s": 0.5, "size": 0.3, "x": 0.5, "y": 0.5})
    rig.until(lambda: rig.bin.on_tray is not None)
    item = rig.bin._dynamics.items.in_view[0]
    end = item.pose(item.rest_s)
    scales, away = [], []
    for share in np.linspace(0.0, 1.0, 61):
        pose = item.pose(item.arrive_s + share * 1.5)
        scales.append(pose.scale)
        away.append(float(np.hypot(pose.x - end.x, pose.y - end.y)))
    assert away == sorted(away, reverse=True)
    assert away[-1] == 0
    assert away[40] == pytest.approx(0.4 * 120 * (1 - (40 / 60 - 0.55) / 0.45) ** 2, rel=0.05)
    peaks = sum(b > a and b > c for a, b, c in zip(scales, scales[1:], scales[2:], strict=False))
    assert peaks >= 3
    rig.rest()
    assert len({frame.pixels.tobytes() for frame in rig.run(0.5)}) == 1


@pytest.mark.parametrize("values", [{"settle_s": 0}, {"size": 3}, {"opacity": 0}, {"bounces": 9}, {"gap_s": -1}])
def test_an_arrival_that_makes_no_sense_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(HardwareConfigError, match=next(iter(values))):
        ScheduledItem(**values)


@pytest.mark.parametrize(
    ("arrival", "message"), [({"label": "wood"}, "labelled wood"), ({"sprite": "../x.png"}, r"no picture \.\./x\.png")]
)
def test_an_item_that_is_not_there_is_an_error_at_the_start(make: Make, arrival: dict[str, Any], message: str) -> None:
    with pytest.raises(HardwareConfigError, match=message):
        make(arrival)


# --- empty hours ------------------------------------------------------------------------------------------------------


def test_while_nothing_happens_pictures_are_rare(make: Make) -> None:
    rig = make({"at_s": 60.0}, idle_frame_s=1.5)
    frames = rig.run(50.0)
    quiet = [frame for frame in frames if 10 < frame.time_s < 50]
    gaps = np.diff([frame.time_s for frame in quiet])
    assert gaps.max() < 2.0, "the bin complains when no picture comes for 2 s"
    assert gaps.min() > 1.2
    assert np.diff([frame.sequence for frame in quiet]).min() > 15, "numbers count what was not taken, too"


def test_before_and_while_something_happens_every_picture_is_taken(make: Make) -> None:
    rig = make({"at_s": 30.0}, idle_frame_s=1.5, faults=[{"kind": "exposure", "at_s": 70.0, "for_s": 2.0}])
    rig.until(lambda: rig.bin.is_at_rest)
    rig.cycle("rest")
    rig.run(50.0)
    stamps = np.array([frame.time_s for frame in rig.frames])
    for begin_s, end_s in ((27.2, 34.0), (67.2, 74.0)):
        assert np.diff(stamps[(stamps > begin_s) & (stamps < end_s)]).max() < 0.08
    assert len(stamps) < 400, "but not all the time"


def test_skipped_hours_leave_the_world_as_if_they_had_been_watched(make: Make) -> None:
    """The light has drifted as far, a door stands open, and the items come at the same moment."""
    worlds = [
        make(
            {"at_s": 120.0, "label": "glass"},
            idle_frame_s=idle_frame_s,
            light_drift=0.1,
            light_changes=[{"at_s": 40.0, "factor": 1.2, "over_s": 10.0}],
        )
        for idle_frame_s in (None, 1.5)
    ]
    taken = []
    for rig in worlds:
        rig.until(lambda rig=rig: rig.bin.is_at_rest, limit_s=200.0)  # type: ignore[misc]
        rig.run(0.5)
        taken.append(len(rig.frames))
    watched, skipped = worlds
    assert taken[1] < 0.2 * taken[0]
    assert skipped.clock.now_s() == pytest.approx(watched.clock.now_s(), abs=1e-6)
    assert skipped.frame.sequence == watched.frame.sequence
    assert np.array_equal(skipped.frame.pixels, watched.frame.pixels)
    assert skipped.bin._dynamics.items.in_view[0].arrive_s == pytest.approx(
        watched.bin._dynamics.items.in_view[0].arrive_s, abs=0.07
    )


# --- the score --------------------------------------------------------------------------------------------------------


def test_the_score_adds_up(make: Make) -> None:
    """Glass: one right, one wrong, one missed; metal: one residual, one taken back."""
    rig = make(
        *({"label": label} for label in ("glass", "glass", "glass", "metal", "metal")),
        faults=[{"kind": "taken_away", "item": 5, "rest_s": 0.3}],
        lost_after_s=2.0,
    )
    for bin in ("glass", "containers", None, "rest", None):
        rig.rest()
        if bin is not None:
            rig.run(0.3)
            rig.cycle(bin)
        rig.until(lambda: rig.bin.on_tray is None)
    rig.until(lambda: rig.camera.exhausted)
    score = rig.bin.score()
    assert (score.items, score.handled_once, score.missed, score.withdrawn, score.double) == (5, 3, 1, 1, 0)
    assert (score.right, score.wrong, score.residual) == (1, 1, 1)
    assert score.contamination == {"containers": 1.0, "glass": 0.0, "rest": 0.0}
    assert score.capture == {"containers": 0.0, "glass": pytest.approx(1 / 3, abs=1e-4)}
    assert score.flap_moves == {"containers": 2, "glass": 2, "rest": 2}
    assert score.moves_with_hand == score.moves_before_rest == score.empty_openings == 0
    waits = [outcome.command_s - outcome.rest_s for outcome in score.falls if outcome.command_s and outcome.rest_s]
    assert score.rest_to_command_s["max"] == pytest.approx(max(waits), abs=1e-3)
    assert 0.4 < score.rest_to_command_s["p50"] <= score.rest_to_command_s["p95"] < 0.8
    assert [outcome.bin for outcome in score.outcomes] == ["glass", "containers", "missed", "rest", "withdrawn"]


def test_moves_that_should_not_be_are_counted(make: Make) -> None:
    rig = make({"settle_s": 2.0}, faults=[{"kind": "hand", "item": 1, "when": "closes", "after_s": 1.0, "for_s": 4.0}])
    rig.until(lambda: rig.bin.on_tray is not None)
    rig.run(1.0)
    rig.cycle("rest")
    assert rig.bin.score().moves_before_rest == 1
    rig.until(lambda: rig.bin.newest_frame is not None and rig.bin.newest_frame.cover > 0.1)
    rig.cycle("glass")
    assert rig.bin.score().moves_with_hand == 2
    assert rig.bin.score().empty_openings == 1
