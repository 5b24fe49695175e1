"""Things are counted by their history: what came, what was taken over the edge, what vanished."""

import numpy as np
import pytest

from edge.sight.mask import crossed_edges
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
    return Mask(cover, (0.0, 0.0, 1.0, 1.0), area, edges=crossed_edges(cover)) if area else None


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
    assert not ThingTracker().newcomer
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


@pytest.mark.parametrize(
    ("before", "after", "came"),
    [
        # Of 40 by 40 pixels: by less than a fiftieth of the tray, which are 384 pixels, and by more.
        (ITEM, (60, 40, 100, 89), 1),
        (ITEM, (60, 40, 100, 90), 2),
        ((56, 40, 104, 80), (56, 40, 104, 88), 1),
        # Of 80 by 80 pixels: by less than a tenth of itself, and by more.
        ((40, 10, 120, 90), (40, 10, 120, 97), 1),
        ((40, 10, 120, 90), (40, 10, 120, 99), 2),
    ],
)
def test_what_grows_by_much_from_one_picture_to_the_next_was_joined(before: Box, after: Box, came: int) -> None:
    assert TrayFilm().show(before, pictures=3).show(after).counts == (came, 0, 0)


def test_growth_is_measured_from_the_picture_before() -> None:
    film = TrayFilm().show(ITEM, pictures=2).show((60, 40, 100, 65)).show((60, 40, 100, 76))
    assert film.counts == (2, 0, 0)
    slowly = TrayFilm().show(ITEM)
    for bottom in range(82, 102, 2):
        slowly.show((60, 40, 100, bottom))
    assert slowly.counts == (1, 0, 0)


def test_what_has_just_been_joined_may_swing_out_of_the_others_outline() -> None:
    film = TrayFilm().show(ITEM, pictures=2).show((60, 40, 100, 90))
    assert film.counts == (2, 0, 0)
    for bottom in (101, 112):
        film.show((60, 40, 100, bottom))
    assert film.counts == (2, 0, 0), "within a quarter of a second"
    film.show((60, 40, 100, 112), pictures=4).show((60, 10, 100, 112))
    assert film.counts == (3, 0, 0)


def test_every_cover_of_the_tray_is_one_time_that_the_count_is_unknown() -> None:
    film = TrayFilm().show(ITEM)
    for _ in range(2):
        film.show((0, 0, 160, 110), pictures=3).show(ITEM, pictures=3)
    assert film.tracker.tally == ThingTally(came=1, unseen=2)


def test_a_newcomer_is_seen_beside_what_shrinks_or_stays() -> None:
    film = TrayFilm().show(ITEM, pictures=2).show(ITEM, (120, 90, 160, 120), (4, 4, 20, 16))
    assert film.tracker.newcomer


HOLE: Box = (40, 20, 130, 100)


def test_a_hole_that_opens_and_closes_is_no_thing_and_what_lay_there_has_vanished() -> None:
    film = TrayFilm().show(ITEM, pictures=3)
    film.tracker.note_flap()
    film.show(ITEM, HOLE).show(HOLE, pictures=3)
    assert not film.tracker.newcomer
    film.show(pictures=GHOST_PICTURES)
    film.tracker.clear()
    assert film.counts == (1, 0, 1)
    film.show(BESIDE).show(BESIDE, COMING)
    assert film.tracker.newcomer, "the flap is home, and things count again"


@pytest.mark.parametrize(
    ("after", "present", "unseen"),
    [((ITEM,), 1, 0), ((BESIDE,), 1, 1), ((ITEM, BESIDE), 2, 1)],
    ids=["the same", "another", "the same and another"],
)
def test_after_an_opening_in_view_what_lies_there_is_the_same_or_nobody_knows_what_fell(
    after: tuple[Box, ...], present: int, unseen: int
) -> None:
    film = TrayFilm().show(ITEM, pictures=3)
    film.tracker.note_flap()
    film.show(HOLE).show(*after, pictures=2)
    film.tracker.settle()
    tally = film.tracker.tally
    assert (tally.present, tally.unseen) == (present, unseen)


FAR_FROM_ITEM: Box = (5, 5, 45, 35)
LARGE_AND_FAR: Box = (106, 2, 158, 100)


@pytest.mark.parametrize(
    ("after", "counts"),
    [
        (FAR_FROM_ITEM, (1, 0, 0)),
        ((110, 90, 116, 100), (1, 0, 0)),
        # Two and a half times as large, and three times.
        ((106, 2, 156, 82), (2, 0, 1)),
        (LARGE_AND_FAR, (2, 0, 1)),
        # As large, but seen in part only.
        ((106, 0, 160, 100), (1, 0, 0)),
    ],
    ids=["as large", "smaller", "larger", "much larger", "larger at the edge"],
)
def test_a_thing_that_flies_is_the_same_unless_it_is_much_larger(after: Box, counts: tuple[int, int, int]) -> None:
    film = TrayFilm().show(ITEM, pictures=2).show(after, pictures=GHOST_PICTURES)
    assert film.counts == counts


def test_what_comes_elsewhere_after_a_picture_without_anything_is_another_thing() -> None:
    film = TrayFilm().show(ITEM).show().show(FAR_FROM_ITEM)
    assert film.counts == (2, 0, 1)


def test_of_two_things_that_fly_each_is_followed() -> None:
    film = TrayFilm().show(ITEM, LARGE_AND_FAR).show((5, 5, 45, 45), (5, 60, 45, 100), pictures=3)
    assert film.counts == (2, 0, 0)
    film.show(pictures=GHOST_PICTURES)
    assert film.counts == (2, 0, 2)


@pytest.mark.parametrize(("side", "came"), [(6, 0), (7, 1)])
def test_the_first_thing_is_no_smaller_than_the_smallest_item(side: int, came: int) -> None:
    """A five-hundredth of the tray: 38 pixels."""
    film = TrayFilm().show((50, 50, 50 + side, 50 + side))
    assert film.counts == (came, 0, 0)
    assert not film.tracker.newcomer


@pytest.mark.parametrize(("side", "came"), [(8, 1), (9, 2)])
def test_what_joins_is_twice_as_large(side: int, came: int) -> None:
    """Beside something that lies there, 77 pixels."""
    film = TrayFilm().show(ITEM).show(ITEM, (20, 50, 20 + side, 50 + side))
    assert film.counts == (came, 0, 0)
    assert film.tracker.newcomer is (came == 2)


def test_two_things_that_slide_against_each_other_are_two() -> None:
    film = TrayFilm().show(ITEM, BESIDE, pictures=2).show(ITEM, (98, 50, 124, 76), pictures=3)
    assert film.counts == (2, 0, 0)
    film.tracker.settle()
    # A third comes onto them.
    film.show(ITEM, (98, 50, 124, 76), (80, 20, 100, 50)).tracker.settle()
    assert film.counts == (3, 0, 0)
    film.show(pictures=GHOST_PICTURES)
    assert film.counts == (3, 0, 3)


HAND_BESIDE: Box = (130, 50, 160, 70)
HAND_ON_IT: Box = (90, 50, 160, 70)


def test_a_hand_that_comes_beside_an_item_and_touches_it_is_no_thing() -> None:
    film = TrayFilm().show(ITEM, pictures=2).show(ITEM, HAND_BESIDE, pictures=2).show(ITEM, HAND_ON_IT, pictures=2)
    assert film.tracker.newcomer
    film.show(ITEM, HAND_BESIDE).show(ITEM, pictures=3)
    assert film.counts == (1, 0, 0)


def test_a_hand_that_lays_something_onto_an_item_has_brought_it() -> None:
    film = TrayFilm().show(ITEM, pictures=2).show(ITEM, HAND_BESIDE).show(ITEM, HAND_ON_IT)
    film.show(ITEM, OVERLAPPING, pictures=3)
    assert film.counts == (2, 0, 0)


def test_a_hand_that_takes_the_item_along_has_taken_it() -> None:
    film = TrayFilm().show(ITEM, pictures=2).show(ITEM, HAND_ON_IT).show((100, 40, 160, 80)).show((130, 40, 160, 80))
    assert film.counts == (1, 0, 0)
    film.show(pictures=GHOST_PICTURES)
    assert film.counts == (1, 1, 0)


@pytest.mark.parametrize("at_edge", [(0, 40, 30, 80), (60, 0, 100, 30), (130, 40, 160, 80), (60, 90, 100, 120)])
def test_every_edge_is_one(at_edge: Box) -> None:
    assert TrayFilm().show(at_edge, pictures=3).counts == (0, 0, 0)
    film = TrayFilm().show(ITEM).show(at_edge, pictures=3).show(pictures=GHOST_PICTURES)
    assert film.counts == (1, 1, 0)


@pytest.mark.parametrize(("left_over", "counts"), [((60, 40, 100, 85), (2, 0, 0)), ((60, 40, 100, 82), (2, 0, 1))])
def test_of_two_one_is_gone_when_less_than_three_quarters_are_left(
    left_over: Box, counts: tuple[int, int, int]
) -> None:
    """Of 40 by 58 pixels."""
    film = TrayFilm().show(ITEM, pictures=2).show((60, 40, 100, 98), pictures=6)
    assert film.counts == (2, 0, 0)
    film.tracker.settle()
    film.show(left_over).tracker.settle()
    assert film.counts == counts


def test_one_that_shrinks_is_never_two() -> None:
    film = TrayFilm().show(ITEM, pictures=2)
    film.tracker.settle()
    film.show((60, 40, 80, 60)).tracker.settle()
    assert film.counts == (1, 0, 0)


@pytest.mark.parametrize(
    ("lying", "width", "height", "came"),
    [
        # A 250th of the tray are 77 pixels.
        (ITEM, 8, 9, 1),
        (ITEM, 10, 10, 2),
        # A twenty-fifth of the item are 80, and 160.
        ((60, 40, 100, 90), 8, 10, 1),
        ((60, 40, 100, 90), 9, 10, 2),
        ((50, 40, 130, 90), 10, 16, 1),
        ((50, 40, 130, 90), 11, 15, 2),
    ],
)
def test_what_a_hand_has_laid_onto_an_item_is_told_by_how_much_has_changed(
    lying: Box, width: int, height: int, came: int
) -> None:
    left, top = lying[0] + 5, lying[1] + 5
    film = TrayFilm().show(lying, pictures=3).show(lying, COMING)
    film.show(lying, (left, top, left + width, top + height))
    assert film.counts == (came, 0, 0)


@pytest.mark.parametrize(("rows", "came"), [(2, 1), (3, 2)])
def test_what_a_hand_has_laid_beside_an_item_is_told_by_its_growth(rows: int, came: int) -> None:
    """By more than a twenty-fifth of 40 by 50 pixels, which are two rows; of the same colour."""
    before, after = (60, 40, 100, 90), (60, 40, 100, 90 + rows)
    film = TrayFilm().show(before, pictures=3).show((60, 40, 160, 90)).show(after, pictures=2)
    assert film.counts == (came, 0, 0)


def test_a_picture_of_another_size_says_nothing_about_what_has_changed() -> None:
    film = TrayFilm().show(ITEM, pictures=3).show(ITEM, COMING)
    film.tracker.observe(mask_of(ITEM), np.zeros((HEIGHT // 2, WIDTH, 3), np.float32))
    assert film.counts == (1, 0, 0)


def test_of_three_that_overlap_one_after_the_other_may_fall() -> None:
    film = TrayFilm().show(ITEM, pictures=2).show((60, 40, 100, 98), pictures=6).show((30, 40, 100, 98), pictures=6)
    film.tracker.settle()
    assert film.counts == (3, 0, 0)
    for right, fallen in ((80, 1), (60, 2)):
        film.show((30, 40, right, 98)).tracker.settle()
        assert film.counts == (3, 0, fallen)
    film.show(pictures=GHOST_PICTURES)
    assert film.counts == (3, 0, 3)


def test_what_is_left_is_measured_by_the_last_rest() -> None:
    """Two that have slid apart since they were counted."""
    film = TrayFilm().show(ITEM, pictures=2).show((60, 40, 100, 98), pictures=6)
    for right in range(104, 116, 4):
        film.show((60, 40, right, 98))
    film.tracker.settle()
    assert film.counts == (2, 0, 0)
    film.show((60, 40, 96, 98)).tracker.settle()
    assert film.counts == (2, 0, 1)


def test_a_finger_that_lays_something_small_onto_an_item_has_brought_it() -> None:
    """Too thin to make the item grow by much, and too small itself."""
    film = TrayFilm().show(ITEM, pictures=2).show(ITEM, (130, 50, 160, 56)).show(ITEM, (98, 50, 160, 56))
    film.show(ITEM, (95, 60, 112, 72), pictures=3)
    assert film.counts == (2, 0, 0)


def test_two_hands_that_meet_and_leave_an_item_have_brought_one() -> None:
    film = TrayFilm().show((0, 40, 30, 60), (130, 40, 160, 60)).show((0, 40, 160, 60)).show(ITEM, pictures=2)
    assert film.counts == (1, 0, 0)
    assert not film.tracker.newcomer


def test_what_comes_over_the_edge_counts_while_the_one_before_still_swings() -> None:
    two = (60, 40, 100, 90)
    film = TrayFilm().show(ITEM, pictures=2).show(two).show(two, (90, 50, 160, 70)).show(two, (90, 50, 125, 75))
    assert film.counts == (3, 0, 0)


def test_the_first_does_not_swing_out_of_anything() -> None:
    film = TrayFilm().show((90, 40, 160, 80)).show(ITEM).show((60, 40, 100, 92))
    assert film.counts == (2, 0, 0)


def test_an_item_that_is_pushed_over_the_edge_and_back_is_one() -> None:
    film = TrayFilm().show(ITEM, pictures=2)
    for top in (60, 75, 90, 105, 85, 70, 50):
        film.show((60, top, 100, min(top + 40, HEIGHT)))
    assert film.counts == (1, 0, 0)


def test_a_small_thing_that_hops_towards_the_camera_is_the_same() -> None:
    """Three pixels on, and three times as large."""
    assert TrayFilm().show((50, 50, 60, 60)).show((63, 50, 80, 68)).counts == (1, 0, 0)
