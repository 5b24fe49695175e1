"""Things are counted by their history: what came, what was taken over the edge, what vanished."""

import numpy as np
import pytest

from edge.sight.mask import _crossed_edges
from edge.sight.thing_tracker import GHOST_PICTURES, ThingTally, ThingTracker
from edge.values import Mask

HEIGHT, WIDTH = 120, 160
Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""

ITEM: Box = (60, 40, 100, 80)
BESIDE: Box = (104, 50, 130, 76)
OVERLAPPING: Box = (85, 60, 120, 95)
WITHIN: Box = (70, 50, 90, 70)
COMING: Box = (90, 30, 160, 60)


def mask_of(*boxes: Box) -> Mask | None:
    cover = np.zeros((HEIGHT, WIDTH), np.uint8)
    for left, top, right, bottom in boxes:
        cover[top:bottom, left:right] = 255
    area = float(np.count_nonzero(cover)) / cover.size
    return Mask(cover, (0.0, 0.0, 1.0, 1.0), area, edges=_crossed_edges(cover)) if area else None


class TrayFilm:
    """Shows pictures to a tracker; each box has a colour of its own."""

    def __init__(self) -> None:
        self.tracker = ThingTracker()

    def show(self, *boxes: Box, pictures: int = 1) -> "TrayFilm":
        lab = np.zeros((HEIGHT, WIDTH, 3), np.float32)
        for number, (left, top, right, bottom) in enumerate(boxes):
            lab[top:bottom, left:right] = 40.0 + 30.0 * number
        for _ in range(pictures):
            self.tracker.observe(mask_of(*boxes), lab)
        return self

    @property
    def counts(self) -> tuple[int, int, int]:
        tally = self.tracker.tally
        return tally.came, tally.taken, tally.vanished


def test_a_thing_counts_once_it_is_free_of_the_edge() -> None:
    film = TrayFilm().show((120, 40, 160, 80))
    assert film.counts == (0, 0, 0), "it may be a hand"
    film.show((90, 40, 130, 80))
    assert film.counts == (1, 0, 0)
    film.show(ITEM, pictures=5)
    assert film.counts == (1, 0, 0)


def test_a_thing_that_shrinks_away_has_vanished() -> None:
    film = TrayFilm().show(ITEM, pictures=3)
    for shrunk in (5, 10, 15):
        film.show((60 + shrunk, 40 + shrunk, 100 - shrunk, 80 - shrunk))
    film.show(pictures=GHOST_PICTURES)
    assert film.counts == (1, 0, 1)


def test_a_thing_that_is_missed_on_one_picture_is_the_same() -> None:
    film = TrayFilm().show(ITEM).show(pictures=GHOST_PICTURES - 1).show(ITEM)
    assert film.counts == (1, 0, 0)


def test_a_thing_that_leaves_over_the_edge_is_taken() -> None:
    film = TrayFilm().show(ITEM).show((60, 80, 100, 120)).show(pictures=GHOST_PICTURES)
    assert film.counts == (1, 1, 0)


@pytest.mark.parametrize("second", [BESIDE, OVERLAPPING, WITHIN], ids=["beside", "overlapping", "within"])
def test_a_second_thing_is_counted_wherever_it_comes_to_lie(second: Box) -> None:
    film = TrayFilm().show(ITEM, pictures=3).show(ITEM, COMING).show(ITEM, second, pictures=4)
    assert film.counts == (2, 0, 0)
    film.show(pictures=GHOST_PICTURES)
    assert film.counts == (2, 0, 2)


def test_a_hand_that_comes_and_goes_is_no_thing() -> None:
    film = TrayFilm().show(ITEM, pictures=3).show(ITEM, COMING, pictures=5).show(ITEM, pictures=3)
    assert film.counts == (1, 0, 0)


def test_a_newcomer_is_seen_while_it_comes_and_no_longer() -> None:
    film = TrayFilm().show(ITEM)
    assert not film.tracker.newcomer, "the first is no newcomer: nothing has been decided"
    film.show(ITEM, COMING)
    assert film.tracker.newcomer
    film.show(ITEM, BESIDE).show(ITEM, BESIDE)
    assert not film.tracker.newcomer


def test_the_pieces_of_one_that_falls_are_no_things() -> None:
    film = TrayFilm().show(ITEM, pictures=3).show((70, 50, 90, 70)).show((70, 50, 78, 58), (86, 64, 90, 68))
    film.show(pictures=GHOST_PICTURES)
    assert film.counts == (1, 0, 1)


def test_of_two_that_overlap_one_may_fall() -> None:
    film = TrayFilm().show(ITEM).show(ITEM, COMING).show(ITEM, OVERLAPPING, pictures=5)
    film.tracker.settle()
    film.show(OVERLAPPING)
    film.tracker.settle()
    assert film.counts == (2, 0, 1)


def test_what_covers_the_tray_leaves_the_count_unknown() -> None:
    film = TrayFilm().show(ITEM).show((0, 0, 160, 110)).show(ITEM)
    assert film.tracker.tally == ThingTally(came=1, unseen=1)
    film.show((0, 0, 160, 110))
    film.tracker.note_relit()
    film.show(ITEM)
    assert film.tracker.tally == ThingTally(came=1, unseen=1), "another light covers nothing"


def test_an_empty_tray_ends_all_and_what_is_no_thing_is_forgotten() -> None:
    film = TrayFilm().show(ITEM, BESIDE)
    film.tracker.clear()
    assert film.counts == (2, 0, 2)
    film.show(ITEM)
    film.tracker.forget()
    assert film.tracker.tally.present == 0
    assert film.counts[2] == 2
