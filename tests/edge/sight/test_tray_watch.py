"""Observation of the tray: one scene per frame, gaps between frames, and unexplained losses."""

import pytest

from edge.alarms import Alarm, Alarms
from edge.sight.background import BackgroundModel
from edge.sight.presence import Presence, PresenceState
from edge.sight.tray_watch import BLIND_S, Scene, TrayWatch
from edge.sight.work_image import to_work_image
from edge.values import Frame
from tests.builders.pictures import Pixels, item_picture, tray_picture
from tests.builders.values import make_frame

EMPTY = tray_picture(160, 120)
ITEM = item_picture((0.3, 0.3, 0.7, 0.7), width=160, height=120, seed=1)


class WatchRig:
    """Frames ten times a second."""

    def __init__(self) -> None:
        self.alarms = Alarms()
        background = BackgroundModel.from_pictures([to_work_image(EMPTY)])
        self.watch = TrayWatch(Presence(settle_s=0.25, background=background), alarms=self.alarms)
        self.time_s = 1000.0

    def show(
        self, pixels: Pixels, seconds: float, *, attended: bool = False, delivering: bool = False, service: bool = False
    ) -> list[Scene]:
        scenes = []
        for _ in range(round(seconds * 10)):
            self.time_s += 0.1
            frame = make_frame(pixels.copy(), self.time_s)
            scene = self.watch.observe(frame, in_service=service, is_attended=attended, is_delivering=delivering)
            assert scene.frame is frame
            scenes.append(scene)
        return scenes


def test_a_scene_tells_what_lies_there() -> None:
    rig = WatchRig()
    assert {scene.state for scene in rig.show(EMPTY, 1.0)} == {PresenceState.EMPTY}
    last = rig.show(ITEM, 1.0)[-1]
    assert last.state is PresenceState.AT_REST
    assert last.item is not None
    assert not last.forbids_motion


def test_only_a_gap_longer_than_the_limit_is_one() -> None:
    rig = WatchRig()
    assert [scene.after_gap for scene in rig.show(EMPTY, 0.3)] == [True, False, False], "nothing was seen before"
    rig.time_s += BLIND_S - 0.2
    assert not rig.show(EMPTY, 0.1)[0].after_gap
    rig.time_s += BLIND_S
    assert rig.show(EMPTY, 0.1)[0].after_gap


@pytest.mark.parametrize("explained", ["attended", "delivering", "gap", ""])
def test_a_loss_is_one_unless_it_is_explained(explained: str) -> None:
    rig = WatchRig()
    rig.show(EMPTY, 0.5)
    rig.show(ITEM, 1.0)
    rig.time_s += 2 * BLIND_S * (explained == "gap")
    scenes = rig.show(EMPTY, 1.0, attended=explained == "attended", delivering=explained == "delivering")
    assert sum(scene.is_loss for scene in scenes) == (not explained)
    assert (Alarm.UNEXPLAINED_LOSS in rig.alarms) is (not explained)


def test_an_announced_loss_is_none() -> None:
    rig = WatchRig()
    rig.show(EMPTY, 0.5)
    rig.show(ITEM, 1.0)
    rig.watch.expect_loss()
    assert not any(scene.is_loss for scene in rig.show(EMPTY, 1.0))


def test_no_snapshot_before_the_empty_tray_is_known() -> None:
    watch = TrayWatch(Presence(), alarms=Alarms())
    with pytest.raises(RuntimeError, match=r"^tray: no snapshot before the empty tray is learnt$"):
        watch.snapshot()


def test_an_error_on_the_first_frame_after_a_gap_does_not_end_the_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = WatchRig()
    rig.show(EMPTY, 0.5)
    rig.show(ITEM, 1.0)
    rig.time_s += 2 * BLIND_S

    def fail_once(frame: Frame) -> None:
        monkeypatch.undo()
        raise RuntimeError("odd frame")

    monkeypatch.setattr(rig.watch.presence, "observe", fail_once)
    with pytest.raises(RuntimeError):
        rig.show(EMPTY, 0.1)
    scenes = rig.show(EMPTY, 1.0)
    assert scenes[0].after_gap
    assert not any(scene.is_loss for scene in scenes)
