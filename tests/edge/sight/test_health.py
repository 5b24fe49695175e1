"""Camera health: usable frames pass, others are rejected, and a lasting problem gets a message."""

from collections.abc import Callable

import numpy as np
import pytest

from edge.sight.health import MESSAGES, CameraHealth, CameraProblem
from edge.values import Frame
from tests.builders.pictures import Pixels, item_picture, tray_picture

PERIOD_S = 1 / 15
FROZEN = tray_picture(seed=7)


class CameraHealthRig:
    """A camera of 320x240 at 15 frames a second, looked after."""

    def __init__(self, *, repeats: bool = False) -> None:
        self.health = CameraHealth(size=(320, 240), repeats=repeats)
        self.now_s = 100.0
        self._sequence = 0

    def show(self, picture: Callable[[int], Pixels] | None, seconds: float, *, age_s: float = 0.02) -> list[bool]:
        """What the camera gives, frame by frame; which of them were fit."""
        passed = []
        for _ in range(round(seconds / PERIOD_S)):
            self.now_s += PERIOD_S
            self._sequence += 1
            frame = None if picture is None else Frame(picture(self._sequence), self.now_s - age_s, self._sequence)
            passed.append(self.health.check(frame, self.now_s) is not None)
        return passed


def good(number: int) -> Pixels:
    return tray_picture(seed=number)


def black(number: int) -> Pixels:
    return tray_picture(grey=4, seed=number)


def bright(number: int) -> Pixels:
    return tray_picture(grey=253, seed=number)


def frozen(number: int) -> Pixels:
    return FROZEN


def washed_out(number: int) -> Pixels:
    return item_picture(grey=253, seed=number)


def small(number: int) -> Pixels:
    return tray_picture(160, 120, seed=number)


def torn(number: int) -> Pixels:
    return tray_picture(320, 120, seed=number)


UNUSABLE = [
    (black, CameraProblem.DARK),
    (bright, CameraProblem.BRIGHT),
    (washed_out, CameraProblem.BRIGHT),
    (frozen, CameraProblem.FROZEN),
    (small, CameraProblem.WRONG_SIZE),
    (torn, CameraProblem.WRONG_SIZE),
]


def test_good_frames_pass_and_nothing_is_wrong() -> None:
    watch = CameraHealthRig()
    assert all(watch.show(good, 10.0))
    assert watch.health.problem is None
    assert watch.health.message is None
    assert watch.health.rejected == {}


@pytest.mark.parametrize(("picture", "problem"), UNUSABLE)
def test_unusable_frames_are_rejected_at_once_and_reported_when_they_last(
    picture: Callable[[int], Pixels], problem: CameraProblem
) -> None:
    watch = CameraHealthRig()
    watch.show(good, 1.0)
    passed = watch.show(picture, 0.9)
    assert not any(passed[1:])
    assert passed[0] is (problem is CameraProblem.FROZEN), "the first time a picture comes it is new"
    assert watch.health.problem is None
    watch.show(picture, 0.4)
    assert watch.health.problem is problem
    assert watch.health.message == MESSAGES[problem]
    assert watch.health.rejected[problem] >= 18
    assert all(watch.show(good, 1.0))
    assert watch.health.problem is None


def test_a_camera_that_is_unusable_from_its_first_frame_is_reported() -> None:
    watch = CameraHealthRig()
    assert not any(watch.show(black, 1.5))
    assert watch.health.problem is CameraProblem.DARK


def test_a_single_bad_frame_is_left_out_and_not_reported() -> None:
    watch = CameraHealthRig()
    for _ in range(5):
        watch.show(good, 0.5)
        assert watch.show(black, PERIOD_S) == [False]
        assert watch.health.problem is None


def test_no_frames_are_reported_after_one_and_a_half_seconds() -> None:
    watch = CameraHealthRig()
    watch.show(good, 1.0)
    watch.show(None, 1.4)
    assert watch.health.problem is None
    watch.show(None, 0.3)
    assert watch.health.problem is CameraProblem.NO_FRAMES
    watch.show(good, PERIOD_S)
    assert watch.health.problem is None


def test_a_camera_that_never_gives_a_frame_is_reported() -> None:
    watch = CameraHealthRig()
    watch.show(None, 2.2)
    assert watch.health.problem is CameraProblem.NO_FRAMES


def test_frames_that_were_taken_long_ago_are_none() -> None:
    """Numbers run, stamps do not."""
    watch = CameraHealthRig()
    watch.show(good, 1.0)
    watch.show(good, 1.0, age_s=3.0)
    assert watch.health.problem is CameraProblem.NO_FRAMES


def test_the_newest_reason_is_reported() -> None:
    watch = CameraHealthRig()
    watch.show(good, 1.0)
    told = []
    for picture, seconds in ((black, 3.0), (None, 3.0), (frozen, 3.0), (small, 3.0)):
        watch.show(picture, seconds)
        told.append(watch.health.problem)
    assert told == [CameraProblem.DARK, CameraProblem.NO_FRAMES, CameraProblem.FROZEN, CameraProblem.WRONG_SIZE]


def test_a_camera_that_may_repeat_is_not_called_frozen() -> None:
    watch = CameraHealthRig(repeats=True)
    assert all(watch.show(frozen, 10.0))
    assert watch.health.problem is None


def test_the_faintest_noise_of_a_sensor_is_enough_to_be_alive() -> None:
    def quiet(number: int) -> Pixels:
        return tray_picture(noise=0.3, seed=number)

    assert all(CameraHealthRig().show(quiet, 3.0))


def test_a_dark_tray_with_something_on_it_is_still_sorted() -> None:
    def dusk(number: int) -> Pixels:
        return item_picture(colour=(90, 60, 50), grey=15, seed=number)

    assert all(CameraHealthRig().show(dusk, 3.0))


def test_a_light_that_fades_is_reported_when_nothing_can_be_seen_any_more() -> None:
    watch = CameraHealthRig()
    levels = np.linspace(150, 2, 200)
    passed = [
        watch.show(lambda number, grey=grey: tray_picture(grey=grey, seed=number), PERIOD_S)[0] for grey in levels
    ]
    assert passed == sorted(passed, reverse=True)
    assert levels[passed.index(False)] == pytest.approx(20, abs=2)
    assert watch.health.problem is CameraProblem.DARK


@pytest.mark.parametrize(
    ("picture", "problem"),
    [
        (black, CameraProblem.DARK),
        (bright, CameraProblem.BRIGHT),
        (small, CameraProblem.WRONG_SIZE),
        (frozen, CameraProblem.FROZEN),
    ],
)
def test_every_frame_that_is_left_out_is_counted_once_by_its_reason(
    picture: Callable[[int], Pixels], problem: CameraProblem
) -> None:
    rig = CameraHealthRig()
    assert rig.health.newest_s == -np.inf
    passed = rig.show(picture, 5 * PERIOD_S)
    # The first of a camera that repeats one picture is a new one.
    assert sum(passed) == (problem is CameraProblem.FROZEN)
    assert dict(rig.health.rejected) == {problem: 5 - sum(passed)}


def test_a_white_item_on_part_of_the_tray_is_no_reason() -> None:
    watch = CameraHealthRig()
    assert all(watch.show(lambda number: item_picture((0.2, 0.2, 0.8, 0.9), (255, 255, 255), seed=number), 1.0))
