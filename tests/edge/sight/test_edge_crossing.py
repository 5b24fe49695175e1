"""What crosses the tray's edge may be a person: an arm always, a sheet until it has lain still."""

import numpy as np
import pytest

from edge.sight.edge_crossing import COVER_STILL_S, MAX_ARM_EDGES, EdgeCrossing
from edge.sight.pyramid import Pyramid
from hardware.frame import Pixels

SHEET = np.full((60, 80, 3), 150, np.uint8)


def shifted(by: int) -> Pixels:
    """A sheet with an outline at another place."""
    small = SHEET.copy()
    small[:, : 10 + by] = 90
    return small


def see(crossing: EdgeCrossing, edges: int, time_s: float, small: Pixels = SHEET) -> bool:
    return crossing.may_be_person(edges, Pyramid(small), time_s, noise=0.5)


@pytest.mark.parametrize("edges", range(MAX_ARM_EDGES + 1))
def test_an_arm_may_be_a_person_however_still_it_is_held(edges: int) -> None:
    crossing = EdgeCrossing()
    assert [see(crossing, edges, 100.0 + second) for second in range(10)] == [edges > 0] * 10


@pytest.mark.parametrize("edges", [MAX_ARM_EDGES + 1, 4])
def test_a_sheet_may_be_a_person_until_it_has_lain_still_for_its_time(edges: int) -> None:
    crossing = EdgeCrossing()
    assert see(crossing, edges, 100.0)
    assert see(crossing, edges, 100.0 + COVER_STILL_S - 0.25)
    assert not see(crossing, edges, 100.0 + COVER_STILL_S)


def test_a_sheet_that_moves_begins_its_time_anew() -> None:
    crossing = EdgeCrossing()
    for second in range(8):
        assert see(crossing, 4, 100.0 + second, shifted(second))
    assert see(crossing, 4, 109.0, shifted(7))
    assert not see(crossing, 4, 107.0 + COVER_STILL_S, shifted(7))


def test_what_covers_the_tray_again_begins_its_time_anew() -> None:
    crossing = EdgeCrossing()
    for leave in (crossing.clear, lambda: see(crossing, 1, 103.5)):
        assert see(crossing, 4, 100.0)
        assert not see(crossing, 4, 103.0)
        leave()
        assert see(crossing, 4, 104.0)
        assert not see(crossing, 4, 107.0)
        crossing.clear()
