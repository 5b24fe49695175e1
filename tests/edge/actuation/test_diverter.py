"""The diverter: one flap at a time, home and let go in the end, and nothing moves by itself."""

import threading
from collections.abc import Sequence
from functools import partial
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.actuation.diverter import Diverter
from edge.actuation.exit_homing import EXIT_S, bring_all_home
from edge.actuation.phase import DiverterState
from hardware.clock import ManualClock
from tests.doubles.flap import Journal, RecordingFlap

TRAVEL_S = {"glass": 0.4, "paper": 0.3, "residual": 0.5}
DWELL_S = {"glass": 1.0, "paper": 0.3, "residual": 0.7}
NAMES = tuple(TRAVEL_S)


class DiverterRig:
    """A diverter over recording flaps on a clock that stands still."""

    def __init__(self, max_openings_per_min: int = 30) -> None:
        self.clock = ManualClock(100.0)
        self.journal = Journal(self.clock)
        self.flaps = {name: RecordingFlap(name, self.journal, travel_s=TRAVEL_S[name]) for name in NAMES}
        self.diverter = Diverter(
            self.flaps, dwell_s=DWELL_S, clock=self.clock, max_openings_per_min=max_openings_per_min
        )

    def run(self, seconds: float, step_s: float = 0.01) -> bool:
        """Let time pass; whether a cycle ended."""
        ended = False
        for _ in range(round(seconds / step_s)):
            self.clock.advance(step_s)
            ended |= self.diverter.advance()
        return ended

    @property
    def openings(self) -> list[float]:
        return [time_s for time_s, _, command in self.journal.lines if command == "open"]

    def assert_safe(self) -> None:
        """Never two flaps under way, every flap that moved is home and let go, and no pause was cut short."""
        busy_until_s, owner = float("-inf"), None
        for time_s, name, command in self.journal.lines:
            if command in ("open", "home"):
                if owner not in (None, name):
                    assert time_s >= busy_until_s - 1e-9, f"{name} moves at {time_s} while {owner} does"
                owner = name
                busy_until_s = float("inf") if command == "open" else time_s + TRAVEL_S[name]
        for flap in self.flaps.values():
            assert not flap.driven, f"{flap.name} is still driven"
            assert flap.stands_home is not False, f"{flap.name} stands open"


@pytest.fixture
def bench() -> DiverterRig:
    return DiverterRig()


def test_nothing_moves_at_construction_nor_by_itself(bench: DiverterRig) -> None:
    bench.run(5.0, 0.5)
    assert bench.journal.lines == []
    assert bench.diverter.ready
    assert bench.diverter.state is DiverterState.HOME
    assert bench.diverter.active_bin is None


def test_a_cycle_opens_dwells_homes_and_lets_go(bench: DiverterRig) -> None:
    bench.diverter.open("glass")
    assert (bench.diverter.state, bench.diverter.active_bin, bench.diverter.ready) == (
        DiverterState.OPEN,
        "glass",
        False,
    )
    assert not bench.run(0.99)
    assert bench.journal.commands() == [("glass", "open")]
    assert not bench.run(0.02)
    assert bench.diverter.state is DiverterState.CLOSING
    assert not bench.diverter.ready
    assert bench.run(0.42)
    times = [round(time_s - 100, 2) for time_s, _, _ in bench.journal.lines]
    assert bench.journal.commands() == [("glass", "open"), ("glass", "home"), ("glass", "detach")]
    assert times == pytest.approx([0.0, 1.0, 1.4], abs=0.021)
    assert (bench.diverter.state, bench.diverter.active_bin, bench.diverter.ready) == (DiverterState.HOME, None, True)


def test_update_tells_of_the_end_once(bench: DiverterRig) -> None:
    bench.diverter.open("paper")
    ends = [bench.run(0.1) for _ in range(20)]
    assert ends.count(True) == 1


def test_a_late_update_shortens_nothing(bench: DiverterRig) -> None:
    bench.diverter.open("glass")
    bench.clock.advance(30.0)
    bench.diverter.advance()
    assert bench.diverter.state is DiverterState.CLOSING, "the way home takes its time, however late it began"
    bench.clock.advance(0.39)
    assert not bench.diverter.advance()
    bench.clock.advance(0.02)
    assert bench.diverter.advance()


@pytest.mark.parametrize("before_s", [0.0, 0.5, 1.1])
def test_no_second_flap_opens_during_a_cycle(bench: DiverterRig, before_s: float) -> None:
    bench.diverter.open("glass")
    bench.run(before_s)
    with pytest.raises(RuntimeError, match=r"paper.*not ready"):
        bench.diverter.open("paper")
    assert ("paper", "open") not in bench.journal.commands()


def test_a_dwell_below_the_travel_is_refused() -> None:
    clock = ManualClock()
    flap = RecordingFlap("glass", Journal(clock), travel_s=0.4)
    with pytest.raises(ValueError, match=r"glass: dwell 0.3 s is shorter than the flap's travel 0.4 s"):
        Diverter({"glass": flap}, dwell_s={"glass": 0.3}, clock=clock)


@given(st.integers(1, 5), st.lists(st.floats(0.0, 25.0), min_size=1, max_size=60))
def test_the_duty_limit_holds_in_every_minute(limit: int, pauses: list[float]) -> None:
    bench = DiverterRig(limit)
    for pause_s in pauses:
        bench.clock.advance(pause_s)
        bench.diverter.advance()
        if bench.diverter.ready:
            bench.diverter.open("paper")
    for first, last in zip(bench.openings, bench.openings[limit:], strict=False):
        assert last - first >= 60.0


def test_the_duty_limit_lets_go_after_a_minute() -> None:
    bench = DiverterRig(2)
    for _ in range(2):
        bench.diverter.open("paper")
        bench.run(2.0)
    assert bench.diverter.state is DiverterState.HOME
    assert not bench.diverter.ready
    bench.run(55.9)
    assert not bench.diverter.ready
    bench.run(0.2)
    assert bench.diverter.ready


STEPS = st.one_of(
    st.tuples(st.just("wait"), st.floats(0.0, 2.0)),
    st.tuples(st.just("open"), st.sampled_from(NAMES)),
    st.tuples(st.just("home_all"), st.none()),
    st.tuples(st.just("hold"), st.booleans()),
)


@settings(max_examples=200)
@given(st.lists(STEPS, max_size=40), st.booleans())
def test_random_schedules_are_safe(steps: Sequence[tuple[str, float | str | bool | None]], shut_down: bool) -> None:
    bench = DiverterRig()
    homed_at = None
    held_since: int | None = None
    for step, value in steps:
        if step == "wait":
            assert isinstance(value, float)
            bench.clock.advance(value)
            bench.diverter.advance()
            if held_since is not None:
                moves = [command for _, _, command in bench.journal.lines[held_since:] if command != "detach"]
                assert moves == [], "nothing sets off under a hold"
        elif step == "open" and bench.diverter.ready:
            assert isinstance(value, str)
            bench.diverter.open(value)
        elif step == "home_all":
            homed_at = len(bench.journal.lines)
            bench.diverter.home_all()
        elif step == "hold":
            assert isinstance(value, bool)
            bench.diverter.inhibit(value)
            held_since = len(bench.journal.lines) if value else None
    bench.diverter.inhibit(False)
    if shut_down:
        bench.diverter.shutdown()
    else:
        bench.run(6.0, 0.05)
    bench.assert_safe()
    assert bench.diverter.state is DiverterState.HOME
    assert bench.diverter.active_bin is None
    if homed_at is not None:
        begun = {name for name, command in bench.journal.commands() if command == "home"}
        assert begun == set(NAMES), "a homing that was asked for reaches every flap"


def test_homing_all_goes_one_by_one(bench: DiverterRig) -> None:
    bench.diverter.home_all()
    assert not bench.diverter.ready
    assert bench.run(2.0)
    assert bench.diverter.ready
    homes = [(time_s, name) for time_s, name, command in bench.journal.lines if command == "home"]
    assert [name for _, name in homes] == list(NAMES)
    for (first_s, name), (second_s, _) in pairwise(homes):
        assert second_s - first_s >= TRAVEL_S[name] - 1e-9
    bench.assert_safe()


def test_homing_all_begins_with_the_flap_that_is_out(bench: DiverterRig) -> None:
    bench.diverter.open("residual")
    bench.run(0.1)
    bench.diverter.home_all()
    assert bench.journal.commands()[-1] == ("residual", "home"), "at once, without its dwell"
    bench.run(3.0)
    assert [name for name, _ in bench.journal.commands("home")] == ["residual", "glass", "paper"]
    bench.assert_safe()


@pytest.mark.parametrize(("after_s", "wait_s"), [(0.1, 0.4), (1.15, 0.25)])
def test_shutdown_brings_the_open_flap_home_and_waits_its_travel(
    bench: DiverterRig, after_s: float, wait_s: float
) -> None:
    bench.diverter.open("glass")
    bench.run(after_s)
    start_s = bench.clock.now_s()
    bench.diverter.shutdown()
    assert bench.clock.now_s() - start_s == pytest.approx(wait_s, abs=0.02)
    assert bench.journal.commands("home") == [("glass", "home")]
    assert {name for name, _ in bench.journal.commands("detach")} == set(NAMES)
    bench.assert_safe()


def test_shutdown_of_a_bin_at_rest_moves_nothing_and_may_be_repeated(bench: DiverterRig) -> None:
    bench.diverter.shutdown()
    bench.diverter.shutdown()
    assert bench.journal.commands("open", "home") == []
    assert bench.clock.now_s() == 100.0


def test_shutdown_finishes_a_homing_that_has_begun(bench: DiverterRig) -> None:
    """Else a stop right after an unclean one would leave flaps standing open, and call itself clean."""
    bench.diverter.home_all()
    bench.run(0.1)
    bench.diverter.shutdown()
    assert sorted(name for name, _ in bench.journal.commands("home")) == sorted(NAMES)
    bench.assert_safe()


def test_a_flap_that_cannot_open_is_a_fault_and_nothing_else_moves(bench: DiverterRig) -> None:
    bench.flaps["glass"].broken = {"open", "home"}
    bench.diverter.open("glass")
    assert bench.diverter.state is DiverterState.FAULT
    assert bench.diverter.fault == "flap glass: cannot open"
    assert not bench.diverter.ready
    bench.run(200.0, 0.1)
    with pytest.raises(RuntimeError, match="not ready"):
        bench.diverter.open("paper")
    assert {name for name, _ in bench.journal.commands()} == {"glass"}
    bench.flaps["glass"].broken = set()
    assert bench.diverter.shutdown()
    assert bench.journal.commands("home")[-1] == ("glass", "home"), "it may have moved all the same"


def test_the_pauses_between_the_tries_double_up_to_a_minute(bench: DiverterRig) -> None:
    bench.flaps["glass"].broken = {"open", "home"}
    bench.diverter.open("glass")
    bench.run(300.0, 0.5)
    times = [time_s for time_s, _, _ in bench.journal.lines]
    assert [round(after - before) for before, after in pairwise(times)][:8] == [1, 2, 4, 8, 16, 32, 60, 60]


@pytest.mark.parametrize("command", ["open", "home", "detach"])
def test_a_flap_that_answers_again_comes_home_and_the_bin_goes_on(bench: DiverterRig, command: str) -> None:
    bench.flaps["glass"].broken = {command}
    bench.diverter.open("glass")
    bench.run(4.0)
    if command != "open":  # after an opening that failed the way home is free
        assert bench.diverter.state is DiverterState.FAULT
        assert bench.diverter.fault == f"flap glass: cannot {command}"
        bench.flaps["glass"].broken = set()
        assert bench.run(10.0), "whoever waits for the cycle's end is told"
    bench.flaps["glass"].broken = set()
    assert bench.diverter.ready
    assert bench.diverter.fault is None
    bench.diverter.open("paper")
    bench.run(2.0)
    bench.assert_safe()


def test_the_pauses_begin_anew_after_a_recovery(bench: DiverterRig) -> None:
    bench.flaps["glass"].broken = {"open"}
    for _ in range(2):
        bench.diverter.open("glass")
        start_s = bench.clock.now_s()
        bench.run(3.0)
        assert bench.journal.lines[-2][0] - start_s == pytest.approx(1.0, abs=0.02)
        assert bench.diverter.ready


def test_a_flap_that_stays_broken_does_not_keep_the_others_from_going_home(bench: DiverterRig) -> None:
    bench.flaps["glass"].broken = {"home"}
    bench.diverter.home_all()
    bench.run(10.0)
    assert [flap.stands_home for flap in bench.flaps.values()] == [None, True, True]
    assert not bench.diverter.ready
    assert bench.diverter.fault == "flap glass: cannot home"
    bench.flaps["glass"].broken = set()
    bench.run(20.0)
    assert bench.diverter.ready
    bench.assert_safe()


def test_homing_all_after_a_fault_homes_the_faulty_flap_first(bench: DiverterRig) -> None:
    bench.flaps["paper"].broken = {"home"}
    bench.diverter.open("paper")
    bench.run(1.0)
    bench.flaps["paper"].broken = set()
    before = len(bench.journal.lines)
    bench.diverter.home_all()
    bench.run(3.0)
    homes = [name for _, name, command in bench.journal.lines[before:] if command == "home"]
    assert homes == ["paper", "glass", "residual"]
    assert bench.diverter.ready
    bench.assert_safe()


def test_nothing_opens_under_a_hold(bench: DiverterRig) -> None:
    bench.diverter.inhibit(True)
    assert not bench.diverter.ready
    with pytest.raises(RuntimeError, match="not ready"):
        bench.diverter.open("glass")
    bench.diverter.inhibit(False)
    assert bench.diverter.ready
    assert bench.journal.lines == []


def test_an_open_flap_stays_open_under_a_hold_and_closes_after_it(bench: DiverterRig) -> None:
    bench.diverter.open("glass")
    bench.run(0.5)
    bench.diverter.inhibit(True)
    bench.run(30.0, 0.1)
    assert bench.journal.commands() == [("glass", "open")]
    bench.diverter.inhibit(False)
    assert bench.run(0.5)
    assert bench.journal.commands() == [("glass", "open"), ("glass", "home"), ("glass", "detach")]


def test_a_flap_on_its_way_open_is_let_go_and_then_goes_home(bench: DiverterRig) -> None:
    """What it was opened for may have fallen meanwhile, and something else be on its way in."""
    bench.diverter.open("glass")
    assert not bench.diverter.opening_interrupted
    bench.run(0.2)
    bench.diverter.inhibit(True)
    bench.run(5.0, 0.1)
    assert bench.journal.commands() == [("glass", "open"), ("glass", "detach")]
    bench.diverter.inhibit(False)
    assert bench.run(0.5)
    assert bench.journal.commands()[2:] == [("glass", "home"), ("glass", "detach")]
    assert bench.diverter.opening_interrupted
    bench.diverter.open("glass")
    assert not bench.diverter.opening_interrupted
    assert bench.run(2.0)
    bench.assert_safe()


def test_a_flap_on_its_way_home_is_let_go_and_goes_on_with_its_full_travel(bench: DiverterRig) -> None:
    bench.diverter.open("glass")
    bench.run(1.2)
    assert bench.diverter.state is DiverterState.CLOSING
    bench.diverter.inhibit(True)
    assert not bench.run(5.0, 0.1)
    assert bench.journal.commands()[2:] == [("glass", "detach")]
    bench.diverter.inhibit(False)
    assert not bench.run(0.38)
    assert bench.run(0.1)
    assert bench.journal.commands()[3:] == [("glass", "home"), ("glass", "detach")]
    bench.assert_safe()


def test_a_flap_that_has_arrived_is_let_go_also_under_a_hold(bench: DiverterRig) -> None:
    bench.diverter.open("glass")
    bench.run(1.2)
    bench.clock.advance(0.5)
    bench.diverter.inhibit(True)
    assert bench.diverter.advance()
    assert not bench.flaps["glass"].driven
    assert not bench.diverter.ready


def test_homing_waits_for_the_end_of_a_hold(bench: DiverterRig) -> None:
    bench.diverter.inhibit(True)
    bench.diverter.home_all()
    bench.run(20.0, 0.1)
    assert bench.journal.lines == []
    bench.diverter.inhibit(False)
    bench.run(3.0)
    assert [name for name, _ in bench.journal.commands("home")] == list(NAMES)
    bench.assert_safe()


def test_a_fault_waits_for_the_end_of_a_hold(bench: DiverterRig) -> None:
    bench.flaps["glass"].broken = {"open"}
    bench.diverter.open("glass")
    bench.diverter.inhibit(True)
    bench.run(20.0, 0.1)
    assert bench.journal.commands() == [("glass", "open"), ("glass", "detach")], "it may be under way all the same"
    bench.diverter.inhibit(False)
    bench.run(1.0)
    assert bench.diverter.ready


def test_a_flap_that_cannot_be_let_go_under_a_hold_is_a_fault(bench: DiverterRig) -> None:
    bench.flaps["glass"].broken = {"detach"}
    bench.diverter.open("glass")
    bench.run(0.1)
    bench.diverter.inhibit(True)
    assert bench.diverter.state is DiverterState.FAULT
    bench.flaps["glass"].broken = set()
    bench.diverter.inhibit(False)
    bench.run(3.0)
    assert bench.diverter.ready
    bench.assert_safe()


@pytest.mark.parametrize("after_s", [0.1, 1.15], ids=["opening", "closing"])
def test_a_flap_that_does_not_stop_for_a_hand_is_told_again_until_it_does(bench: DiverterRig, after_s: float) -> None:
    bench.diverter.open("glass")
    bench.run(after_s)
    bench.flaps["glass"].broken = {"detach"}
    bench.diverter.inhibit(True)
    before = len(bench.journal.lines)
    bench.run(0.1, 0.05)
    assert bench.journal.commands()[before:] == [("glass", "detach")] * 2
    bench.flaps["glass"].broken = set()
    bench.run(0.05, 0.05)
    assert not bench.flaps["glass"].driven, "long before the fault's pause is over"
    bench.run(10.0, 0.1)
    assert bench.journal.commands()[before:] == [("glass", "detach")] * 3
    assert bench.diverter.fault == "flap glass: cannot detach"
    bench.diverter.inhibit(False)
    assert bench.run(1.0)
    bench.assert_safe()


def test_what_did_not_stop_is_told_no_more_when_the_hand_is_gone(bench: DiverterRig) -> None:
    bench.diverter.open("glass")
    bench.run(0.1)
    bench.flaps["glass"].broken = {"detach"}
    bench.diverter.inhibit(True)
    bench.diverter.home_all()
    bench.run(0.1, 0.05)
    bench.flaps["glass"].broken = set()
    bench.diverter.inhibit(False)
    before = len(bench.journal.lines)
    bench.run(0.3, 0.1)
    assert ("glass", "detach") not in bench.journal.commands()[before:]
    bench.run(3.0)
    bench.assert_safe()


@pytest.mark.parametrize("after_s", [0.1, 0.6, 1.15], ids=["opening", "open", "closing"])
def test_shutdown_under_a_hold_brings_the_flap_home_all_the_same(bench: DiverterRig, after_s: float) -> None:
    bench.diverter.open("glass")
    bench.run(after_s)
    bench.diverter.inhibit(True)
    bench.run(1.0)
    before = len(bench.journal.lines)
    assert bench.diverter.shutdown()
    (home_s, *_), (away_s, *_) = bench.journal.lines[before : before + 2]
    assert bench.journal.commands()[before : before + 2] == [("glass", "home"), ("glass", "detach")]
    assert away_s - home_s >= TRAVEL_S["glass"] - 1e-9, "with its full travel, wherever it was let go"
    bench.assert_safe()


def test_shutdown_lets_every_flap_go_whatever_fails(bench: DiverterRig, caplog: pytest.LogCaptureFixture) -> None:
    bench.flaps["glass"].broken = {"home", "detach"}
    bench.flaps["paper"].broken = {"detach"}
    bench.diverter.open("glass")
    bench.diverter.shutdown()
    assert {name for name, _ in bench.journal.commands("detach")} == set(NAMES)
    assert "glass could not be brought home" in caplog.text
    assert "paper could not be let go" in caplog.text


def test_shutdown_tries_a_flap_that_failed_again(bench: DiverterRig) -> None:
    bench.diverter.home_all()
    bench.flaps["glass"].broken = {"home", "detach"}
    bench.run(0.1)
    start_s = bench.clock.now_s()
    assert not bench.diverter.shutdown()
    homes = [(round(time_s - start_s, 2), name) for time_s, name, command in bench.journal.lines if command == "home"]
    assert homes[1:] == [(0.8, "paper"), (1.1, "residual"), (1.6, "glass"), (2.1, "glass"), (2.6, "glass")]
    assert bench.clock.now_s() - start_s == pytest.approx(3.1), "the last try may move it as well"


def test_shutdown_waits_for_a_flap_whose_command_failed(bench: DiverterRig) -> None:
    bench.diverter.open("glass")
    bench.flaps["glass"].broken = {"home"}
    bench.diverter.home_all()
    assert not bench.diverter.shutdown()
    homes = [(round(time_s - 100, 2), name) for time_s, name, command in bench.journal.lines if command == "home"]
    assert homes[1:4] == [(0.0, "glass"), (0.5, "paper"), (0.8, "residual")]
    assert homes[4:] == [(1.3, "glass"), (1.8, "glass"), (2.3, "glass")]


def test_the_stop_button_keeps_the_flaps_from_moving_that_are_still_to_go_home(bench: DiverterRig) -> None:
    bench.diverter.home_all()
    assert not bench.diverter.shutdown(may_move=lambda: bench.clock.now_s() < 100.5)
    assert [name for name, _ in bench.journal.commands("home")] == ["glass", "paper"]
    assert not any(flap.driven for flap in bench.flaps.values())


def test_a_shutdown_that_may_not_move_lets_go_and_says_what_is_not_home(bench: DiverterRig) -> None:
    assert bench.diverter.shutdown(may_move=lambda: False)
    bench.diverter.open("glass")
    bench.run(0.1)
    before, start_s = len(bench.journal.lines), bench.clock.now_s()
    assert not bench.diverter.shutdown(may_move=lambda: False)
    assert {command for _, command in bench.journal.commands()[before:]} == {"detach"}
    assert bench.clock.now_s() == start_s


def test_control_never_waits(bench: DiverterRig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the way out may wait; everything else asks the clock."""

    def refuse(event: threading.Event, timeout_s: float) -> bool:
        raise AssertionError("waited")

    monkeypatch.setattr(bench.clock, "wait", refuse)
    bench.diverter.home_all()
    bench.run(3.0)
    bench.diverter.open("glass")
    bench.run(3.0)
    assert bench.journal.commands("open") == [("glass", "open")]


# --- end switches -----------------------------------------------------------------------------------------------------


def test_a_flap_that_its_end_switch_does_not_see_home_is_a_fault_and_sent_home_again(bench: DiverterRig) -> None:
    glass = bench.flaps["glass"]
    glass.says_home = False
    bench.diverter.open("glass")
    assert not bench.run(1.39)
    assert bench.diverter.fault is None, "until it has had the time that it needs"
    assert not bench.run(20.0)
    assert bench.diverter.fault == "flap 'glass': it did not come home, its end switch says: see what blocks it"
    assert not bench.diverter.ready
    assert not glass.driven, "nothing pulls at what is blocked"
    homes = [time_s - 100 for time_s, _, command in bench.journal.lines if command == "home"]
    assert homes == pytest.approx([1.0, 2.4, 4.8, 9.2, 17.6], abs=0.06), "after pauses of 1, 2, 4, 8 s"
    glass.says_home = True
    assert bench.run(20.0)
    assert bench.diverter.fault is None
    assert bench.diverter.ready
    bench.assert_safe()


def test_an_end_switch_that_cannot_be_read_is_a_fault_of_its_flap(bench: DiverterRig) -> None:
    bench.flaps["glass"].broken = {"is_home"}
    bench.diverter.open("glass")
    bench.run(2.0)
    assert bench.diverter.fault == "flap glass: its end switch does not answer"
    bench.flaps["glass"].broken = set()
    bench.run(5.0)
    assert bench.diverter.ready


def test_a_flap_that_does_not_leave_home_is_noted_until_it_does(bench: DiverterRig) -> None:
    glass = bench.flaps["glass"]
    glass.says_home = True
    for name, blocked in (("glass", {"glass"}), ("paper", {"glass"})):
        bench.diverter.open(name)
        assert bench.run(2.0), "it goes home as ever"
        assert bench.diverter.stuck_bins == blocked
        assert bench.diverter.ready
    glass.says_home = False
    bench.diverter.open("glass")
    bench.run(1.1)
    glass.says_home = True
    bench.run(1.0)
    assert bench.diverter.stuck_bins == set()
    bench.assert_safe()


def test_a_flap_that_is_called_back_at_once_is_not_blocked(bench: DiverterRig) -> None:
    bench.flaps["glass"].says_home = True
    bench.diverter.open("glass")
    bench.run(0.1)
    bench.diverter.home_all()
    bench.run(3.0)
    assert bench.diverter.stuck_bins == set()


def test_a_stop_during_which_a_flap_does_not_come_home_is_no_clean_one(bench: DiverterRig) -> None:
    bench.flaps["glass"].says_home = False
    bench.diverter.open("glass")
    bench.run(0.5)
    assert not bench.diverter.shutdown()
    assert not bench.flaps["glass"].driven


@pytest.mark.parametrize("command", ["open", "home"])
def test_a_driver_with_a_bug_is_loud_and_its_flap_is_still_brought_home(
    bench: DiverterRig, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    def fail_once() -> None:
        monkeypatch.undo()
        raise RuntimeError("can't start new thread")

    first = NAMES[0]
    monkeypatch.setattr(bench.flaps[first], command, fail_once)
    provoke = partial(bench.diverter.open, first) if command == "open" else bench.diverter.home_all
    with pytest.raises(RuntimeError):
        provoke()
    assert bench.diverter.active_bin == first
    bench.diverter.shutdown()
    assert (first, "home") in bench.journal.commands("home")


def test_a_slow_command_shortens_neither_travel_nor_dwell(bench: DiverterRig, monkeypatch: pytest.MonkeyPatch) -> None:
    opens = bench.flaps["glass"].open

    def slowly() -> None:
        bench.clock.advance(0.3)
        opens()

    monkeypatch.setattr(bench.flaps["glass"], "open", slowly)
    bench.diverter.open("glass")
    opened_s = bench.clock.now_s()
    bench.run(DWELL_S["glass"] + 0.05)
    homed_s = next(time_s for time_s, _, command in bench.journal.lines if command == "home")
    assert homed_s - opened_s == pytest.approx(DWELL_S["glass"], abs=0.02)


def test_flaps_that_never_come_home_do_not_keep_the_program_beyond_its_time() -> None:
    clock = ManualClock(100.0)
    flaps = {name: RecordingFlap(name, Journal(clock), travel_s=3.0) for name in "abcde"}
    for flap in flaps.values():
        flap.says_home = False
    diverter = Diverter(flaps, dwell_s=dict.fromkeys(flaps, 3.0), clock=clock)
    diverter.inhibit(True)
    diverter.home_all()
    assert not diverter.shutdown()
    assert 5 * 3.0 <= clock.now_s() - 100.0 <= EXIT_S, (
        "each once, and no second time that the service manager would cut off"
    )
    assert not any(flap.driven for flap in flaps.values())


@pytest.mark.parametrize(("travel_s", "is_brought"), [(EXIT_S, True), (EXIT_S + 0.5, False)])
def test_a_flap_that_needs_the_whole_time_of_the_way_out_is_brought_home(travel_s: float, is_brought: bool) -> None:
    clock = ManualClock(100.0)
    flaps = {"glass": RecordingFlap("glass", Journal(clock), travel_s=travel_s)}
    assert bring_all_home(flaps, ["glass"], arrives_s={}, clock=clock, may_move=lambda: True) is is_brought
