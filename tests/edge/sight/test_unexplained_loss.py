"""An item that falls where no flap should be open raises an alarm; one that a hand removes does not."""

import pytest

from edge.alarms import Alarm, Alarms
from edge.sight.presence import PresenceState
from edge.sight.unexplained_loss import UnexplainedLossDetector

MOVING, RESTING, REACHING, EMPTY = (
    PresenceState.MOVING,
    PresenceState.AT_REST,
    PresenceState.EDGE_CROSSED,
    PresenceState.EMPTY,
)


def shown(vanishing: UnexplainedLossDetector, *states: PresenceState) -> list[bool]:
    """Frames with these states; the tray counts as empty from the second empty one on."""
    told, empties = [], 0
    for state in states:
        empties = empties + 1 if state is EMPTY else 0
        told.append(vanishing.observe(state, is_empty=empties >= 2))
    return told


def test_an_item_that_falls_before_it_is_decided_is_reported_once() -> None:
    alarms = Alarms()
    vanishing = UnexplainedLossDetector(alarms)
    assert shown(vanishing, EMPTY, EMPTY, REACHING, MOVING, MOVING, EMPTY, EMPTY, EMPTY) == [False] * 6 + [True, False]
    assert "a flap stands open" in str(alarms.most_urgent)
    vanishing.clear_alarm()
    assert alarms.most_urgent is None


@pytest.mark.parametrize(
    "states",
    [
        (REACHING, RESTING, RESTING, REACHING, EMPTY, EMPTY, EMPTY),
        (MOVING, EMPTY, EMPTY, EMPTY),
        (MOVING, EMPTY, MOVING, MOVING, RESTING),
        (PresenceState.LEARNING, PresenceState.LEARNING, PresenceState.LEARNING, EMPTY, EMPTY),
    ],
    ids=["taken away over the edge", "a flicker", "still there", "the tray itself"],
)
def test_what_has_not_fallen_is_not_reported(states: tuple[PresenceState, ...]) -> None:
    alarms = Alarms()
    assert not any(shown(UnexplainedLossDetector(alarms), *states))
    assert Alarm.UNEXPLAINED_LOSS not in alarms


def test_two_pictures_of_an_item_are_enough() -> None:
    assert shown(UnexplainedLossDetector(Alarms()), MOVING, RESTING, EMPTY, EMPTY)[-1]


def test_an_item_that_was_decided_may_go() -> None:
    vanishing = UnexplainedLossDetector(Alarms())
    assert not any(shown(vanishing, MOVING, RESTING))
    vanishing.reset()
    assert not any(shown(vanishing, EMPTY, EMPTY))
