"""A picture is taken each time that something comes to rest on the tray, and no more."""

from collections.abc import Callable

import numpy as np

from edge.sight.presence import Presence
from edge.teaching.pictures.item_capture import CaptureState, ItemCapture, Shot
from edge.teaching.pictures.looks import LookTaker
from tests.builders.pictures import Pixels, item_picture, tray_picture
from tests.builders.teaching import NUMBERS, VIEWS, SmallViewClassifier
from tests.builders.values import make_frame

STEP_S = 0.1
LEFT, RIGHT = (0.15, 0.3, 0.4, 0.7), (0.55, 0.3, 0.85, 0.7)


def empty(seed: int) -> Pixels:
    return tray_picture(seed=seed)


def item(
    box: tuple[float, float, float, float], colour: tuple[int, int, int] = (190, 40, 40)
) -> Callable[[int], Pixels]:
    return lambda seed: item_picture(box, colour, seed=seed)


def striped(seed: int) -> Pixels:
    """The item on the left, turned: its other half is dark."""
    pixels = item(LEFT)(seed)
    pixels[72:120, 48:128] = (20, 20, 90)
    return pixels


def with_hand(picture: Callable[[int], Pixels]) -> Callable[[int], Pixels]:
    def shown(seed: int) -> Pixels:
        pixels = picture(seed)
        pixels[100 + seed % 7 :, 60:140] = (150, 100, 80)
        return pixels

    return shown


class CaptureRig:
    """A tray that is shown frame by frame."""

    def __init__(self) -> None:
        self.classifier = SmallViewClassifier()
        taker = LookTaker(self.classifier, views=VIEWS)
        self.capture = ItemCapture(Presence(settle_s=0.25, learn_s=0.5), taker, spec=taker.spec)
        self.number = 0

    def show(self, picture: Callable[[int], Pixels], seconds: float = 1.0) -> list[Shot]:
        shots = []
        for _ in range(round(seconds / STEP_S)):
            self.number += 1
            frame = make_frame(picture(self.number), self.number * STEP_S, self.number)
            shot = self.capture.observe(frame, wall_s=1000.0 + self.number)
            shots += [] if shot is None else [shot]
        return shots


def test_one_picture_for_each_time_that_something_comes_to_rest() -> None:
    rig = CaptureRig()
    assert rig.show(empty) == []
    assert rig.capture.state is CaptureState.EMPTY
    (first,) = rig.show(item(LEFT), 3.0)
    assert rig.capture.state is CaptureState.TAKEN
    assert first.looks.features.shape == (VIEWS, NUMBERS)
    assert not first.looks.is_cut_off
    pixels, mask = first.picture.decode()
    assert mask is not None
    assert pixels.shape[0] < 240, "the item with its surroundings"
    assert 1000 < first.wall_s < 1050
    assert rig.show(empty) == []
    assert rig.capture.state is CaptureState.EMPTY
    assert len(rig.show(item(RIGHT))) == 1
    assert len(rig.show(striped)) == 1, "moved without an empty tray between"


def test_a_hand_that_moved_nothing_gives_no_other_picture() -> None:
    rig = CaptureRig()
    rig.show(empty)
    assert len(rig.show(item(LEFT))) == 1
    assert rig.show(with_hand(item(LEFT)), 2.0) == []
    assert rig.capture.state is CaptureState.HAND
    assert rig.show(item(LEFT), 2.0) == []
    assert rig.capture.state is CaptureState.SAME
    rig.show(with_hand(item(LEFT)))
    assert len(rig.show(striped, 2.0)) == 1


def test_the_same_thing_laid_down_again_counts_again() -> None:
    rig = CaptureRig()
    rig.show(empty)
    assert [len(rig.show(shown)) for shown in (item(LEFT), empty, item(LEFT))] == [1, 0, 1]


def test_several_things_at_once_are_not_taken() -> None:
    def two(seed: int) -> Pixels:
        pixels = item(LEFT)(seed)
        pixels[72:168, 200:272] = (40, 40, 190)
        return pixels

    rig = CaptureRig()
    rig.show(empty)
    assert rig.show(two, 2.0) == []
    assert rig.capture.state is CaptureState.SEVERAL
    assert len(rig.show(item(LEFT))) == 1, "once one is taken away"


def test_nothing_is_taken_while_the_tray_is_learnt_or_things_move() -> None:
    rig = CaptureRig()
    assert rig.show(empty, 0.3) == []
    assert rig.capture.state is CaptureState.LEARNING
    rig.show(empty)

    def rolling(seed: int) -> Pixels:
        return item((0.1 + 0.02 * (seed % 20), 0.3, 0.3 + 0.02 * (seed % 20), 0.6))(seed)

    assert rig.show(rolling, 1.5) == []
    assert rig.capture.state is CaptureState.MOVING


def test_looks_are_those_of_the_item_and_not_of_the_tray() -> None:
    rig = CaptureRig()
    rig.show(empty)
    rig.show(item(LEFT, (10, 200, 10)))
    views = np.array(rig.classifier.views)
    assert len(views) == VIEWS
    assert (views[..., 1] > 150).mean() > 0.25, "most of it is green"
