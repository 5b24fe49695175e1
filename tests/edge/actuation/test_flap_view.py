"""Which pictures may show an open flap."""

import pytest

from edge.actuation.diverter import Diverter
from edge.actuation.flap_view import SHOWN_AFTER_S, FlapView
from hardware.clock import ManualClock
from tests.doubles.flap import Journal, RecordingFlap


class FlapViewRig:
    """A diverter with two flaps, and the view of them."""

    def __init__(self, *, in_view: bool = True) -> None:
        self.clock = ManualClock(100.0)
        self.flaps = {name: RecordingFlap(name, Journal(self.clock)) for name in ("glass", "paper")}
        self.diverter = Diverter(self.flaps, dwell_s=dict.fromkeys(self.flaps, 1.0), clock=self.clock)
        self.view = FlapView(self.diverter, clock=self.clock, in_view=in_view)

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds * 10)):
            self.clock.advance(0.1)
            self.diverter.advance()
            self.view.advance()

    @property
    def shows(self) -> bool:
        return self.view.shows(self.clock.now_s())


@pytest.mark.parametrize("in_view", [True, False])
def test_pictures_show_a_flap_from_its_opening_until_a_while_after_it_is_home(in_view: bool) -> None:
    rig = FlapViewRig(in_view=in_view)
    rig.run(0.1)
    assert not rig.shows
    rig.diverter.open("glass")
    assert rig.shows is in_view
    while not rig.diverter.at_home:
        rig.run(0.1)
        assert rig.shows is in_view
    home_s = rig.clock.now_s()
    rig.run(1.0)
    assert not rig.shows
    assert rig.view.shows(home_s) is in_view
    assert not rig.view.shows(home_s + SHOWN_AFTER_S)


def test_a_flap_that_has_let_nothing_fall_yet_is_not_seen() -> None:
    rig = FlapViewRig()
    rig.flaps["glass"].shut = True
    rig.diverter.open("glass")
    assert not rig.shows


def test_flaps_that_are_yet_to_be_sent_home_may_stand_open() -> None:
    rig = FlapViewRig()
    rig.diverter.inhibit(True)
    rig.diverter.home_all()
    rig.run(2.0)
    assert rig.shows
    rig.diverter.inhibit(False)
    rig.run(5.0)
    assert not rig.shows
