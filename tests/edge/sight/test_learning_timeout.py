"""An empty tray that cannot be learnt is told with the reason: noise, or something that moves."""

import numpy as np
import pytest

from edge.alarms import Alarm, Alarms
from edge.sight.learning_timeout import ALARM_S, NOISY_LEVELS, LearningTimeout
from edge.sight.presence import Presence, PresenceState
from edge.sight.pyramid import Pyramid
from edge.sight.tray_watch import TrayWatch
from hardware.frame import Frame
from tests.builders.pictures import Pixels, tray_picture

LEARN_S = 1.0


def noisy(picture: Pixels, levels: float, rng: np.random.Generator) -> Pixels:
    return np.clip(picture + rng.normal(0.0, levels, picture.shape), 0, 255).astype(np.uint8)


def watched(width: int, levels: float, *, seconds: float = 12.0, moving: bool = False) -> tuple[TrayWatch, Alarms]:
    """A tray of this width, looked at for a while."""
    alarms, rng = Alarms(), np.random.default_rng(1)
    tray = TrayWatch(Presence(learn_s=LEARN_S), alarms=alarms, learn_s=LEARN_S)
    empty = tray_picture(width, width * 3 // 4)
    for number in range(round(seconds * 10)):
        picture = noisy(empty, levels, rng)
        if moving:
            x = (number * width // 10) % (width * 3 // 4)
            picture[: width // 4, x : x + width // 4] = 30
        frame = Frame(picture, 50.0 + 0.1 * number, number)
        tray.observe(frame, in_service=False, is_attended=False, is_delivering=False)
    return tray, alarms


def test_a_small_and_noisy_tray_is_said_to_be_that() -> None:
    tray, alarms = watched(128, 2.0)
    assert tray.state is PresenceState.LEARNING
    said = alarms.message(Alarm.LEARNING) or ""
    assert said.startswith(
        "the empty tray cannot be learnt, nothing is sorted: its picture of 128x96 pixels is too noisy, "
    )
    assert said.endswith("more light, a larger tray.region, or a larger camera.width and height")


def test_something_that_moves_is_not_taken_for_noise() -> None:
    _, alarms = watched(320, 1.0, moving=True)
    assert alarms.message(Alarm.LEARNING) == (
        "the empty tray cannot be learnt, nothing is sorted: something moves there, clear the tray and steady it"
    )


@pytest.mark.parametrize(
    ("width", "levels"), [(80, 0.7), (128, 1.0), (256, 2.0), (640, 6.0), (640, 9.0), (160, 4.0), (80, 2.0)]
)
def test_noise_is_the_reason_just_where_it_keeps_the_tray_from_being_learnt(width: int, levels: float) -> None:
    tray, alarms = watched(width, levels)
    is_learnt = tray.state is not PresenceState.LEARNING
    assert ("too noisy" in (alarms.message(Alarm.LEARNING) or "")) is not is_learnt


def test_it_is_told_after_its_time_and_forgotten_with_the_first_that_is_learnt() -> None:
    alarms = Alarms()
    timeout, rng = LearningTimeout(alarms, learn_s=LEARN_S), np.random.default_rng(2)
    presence = Presence()
    for number in range(200):
        frame = Frame(noisy(tray_picture(128, 96), 3 * NOISY_LEVELS, rng), 0.1 * number, number)
        timeout.observe(True, presence.tray(frame), frame.time_s)
        assert (Alarm.LEARNING in alarms) is (frame.time_s > LEARN_S + ALARM_S)
    timeout.observe(False, presence.tray(frame), frame.time_s)
    assert Alarm.LEARNING not in alarms
    assert alarms.counts == {Alarm.LEARNING: 1}


def alternating(difference: int, *, of_columns: int = 80) -> list[Pyramid]:
    """Two pictures, of which the second is lighter by so much in so many of 80 columns."""
    first = np.full((60, 80, 3), 100, np.uint8)
    second = first.copy()
    second[:, :of_columns] += np.uint8(difference)
    return [Pyramid(first), Pyramid(second)]


def message_of(pictures: list[Pyramid]) -> str:
    """What is said when these have come in turn for the time that it takes, and not before."""
    alarms = Alarms()
    timeout = LearningTimeout(alarms, learn_s=LEARN_S)
    for second in range(10):
        timeout.observe(True, pictures[second % len(pictures)], 500.0 + second)
        assert Alarm.LEARNING not in alarms
    timeout.observe(True, pictures[0], 510.0)
    return alarms.message(Alarm.LEARNING) or ""


@pytest.mark.parametrize(("difference", "noise"), [(2, "2.5"), (8, "10.0")])
def test_the_noise_is_that_between_two_pictures_in_grey_levels(difference: int, noise: str) -> None:
    """1.2533 times the mean difference, as of Gaussian noise."""
    assert f"picture of 80x60 pixels is too noisy, {noise} grey levels" in message_of(alternating(difference))


@pytest.mark.parametrize(
    ("pictures", "is_noisy"),
    [
        (alternating(1), False),
        (alternating(0), False),
        (alternating(90, of_columns=30), False),
        (alternating(90, of_columns=50), True),
    ],
)
def test_what_moves_in_less_than_half_of_the_tray_is_no_noise(pictures: list[Pyramid], is_noisy: bool) -> None:
    assert ("too noisy" in message_of(pictures)) is is_noisy
    assert ("something moves there" in message_of(pictures)) is not is_noisy


def test_of_a_single_picture_no_noise_is_known() -> None:
    alarms = Alarms()
    timeout = LearningTimeout(alarms, learn_s=-ALARM_S - 1.0)
    timeout.observe(True, alternating(90)[0], 500.0)
    assert "something moves there" in (alarms.message(Alarm.LEARNING) or "")
