"""The light on the tray is measured, and what is wrong with it is said with a remedy."""

from dataclasses import replace

import numpy as np
import pytest

from edge.sight.light import (
    BRIGHT,
    CLIPPED,
    DARK,
    MAX_FLICKER,
    MAX_SATURATED_SHARE,
    MIN_EVENNESS,
    LightMeasurement,
    measure_light,
)
from hardware.frame import Pixels

WIDTH, HEIGHT = 160, 120


def plain(level: int = 120) -> Pixels:
    return np.full((HEIGHT, WIDTH, 3), level, np.uint8)


def with_box(level: int | tuple[int, int, int], *, columns: slice, rows: slice) -> Pixels:
    picture = plain()
    picture[rows, columns] = level
    return picture


GOOD = LightMeasurement(
    mean=120.0,
    glare=(),
    black=(),
    clipped_share=0.0,
    black_share=0.0,
    evenness=1.0,
    darkest=(0, 0, 0.1, 0.1),
    flicker=0.0,
)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, []),
        ({"mean": DARK}, []),
        ({"mean": BRIGHT}, []),
        ({"clipped_share": MAX_SATURATED_SHARE, "black_share": MAX_SATURATED_SHARE}, []),
        ({"evenness": MIN_EVENNESS, "flicker": MAX_FLICKER}, []),
        ({"mean": 41.2}, ["too dark (mean 41 of 255, at least 60): more light, or a longer exposure"]),
        ({"mean": 240.0}, ["too bright (mean 240 of 255, at most 225): less light, or a shorter exposure"]),
        (
            {"clipped_share": 0.013},
            ["glare: 1.3% of the tray is plain white; move the lamp aside, or put paper before it"],
        ),
        ({"black_share": 0.021}, ["black: 2.1% of the tray is plain black; something is in the way of the light"]),
        (
            {"evenness": 0.43},
            [
                "uneven: the darkest part gets 43% of the light of the brightest (at least 60%); "
                "a second lamp, or one further away"
            ],
        ),
        (
            {"flicker": 0.034},
            [
                "flicker: 3.4% from picture to picture (at most 1%); a lamp on direct current, "
                "no daylight, and a fixed exposure"
            ],
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_remedy(changes: dict[str, float], said: list[str]) -> None:
    assert list(replace(GOOD, **changes).complaints()) == said  # type: ignore[arg-type]


def test_a_tray_in_the_dark_is_not_called_uneven_as_well() -> None:
    assert [text.split()[0] for text in replace(GOOD, mean=DARK - 1, evenness=0.2).complaints()] == ["too"]
    assert [text.split()[0] for text in replace(GOOD, mean=DARK, evenness=0.2).complaints()] == ["uneven:"]


def test_an_even_tray_has_nothing_wrong() -> None:
    light = measure_light([plain()] * 3)
    assert (light.mean, light.evenness, light.flicker) == (120.0, 1.0, pytest.approx(0.0, abs=1e-6))
    assert (light.glare, light.black, light.clipped_share, light.black_share) == ((), (), 0.0, 0.0)
    assert list(light.complaints()) == []


@pytest.mark.parametrize(("level", "is_clipped"), [(CLIPPED - 1, False), (CLIPPED, True), ((255, 255, 249), False)])
def test_white_is_white_in_every_channel(level: int | tuple[int, int, int], is_clipped: bool) -> None:
    light = measure_light([with_box(level, columns=slice(40, 56), rows=slice(30, 42))] * 3)
    assert light.clipped_share == pytest.approx(16 * 12 / (WIDTH * HEIGHT) if is_clipped else 0.0)
    # Widened by two pixels to each side, so that specks join.
    box = (38 / WIDTH, 28 / HEIGHT, 58 / WIDTH, 44 / HEIGHT)
    assert light.glare == ((pytest.approx(box),) if is_clipped else ())
    assert light.black == ()


@pytest.mark.parametrize(("level", "is_black"), [(6, False), (5, True), ((0, 0, 6), False)])
def test_black_is_black_in_every_channel(level: int | tuple[int, int, int], is_black: bool) -> None:
    light = measure_light([with_box(level, columns=slice(0, 16), rows=slice(108, 120))] * 3)
    assert light.black_share == pytest.approx(16 * 12 / (WIDTH * HEIGHT) if is_black else 0.0)
    assert light.black == ((pytest.approx((0.0, 106 / HEIGHT, 18 / WIDTH, 1.0)),) if is_black else ())
    assert light.glare == ()


def test_a_white_speck_counts_and_has_no_box() -> None:
    picture = np.full((600, 800, 3), 120, np.uint8)
    picture[50:60, 50:60] = 255
    picture[300:316, 300:316] = 255
    light = measure_light([picture] * 3)
    assert light.clipped_share == pytest.approx((100 + 256) / picture.size * 3)
    assert len(light.glare) == 1, "the smaller one is 14 by 14 pixels when widened, the least area is 240"


def test_the_darkest_part_is_named_by_its_box() -> None:
    picture = with_box(60, columns=slice(60, 80), rows=slice(40, 60))
    light = measure_light([picture] * 3)
    assert light.evenness == 0.5
    assert light.darkest == pytest.approx((3 / 8, 2 / 6, 4 / 8, 3 / 6))
    assert measure_light([plain(0)] * 3).evenness == 0.0


def bright(*factors: float) -> list[Pixels]:
    return [(plain(100) * factor).astype(np.uint8) for factor in factors]


def test_flicker_is_the_deviation_between_pictures_without_a_trend() -> None:
    assert measure_light(bright(1.0, 1.1, 1.2, 1.3, 1.4)).flicker == pytest.approx(0.0, abs=1e-6)
    # Up and down by a tenth; the trend takes the least of it.
    assert measure_light(bright(*[1.1, 0.9] * 20)).flicker == pytest.approx(0.1, rel=0.01)


def test_stripes_that_move_are_flicker_where_the_whole_picture_is_as_bright_as_before() -> None:
    pictures = []
    for number in range(8):
        picture = plain(100)
        picture[np.arange(HEIGHT) // 5 % 2 == number % 2] = 120
        pictures.append(picture)
    assert measure_light(pictures).flicker == pytest.approx(10 / 110, rel=0.05)


def test_a_picture_with_fewer_rows_than_bands_is_measured() -> None:
    assert measure_light([np.full((8, 16, 3), 100, np.uint8)] * 3).flicker == pytest.approx(0.0, abs=1e-6)
    assert measure_light([plain(0)] * 3).flicker == 0.0
