"""Pictures that arrive late are told, with their age and the setting that would do."""

import numpy as np
import pytest

from edge.sight.picture_lag import PictureLag
from hardware.frame import Frame

PIXELS = np.zeros((4, 4, 3), np.uint8)


def fed(lag: PictureLag, *ages_s: float, start_s: float = 100.0) -> float:
    """Pictures of these ages, ten a second; the time after the last."""
    for number, age_s in enumerate(ages_s):
        now_s = start_s + 0.1 * number
        lag.check(Frame(PIXELS, now_s - age_s, number), now_s)
    return start_s + 0.1 * len(ages_s)


def test_late_pictures_are_told_once_with_their_age_and_the_setting() -> None:
    lag = PictureLag(max_age_s=0.5, most_s=1.0)
    now_s = fed(lag, *[0.6, 0.8, 0.95] * 10)
    said = lag.message
    assert said == (
        "pictures are 0.8 s old when they arrive, nothing is sorted: the most is camera.max_frame_age_s 0.5; "
        "set it to 1, or take a quicker camera or a smaller picture"
    )
    fed(lag, *[0.7] * 20, start_s=now_s)
    assert lag.message == said
    assert lag.in_time_s == -np.inf


@pytest.mark.parametrize(("age_s", "setting"), [(0.62, "0.7"), (0.7, "0.8"), (0.76, "0.9"), (0.95, "1"), (1.02, "1.1")])
def test_the_setting_is_the_next_tenth_of_a_second_that_leaves_room(age_s: float, setting: str) -> None:
    lag = PictureLag(max_age_s=0.5, most_s=1.2)
    fed(lag, *[age_s] * 40)
    assert f"set it to {setting}, or take" in (lag.message or "")


def test_what_no_setting_mends_is_said() -> None:
    lag = PictureLag(max_age_s=0.5, most_s=1.0)
    fed(lag, *[1.1] * 40)
    assert "it may be 1 at most: take a quicker camera" in (lag.message or "")


def test_half_of_them_late_is_too_many_and_a_few_are_not() -> None:
    half, few = PictureLag(max_age_s=0.5, most_s=1.0), PictureLag(max_age_s=0.5, most_s=1.0)
    fed(half, *[0.6, 0.1] * 60)
    fed(few, *[0.6, 0.1, 0.1, 0.1] * 60)
    assert half.message is not None
    assert few.message is None
    assert few.in_time_s > 100.0


def test_it_is_over_when_pictures_come_in_time_again() -> None:
    lag = PictureLag(max_age_s=0.5, most_s=1.0)
    now_s = fed(lag, *[0.8] * 30)
    assert lag.message is not None
    fed(lag, *[0.1] * 30, start_s=now_s)
    assert lag.message is None


@pytest.mark.parametrize("gap_s", [5.0, 60.0])
def test_a_time_without_pictures_is_no_lag(gap_s: float) -> None:
    lag = PictureLag(max_age_s=0.5, most_s=1.0)
    now_s = fed(lag, 0.6)
    lag.check(None, now_s)
    fed(lag, 0.6, 0.1, start_s=now_s + gap_s)
    assert lag.message is None
