"""What a person does from afar: the bin pauses and goes on, and a flap moves only while the button is held and nobody is near."""

from pathlib import Path

import pytest

from edge.actuation.hand_control import DEAD_MAN_S, HOME_EVERY_S
from edge.actuation.operator_mode import FORGOTTEN_S, PAUSED
from edge.alarms import Alarm
from edge.errors import RefusedError
from hardware.sensor import Switch
from tests.edge.sorter_rig import EMPTY, HAND, ITEM, STEP_S, SorterRig


class PanelKnob(Switch):
    """A switch that a test turns."""

    def __init__(self) -> None:
        super().__init__(name="knob")
        self.on = False

    @property
    def is_on(self) -> bool:
        return self.on

    def close(self) -> None:
        pass


@pytest.fixture
def rig(tmp_path: Path) -> SorterRig:
    one = SorterRig(tmp_path)
    one.show(EMPTY, 1.0)
    return one


def hold(rig: SorterRig, bin: str, to: str, seconds: float, pixels: object = EMPTY) -> list[str]:
    """Hold the button, with a message a step; what was refused."""
    refused = []
    for _ in range(round(seconds / STEP_S)):
        try:
            rig.sorter.flaps.hand.jog(bin, to, is_delivering=rig.sorter.busy)  # type: ignore[arg-type]
        except RefusedError as error:
            refused.append(str(error))
        rig.show(pixels, STEP_S)  # type: ignore[arg-type]
    return refused


# --- pause ------------------------------------------------------------------------------------------------------------


def test_nothing_is_decided_while_paused_and_what_lies_there_is_decided_after(rig: SorterRig) -> None:
    rig.sorter.flaps.hand.pause()
    assert rig.show(ITEM, 20.0) == []
    assert rig.journal.lines == []
    assert rig.alarms.active == frozenset(), "a pause is no fault"
    rig.sorter.flaps.hand.go_on()
    assert [event.label for event in rig.show(ITEM, 2.0)] == ["glass"]


def test_the_item_under_way_is_finished(rig: SorterRig) -> None:
    assert len(rig.show(ITEM, 1.0)) == 1
    rig.sorter.flaps.hand.pause()
    rig.show(ITEM, 0.2)
    rig.show(EMPTY, 3.0)
    assert rig.journal.commands("open", "home") == [("glass", "open"), ("glass", "home")]
    assert rig.outcomes() == ["done"]
    assert rig.diverter.at_home
    assert rig.show(ITEM, 3.0) == []


def test_an_item_that_is_decided_but_not_on_the_disk_is_finished(tmp_path: Path) -> None:
    rig = SorterRig(tmp_path, commit_s=0.5)
    rig.show(EMPTY, 1.0)
    while not rig.sorter.busy:
        rig.show(ITEM, STEP_S)
    rig.sorter.flaps.hand.pause()
    assert len(rig.show(ITEM, 1.0)) == 1
    rig.show(EMPTY, 3.0)
    assert rig.outcomes() == ["done"]


def test_what_is_put_down_and_taken_off_while_paused_is_no_loss(rig: SorterRig) -> None:
    rig.sorter.flaps.hand.pause()
    for _ in range(3):
        rig.show(ITEM, 1.0)
        rig.show(EMPTY, 1.0)
    rig.sorter.flaps.hand.go_on()
    rig.show(EMPTY, 2.0)
    assert rig.alarms.counts == {}
    assert rig.journal.lines == []


def test_a_pause_that_is_forgotten_is_told_and_ends_only_by_going_on(rig: SorterRig) -> None:
    rig.sorter.flaps.hand.pause()
    rig.clock.advance(FORGOTTEN_S - 1)
    rig.show(EMPTY, 0.5)
    rig.sorter.flaps.hand.pause()  # once more is no new pause
    assert Alarm.PAUSED not in rig.alarms
    rig.show(EMPTY, 1.0)
    assert rig.alarm == PAUSED
    rig.clock.advance(24 * 3600)
    assert rig.show(ITEM, 2.0) == []
    rig.sorter.flaps.hand.go_on()
    assert len(rig.show(ITEM, 2.0)) == 1
    assert rig.alarms.active == frozenset()


# --- home -------------------------------------------------------------------------------------------------------------


def test_home_sends_every_flap_home_one_after_the_other(rig: SorterRig) -> None:
    rig.sorter.flaps.hand.home()
    rig.show(EMPTY, 4.0)
    assert [name for name, _ in rig.journal.commands("home")] == ["paper", "glass", "packaging", "residual"]
    assert rig.diverter.at_home


def test_home_waits_until_nobody_is_near(rig: SorterRig) -> None:
    rig.show(HAND, 1.0)
    rig.sorter.flaps.hand.home()
    rig.show(HAND, 3.0)
    assert rig.journal.commands("home") == []
    rig.show(EMPTY, 5.0)
    assert len(rig.journal.commands("home")) == 4


def test_home_asked_for_again_and_again_wears_no_drive(rig: SorterRig) -> None:
    rig.sorter.flaps.hand.home()
    with pytest.raises(RefusedError, match="a moment ago"):
        rig.sorter.flaps.hand.home()
    rig.clock.advance(HOME_EVERY_S)
    rig.sorter.flaps.hand.home()


# --- one flap by hand -------------------------------------------------------------------------------------------------


def test_a_flap_moves_while_the_button_is_held_and_stops_when_it_is_let_go(rig: SorterRig) -> None:
    rig.sorter.flaps.hand.pause()
    assert hold(rig, "glass", "open", 0.3) == []
    assert rig.journal.commands() == [("glass", "open")]
    rig.show(EMPTY, DEAD_MAN_S + 2 * STEP_S)
    assert rig.journal.commands() == [("glass", "open"), ("glass", "detach")]
    assert rig.sorter.flaps.hand.held.bin == "glass"
    rig.show(EMPTY, 10.0)
    assert len(rig.journal.lines) == 2, "it stays where it is"


def test_going_on_brings_home_first_what_was_moved(rig: SorterRig) -> None:
    rig.sorter.flaps.hand.pause()
    hold(rig, "glass", "open", 1.0)
    rig.sorter.flaps.hand.go_on()
    assert not rig.sorter.flaps.can_open
    assert len(rig.show(ITEM, 4.0)) == 1
    moved = rig.journal.commands("open", "home")
    assert moved[:3] == [("glass", "open"), ("glass", "home"), ("glass", "open")]


def test_a_flap_that_is_held_all_the_way_home_is_given_back(rig: SorterRig) -> None:
    rig.sorter.flaps.hand.pause()
    hold(rig, "glass", "open", 0.6)
    assert hold(rig, "glass", "home", 3.0) == []
    assert rig.sorter.flaps.hand.held.bin is None
    assert rig.diverter.at_home
    assert len(rig.journal.commands("home")) == 2, "once by hand, and once to let it go"
    assert hold(rig, "paper", "open", 0.2) == []


def test_one_flap_at_a_time(rig: SorterRig) -> None:
    rig.sorter.flaps.hand.pause()
    hold(rig, "glass", "open", 0.3)
    assert hold(rig, "paper", "open", 0.1) == ["the flap of glass is out: send it home first"]
    rig.sorter.flaps.hand.home()
    assert "wait until all are home" in hold(rig, "paper", "open", 0.1)[0]
    rig.show(EMPTY, 4.0)
    assert hold(rig, "paper", "open", 0.1) == []


def test_a_hand_stops_it_and_it_moves_again_only_after_the_button_was_let_go(rig: SorterRig) -> None:
    rig.sorter.flaps.hand.pause()
    hold(rig, "glass", "open", 0.2)
    refused = hold(rig, "glass", "open", 1.0, HAND)
    assert len(refused) >= 8
    assert "let the button go" in refused[-1]
    assert rig.journal.commands("open") == [("glass", "open")]
    assert rig.journal.commands("detach"), "it was stopped on its way"
    assert hold(rig, "glass", "open", 3.0, EMPTY), "the hand has gone, the button is still held"
    assert rig.journal.commands("open") == [("glass", "open")]
    rig.show(EMPTY, DEAD_MAN_S + 2 * STEP_S)
    assert hold(rig, "glass", "open", 0.3) == []
    assert len(rig.journal.commands("open")) == 2


def test_without_pictures_it_does_not_move(rig: SorterRig) -> None:
    rig.sorter.flaps.hand.pause()
    rig.clock.advance(2.0)
    with pytest.raises(RefusedError, match="may not open now"):
        rig.sorter.flaps.hand.jog("glass", "open", is_delivering=False)
    assert rig.journal.commands("open") == []


@pytest.mark.parametrize(
    ("bin", "is_paused", "is_delivering", "why"),
    [
        ("glass", False, False, "only while the bin is paused"),
        ("glass", True, True, "no item is under way"),
        ("gold", True, False, "there is no bin 'gold'; the bins are paper, glass, packaging, residual"),
    ],
)
def test_what_is_refused(rig: SorterRig, bin: str, is_paused: bool, is_delivering: bool, why: str) -> None:
    if is_paused:
        rig.sorter.flaps.hand.pause()
    with pytest.raises(RefusedError, match=why):
        rig.sorter.flaps.hand.jog(bin, "open", is_delivering=is_delivering)
    rig.show(EMPTY, 1.0)
    assert rig.journal.lines == []


@pytest.mark.parametrize("name", ["stop_button", "service_button"])
def test_stop_and_service_go_before_the_button(tmp_path: Path, name: str) -> None:
    knob = PanelKnob()
    rig = SorterRig(tmp_path, switches={name: knob})
    rig.show(EMPTY, 1.0)
    rig.sorter.flaps.hand.pause()
    hold(rig, "glass", "open", 0.2)
    knob.on = True
    refused = hold(rig, "glass", "open", 1.0)
    assert len(refused) >= 9
    with pytest.raises(RefusedError, match="no flap moves"):
        rig.sorter.flaps.hand.home()
    knob.on = False
    rig.show(EMPTY, 6.0)
    assert rig.diverter.at_home, "stopped or worked on, all of them go home in the end"
    assert rig.sorter.flaps.hand.held.bin is None


def test_the_end_of_the_program_brings_it_home(rig: SorterRig) -> None:
    rig.sorter.flaps.hand.pause()
    hold(rig, "glass", "open", 0.3)
    assert rig.sorter.flaps.shutdown()
    assert ("glass", "home") in rig.journal.commands("home")


# --- the empty tray ---------------------------------------------------------------------------------------------------


def test_the_tray_is_learnt_as_it_lies_there(rig: SorterRig) -> None:
    rig.sorter.flaps.hand.pause()
    rig.show(ITEM, 1.0)
    rig.sorter.learn_tray()
    rig.show(ITEM, 2.0)
    rig.sorter.flaps.hand.go_on()
    assert rig.show(ITEM, 3.0) == [], "what lay there is a part of the tray now"
    assert rig.sorter.tray.is_empty


def test_no_tray_is_learnt_while_an_item_is_under_way(rig: SorterRig) -> None:
    assert len(rig.show(ITEM, 1.0)) == 1
    with pytest.raises(RefusedError, match="under way"):
        rig.sorter.learn_tray()


def test_no_tray_is_learnt_with_a_flap_open(rig: SorterRig) -> None:
    rig.sorter.flaps.hand.pause()
    hold(rig, "glass", "open", 0.3)
    with pytest.raises(RefusedError, match="not home"):
        rig.sorter.learn_tray()
