"""What the page says of sensors and flaps: as the bin has told it, or why nothing is known."""

from edge.bin_socket.messages import Status
from edge.page.set_up.sensors import TRAYS, SensorState
from edge.sight.presence import PresenceState
from tests.builders.page import FakeBin, PageRig

REPORT: dict[str, object] = {
    "tray": "item at rest",
    "flaps": "open",
    "held": "lid",
    "paused": True,
    "open_bin": "glass",
    "fill_levels": {"glass": 0.25},
}


def test_every_state_of_the_tray_has_words() -> None:
    assert set(TRAYS) == set(PresenceState)


def test_what_the_bin_has_told_is_said_in_words() -> None:
    link = FakeBin()
    link.tell(Status(REPORT, 0.0))
    state = SensorState.of(link)
    assert state.facts == {"tray": "something lies on it", "flaps": "open", "held": "The lid is open"}
    assert (state.problem, state.is_paused, state.out, state.levels) == (None, True, "glass", {"glass": 0.25})


def test_a_flap_moved_by_hand_is_out() -> None:
    link = FakeBin()
    link.tell(Status({**REPORT, "open_bin": None, "moved_by_hand": "metal"}, 0.0))
    assert SensorState.of(link).out == "metal"


def test_a_state_of_a_later_release_is_shown_as_it_is() -> None:
    link = FakeBin()
    link.tell(Status({"tray": "levitating"}, 0.0))
    assert SensorState.of(link).facts["tray"] == "levitating"


def test_a_lost_bin_says_why(page: PageRig) -> None:
    link = FakeBin()
    link.lose("the bin does not run")
    assert SensorState.of(link).problem == "the bin does not run"
    assert SensorState.of(FakeBin()).problem == "the bin does not answer yet"
    answer = page.visitor().get("/set-up", headers={"Accept": "application/json"})
    assert answer.json()["problem"] == "there is no bin: only an event log is shown"
