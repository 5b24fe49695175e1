"""Presence detection while a flap may stand open in the picture: no item, no light, no empty tray to learn."""

import cv2
import numpy as np
import pytest

from edge.sight.background import BackgroundModel
from edge.sight.presence import Presence, PresenceState
from edge.sight.work_image import to_work_image
from hardware.frame import Pixels
from tests.builders.pictures import item_picture, tray_picture
from tests.edge.sight.test_presence import COVERED_S, SETTLE_S, PresenceRig, empty, item

HOLE = (0.15, 0.15, 0.85, 0.85)
HAND = (0.0, 0.4, 0.6, 0.6)


def open_flap(seed: int) -> Pixels:
    return item_picture(HOLE, (22, 22, 24), seed=seed)


def hand_over_flap(seed: int) -> Pixels:
    picture = open_flap(seed)
    picture[96:144, :190] = (200, 150, 120)
    return picture


class OpenFlapRig(PresenceRig):
    """As ``PresenceRig``; ``is_open``: whether a flap may stand open."""

    def __init__(self, *, knows_tray: bool = True, unverified: bool = False) -> None:
        known = BackgroundModel.from_pictures([to_work_image(empty(seed)) for seed in range(3)])
        self.is_open = False
        super().__init__(
            Presence(
                settle_s=SETTLE_S,
                learn_s=0.5,
                background=known if knows_tray else None,
                unverified=unverified,
                shows_flap=lambda time_s: self.is_open,
            )
        )


@pytest.fixture
def rig() -> OpenFlapRig:
    rig = OpenFlapRig()
    rig.show(empty, 1.0)
    return rig


def test_an_open_flap_is_no_item_and_no_light(rig: OpenFlapRig) -> None:
    rig.show(item, 1.0)
    rig.is_open = True
    assert not any(rig.show(open_flap, 2.0))
    assert rig.presence.state is PresenceState.FLAP_OPEN
    assert not rig.presence.is_empty
    rig.is_open = False
    rig.show(empty, 0.5)
    assert rig.presence.is_empty
    assert rig.presence.things.vanished == 1


def test_what_lies_there_after_an_opening_keeps_its_number(rig: OpenFlapRig) -> None:
    before = rig.show(item, 1.0)[-1]
    rig.is_open = True
    rig.show(open_flap, 1.0)
    rig.is_open = False
    after = rig.show(item, 1.0)[-1]
    assert before is not None
    assert after is not None
    assert after.number == before.number


def test_what_lies_there_after_a_flap_opened_over_an_empty_tray_is_another_item(rig: OpenFlapRig) -> None:
    before = rig.show(item, 1.0)[-1]
    rig.show(empty, 1.0)
    rig.is_open = True
    rig.show(open_flap, 1.0)
    rig.is_open = False
    after = rig.show(item, 1.0)[-1]
    assert before is not None
    assert after is not None
    assert after.number == before.number + 1


def test_a_hand_over_an_open_flap_crosses_the_edge(rig: OpenFlapRig) -> None:
    rig.is_open = True
    rig.show(open_flap, 0.5)
    rig.show(hand_over_flap, 0.1)
    assert rig.presence.state is PresenceState.EDGE_CROSSED


def test_a_flap_that_cannot_be_seen_leaves_the_tray_empty(rig: OpenFlapRig) -> None:
    rig.is_open = True
    rig.show(empty, 1.0)
    assert (rig.presence.state, rig.presence.is_empty) == (PresenceState.EMPTY, True)


def test_another_light_under_an_open_flap_is_followed_once_that_is_home_though_nothing_moves() -> None:
    grain = cv2.GaussianBlur(np.random.default_rng(1).normal(0, 24, (240, 320)), (0, 0), 2.0)[..., None]

    def grained(seed: int, gain: float = 1.0) -> Pixels:
        return np.clip(gain * (tray_picture(seed=seed) + grain), 0, 255).astype(np.uint8)

    rig = OpenFlapRig(knows_tray=False)
    rig.show(grained, 1.0)
    rig.is_open = True
    rig.show(lambda seed: grained(seed, 0.6), 0.3)
    assert rig.presence.state is PresenceState.EDGE_CROSSED, "what covers the tray may be anything"
    rig.is_open = False
    assert not any(rig.show(lambda seed: grained(seed, 0.6), 0.3))
    assert rig.presence.is_empty


@pytest.mark.parametrize("is_home_at_once", [True, False])
def test_a_tray_that_was_learnt_with_a_flap_open_is_learnt_again(is_home_at_once: bool) -> None:
    rig = OpenFlapRig(knows_tray=False)
    rig.is_open = True
    rig.show(empty if is_home_at_once else open_flap, 1.0)
    assert rig.presence.state is PresenceState.FLAP_OPEN, "known well enough to see a hand"
    rig.show(hand_over_flap, 0.1)
    assert rig.presence.state is PresenceState.EDGE_CROSSED
    rig.show(empty, 0.5)
    assert not rig.presence.is_empty, "not yet known, and not to be kept for the next start"
    rig.is_open = False
    rig.show(empty, 0.1)
    assert rig.presence.state is (PresenceState.EMPTY if is_home_at_once else PresenceState.LEARNING)
    rig.show(empty, 1.0)
    assert rig.presence.is_empty
    assert rig.show(item, 1.0)[-1] is not None


def test_a_flap_that_stands_open_at_the_start_is_no_other_tray() -> None:
    rig = OpenFlapRig(unverified=True)
    rig.is_open = True
    rig.show(open_flap, COVERED_S)
    assert rig.presence.state is PresenceState.FLAP_OPEN
    rig.is_open = False
    rig.show(empty, 0.5)
    assert rig.presence.is_empty


def test_what_is_thrown_in_while_flaps_go_home_at_the_start_is_an_item_on_the_tray_of_the_last_run() -> None:
    rig = OpenFlapRig(unverified=True)
    rig.is_open = True
    rig.show(open_flap, 0.5)
    rig.show(empty, 2.0)
    rig.show(item, 0.3)
    rig.is_open = False
    assert rig.show(item, 1.0)[-1] is not None
