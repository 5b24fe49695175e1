"""The guard: no motion begins without a permit, none goes on without one, and no drive stays under current for too long."""

import threading
import time
from itertools import pairwise

import pytest

from edge.alarms import Alarm, Alarms
from edge.guard.guard import BLIND_S, Guard
from edge.guard.guard_thread import GuardThread
from edge.guard.guarded_flap import CREEP_S, CREEP_STEPS, NoPermitError
from edge.guard.interlock import Interlock
from edge.guard.permit import Permit
from hardware.clock import ManualClock, SystemClock
from hardware.errors import FlapError, SensorError
from hardware.limits import MAX_FRAME_INTERVAL_S
from hardware.sensor import Switch
from tests.doubles.flap import Journal, RecordingFlap

VALID_S, MAX_ON_S = 0.5, 10.0


class StopButton(Switch):
    """A switch that a test sets, or breaks."""

    def __init__(self) -> None:
        super().__init__(name="panel.stop_button")
        self.on, self.broken = False, False

    @property
    def is_on(self) -> bool:
        if self.broken:
            raise SensorError("panel.stop_button: does not answer")
        return self.on

    def close(self) -> None:
        pass


class GuardRig:
    """One flap of two behind a guard; pictures come when the test says so."""

    def __init__(
        self,
        *,
        force_n: float | None = 4.0,
        creeps: bool = True,
        stop_button: Switch | None = None,
        closes_when_blind: bool = False,
        has_lid: bool = False,
        travel_s: float = 0.4,
    ) -> None:
        self.clock, self.alarms = ManualClock(100.0), Alarms()
        self.journal = Journal(self.clock)
        self.drivers = {name: RecordingFlap(name, self.journal, travel_s=travel_s) for name in ("glass", "paper")}
        for driver in self.drivers.values():
            driver.force_n, driver.closes_slowly = force_n, creeps
        self.guard = Guard(
            self.drivers,
            permit=Permit(Interlock(self.alarms, clear_s=1.0), valid_s=VALID_S, has_lid=has_lid),
            clock=self.clock,
            alarms=self.alarms,
            stop_button=stop_button,
            closes_when_blind=closes_when_blind,
        )
        self.flap = self.guard.flaps["glass"]

    def see(self, seconds: float, *, crossed: bool = False) -> None:
        for _ in range(round(seconds * 10)):
            self.clock.advance(0.1)
            self.guard.observe(crossed, self.clock.now_s())
            self.guard.check()

    def wait(self, seconds: float) -> None:
        """Time passes without pictures."""
        for _ in range(round(seconds * 20)):
            self.clock.advance(0.05)
            self.guard.check()

    @property
    def commands(self) -> list[str]:
        return [command for _, command in self.journal.commands()]


@pytest.mark.parametrize("command", ["open", "home"])
def test_no_motion_begins_without_a_permit(command: str) -> None:
    rig = GuardRig()
    words = {"open": "open", "home": "go home"}[command]
    with pytest.raises(NoPermitError, match=f"^flap 'glass': may not {words} now$"):
        getattr(rig.flap, command)()
    assert not rig.flap.is_moving
    assert not rig.flap.was_stopped
    rig.see(0.3)
    getattr(rig.flap, command)()
    assert rig.commands == [command]


@pytest.mark.parametrize("command", ["open", "home"])
def test_what_moves_is_stopped_when_pictures_stay_away(command: str, caplog: pytest.LogCaptureFixture) -> None:
    rig = GuardRig(travel_s=1.0)
    rig.see(0.3)
    getattr(rig.flap, command)()
    rig.wait(MAX_FRAME_INTERVAL_S - 0.05)
    assert not rig.flap.was_stopped
    rig.wait(0.15)
    assert rig.flap.was_stopped
    assert rig.commands == [command, "detach"], "a servo without pulses stays where it is"
    (record,) = caplog.records
    assert record.getMessage() == ("flap glass: stopped on its way, nothing shows any more that nobody is in the way")


def test_what_moves_is_stopped_by_a_person_at_once() -> None:
    rig = GuardRig()
    rig.see(0.3)
    rig.flap.home()
    rig.see(0.1, crossed=True)
    assert rig.flap.was_stopped


def test_a_flap_that_has_arrived_is_not_stopped_but_let_go_after_its_longest_time(
    caplog: pytest.LogCaptureFixture,
) -> None:
    rig = GuardRig()
    rig.see(0.3)
    rig.flap.open()
    rig.see(1.0)
    rig.see(MAX_ON_S - 1.2, crossed=True)
    assert rig.commands == ["open"]
    rig.see(0.5, crossed=True)
    assert rig.commands == ["open", "detach"]
    assert rig.flap.was_stopped
    rig.guard.report()
    assert rig.alarms.most_urgent == (
        "the flap of glass was under current for too long and was let go; it goes home when the tray is clear"
    )
    assert "flap glass: under current for 10 s, let go" in caplog.messages
    rig.guard.note_home()
    rig.guard.report()
    assert Alarm.CURRENT not in rig.alarms


def test_it_is_let_go_when_its_longest_time_is_over_and_not_before() -> None:
    rig = GuardRig()
    rig.drivers["glass"].driven = True
    rig.guard.check()
    rig.clock.advance(MAX_ON_S - 0.25)
    rig.guard.check()
    assert rig.commands == []
    rig.clock.advance(0.25)
    rig.guard.check()
    assert rig.commands == ["detach"]


def test_time_under_current_is_counted_over_commands() -> None:
    rig = GuardRig()
    for _ in range(30):
        rig.see(0.5)
        rig.flap.open()
        rig.see(0.5)
        rig.flap.home()
    times_s = [time_s for time_s, _, _ in rig.journal.lines]
    detached_s = [time_s for time_s, _, command in rig.journal.lines if command == "detach"]
    assert detached_s[0] - times_s[0] <= MAX_ON_S + 0.11


def test_a_driver_that_fails_while_it_is_stopped_is_stopped_again() -> None:
    rig = GuardRig()
    rig.see(0.3)
    rig.flap.home()
    rig.drivers["glass"].broken = {"detach"}
    rig.see(0.1, crossed=True)
    rig.see(0.1, crossed=True)
    assert rig.commands.count("detach") >= 2


def test_on_the_way_out_a_weak_flap_closes_and_a_strong_one_slowly() -> None:
    weak, strong, spring = GuardRig(force_n=4.0), GuardRig(force_n=40.0), GuardRig(force_n=None, creeps=False)
    for rig in (weak, strong, spring):
        rig.see(0.3)
        rig.flap.open()
        rig.see(1.0)
        rig.clock.advance(1.0)
        rig.guard.leave()
        rig.flap.home()
    assert weak.commands == ["open", "home"]
    assert strong.commands == ["open", *["creep"] * CREEP_STEPS]
    assert strong.drivers["glass"].shares == pytest.approx([step / CREEP_STEPS for step in range(1, CREEP_STEPS + 1)])
    assert not strong.flap.was_stopped
    assert strong.clock.now_s() - 102.3 == pytest.approx(CREEP_S)
    assert spring.commands == ["open", "creep", "home"], "its spring closes it, slowly or not"


def test_a_slow_way_out_that_failed_goes_on_from_where_the_flap_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begun anew, fully open, it would throw it open again."""
    rig = GuardRig(force_n=40.0)
    rig.see(0.3)
    rig.flap.open()
    rig.see(1.0)
    rig.clock.advance(1.0)
    rig.guard.leave()
    driver = rig.drivers["glass"]

    def fail_half_way(_never: threading.Event, seconds: float) -> bool:
        rig.clock.advance(seconds)
        driver.broken = {"creep"} if driver.shares and driver.shares[-1] >= 0.49 else set()
        return False

    with monkeypatch.context() as patch:
        patch.setattr(rig.clock, "wait", fail_half_way)
        with pytest.raises(FlapError):
            rig.flap.home()
    driver.broken = set()
    rig.flap.home()
    assert driver.shares == sorted(driver.shares)
    assert driver.shares[-1] == pytest.approx(1.0)
    assert len(driver.shares) == CREEP_STEPS // 2 + CREEP_STEPS


def test_on_the_way_out_a_strong_flap_that_may_stand_anywhere_stays() -> None:
    """Most likely it is home, and the first slow step, from fully open, would throw it open."""
    weak, strong, spring = GuardRig(force_n=4.0), GuardRig(force_n=40.0), GuardRig(force_n=None, creeps=False)
    for rig in (weak, strong, spring):
        rig.guard.forget_positions()
        rig.guard.leave()
    weak.flap.home()
    spring.flap.home()
    with pytest.raises(NoPermitError, match="where it stands is not known: the next start brings it home"):
        strong.flap.home()
    assert (weak.commands, strong.commands, spring.commands) == (["home"], [], ["creep", "home"])


@pytest.mark.parametrize(("seconds", "is_known"), [(0.3, False), (1.2, True)])
def test_where_a_flap_stands_is_known_once_it_has_gone_all_the_way(seconds: float, is_known: bool) -> None:
    rig = GuardRig(travel_s=1.0, closes_when_blind=True)
    rig.guard.forget_positions()
    rig.see(0.3)
    rig.flap.open()
    rig.see(seconds)
    rig.flap.halt()
    rig.wait(BLIND_S + CREEP_S + 1.0)
    assert bool(rig.drivers["glass"].shares) is is_known


def test_a_servo_that_is_let_go_on_its_way_stays_where_it_is() -> None:
    rig = GuardRig(travel_s=4.0, force_n=40.0)
    rig.flap.max_on_s = 2.0
    rig.see(0.3)
    rig.flap.open()
    rig.see(4.0)
    rig.guard.leave()
    rig.clock.advance(1.0)
    rig.flap.home()
    assert rig.drivers["glass"].shares[0] == pytest.approx(0.5, abs=0.05)


def test_a_strong_flap_that_is_home_is_not_opened_in_order_to_close_it_slowly() -> None:
    rig = GuardRig(force_n=40.0)
    rig.see(0.3)
    rig.flap.open()
    rig.see(1.0)
    rig.flap.home()
    rig.see(1.0)
    rig.clock.advance(1.0)
    rig.guard.leave()
    rig.flap.home()
    assert set(rig.drivers["glass"].shares) == {1.0}


def test_a_flap_that_was_stopped_and_then_closed_by_its_spring_is_no_longer_one_that_was_stopped() -> None:
    rig = GuardRig(force_n=None, creeps=False)
    rig.see(0.3)
    rig.flap.open()
    rig.see(0.1, crossed=True)
    assert rig.flap.was_stopped
    rig.guard.leave()
    rig.flap.home()
    assert rig.commands[-1] == "home"
    assert not rig.flap.was_stopped


def test_a_strong_flap_closes_at_once_where_pictures_show_nobody() -> None:
    rig = GuardRig(force_n=40.0)
    rig.see(0.3)
    rig.guard.leave()
    rig.flap.home()
    assert rig.commands == ["home"]


@pytest.mark.parametrize("broken", [False, True])
def test_the_guard_reads_the_stop_button_itself(broken: bool) -> None:
    stop = StopButton()
    rig = GuardRig(stop_button=stop)
    rig.see(0.3)
    rig.flap.home()
    rig.guard.watch()
    assert not rig.flap.was_stopped
    stop.on, stop.broken = not broken, broken
    rig.guard.watch()
    assert rig.flap.was_stopped


def test_its_thread_stops_a_flap_while_the_loop_waits_for_something() -> None:
    clock, alarms = SystemClock(), Alarms()
    journal = Journal(ManualClock())
    driver = RecordingFlap("glass", journal, travel_s=20.0)
    guard = Guard(
        {"glass": driver},
        permit=Permit(Interlock(alarms, clear_s=1.0), valid_s=VALID_S),
        clock=clock,
        alarms=alarms,
    )
    with GuardThread(guard):
        assert "guard" in [thread.name for thread in threading.enumerate()]
        for _ in range(2):
            guard.observe(False, clock.now_s())
        guard.flaps["glass"].home()
        stopped, deadline_s = threading.Event(), time.monotonic() + 30
        while time.monotonic() < deadline_s and not guard.flaps["glass"].was_stopped:
            stopped.wait(0.02)
        assert guard.flaps["glass"].was_stopped
    assert journal.commands() == [("glass", "home"), ("glass", "detach")]
    assert threading.active_count() == 1 or all(thread.name != "guard" for thread in threading.enumerate())


def test_a_drive_without_current_was_not_let_go() -> None:
    rig = GuardRig()
    rig.see(MAX_ON_S + 1.0)
    rig.guard.report()
    assert Alarm.CURRENT not in rig.alarms


def test_several_drives_that_were_let_go_are_told_in_one_sentence() -> None:
    rig = GuardRig()
    rig.see(0.3)
    for flap in rig.guard.flaps.values():
        flap.open()
    rig.see(MAX_ON_S + 0.2)
    rig.guard.report()
    assert (rig.alarms.most_urgent or "").startswith("the flap of glass and paper was under current")


def test_a_drive_that_was_driven_by_somebody_else_is_counted_from_when_that_is_seen() -> None:
    rig = GuardRig()
    rig.drivers["glass"].driven = True
    rig.wait(MAX_ON_S - 0.2)
    assert rig.commands == []
    rig.wait(0.5)
    assert rig.commands == ["detach"]


def test_a_drive_that_cannot_be_let_go_is_told_and_tried_again() -> None:
    rig = GuardRig()
    rig.see(0.3)
    rig.flap.open()
    rig.drivers["glass"].broken = {"detach"}
    rig.see(MAX_ON_S + 0.5)
    assert rig.commands.count("detach") >= 2
    rig.guard.report()
    assert Alarm.CURRENT in rig.alarms


def test_a_flap_counts_as_moving_also_while_its_command_fails() -> None:
    rig = GuardRig()
    rig.see(0.3)
    rig.drivers["glass"].broken = {"home"}
    with pytest.raises(FlapError):
        rig.flap.home()
    assert rig.flap.is_moving, "the command may have got through"


def test_a_stale_picture_of_a_person_stops_what_moves_and_an_empty_one_grants_nothing() -> None:
    rig = GuardRig()
    for _ in range(3):
        rig.clock.advance(0.1)
        rig.guard.observe(False, rig.clock.now_s() - 0.05, is_fresh=False)
    assert not rig.guard.permits
    rig.see(0.3)
    rig.flap.home()
    rig.guard.observe(True, rig.clock.now_s() - 0.9, is_fresh=False)
    rig.guard.check()
    assert rig.flap.was_stopped


def test_a_lid_that_was_open_takes_the_permit_away_for_a_while() -> None:
    rig = GuardRig()
    rig.guard.observe_switches(True, locked=False)
    rig.see(0.3)
    rig.guard.observe_switches(False, locked=False)
    assert not rig.guard.permits
    rig.see(1.0)
    rig.guard.observe_switches(False, locked=False)
    assert rig.guard.permits


def test_a_lock_takes_the_permit_away() -> None:
    rig = GuardRig()
    rig.see(0.3)
    rig.guard.observe_switches(False, locked=True)
    assert not rig.guard.permits
    rig.guard.observe_switches(False, locked=False)
    assert rig.guard.permits


def test_its_thread_is_needed_only_while_a_drive_moves_or_is_under_current() -> None:
    rig = GuardRig()
    rig.see(0.3)
    assert not rig.guard.is_needed.is_set()
    rig.flap.open()
    rig.see(0.2)
    assert rig.guard.is_needed.is_set()
    rig.see(1.0)
    assert rig.guard.is_needed.is_set(), "it stands open, under current"
    rig.flap.detach()
    rig.see(0.1)
    assert not rig.guard.is_needed.is_set()


def test_its_thread_outlives_a_bug_in_a_driver(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = GuardRig()
    calls = threading.Semaphore(0)

    def fail() -> None:
        calls.release()
        raise ZeroDivisionError

    monkeypatch.setattr(rig.guard, "watch", fail)
    rig.guard.is_needed.set()
    with GuardThread(rig.guard) as thread:
        assert all(calls.acquire(timeout=30) for _ in range(3))
        assert thread.is_daemon
    assert "guard: unexpected error, please report it" in caplog.messages


def test_the_stop_button_stops_nothing_on_the_way_out_that_the_way_out_has_not_asked_it_for() -> None:
    stop = StopButton()
    rig = GuardRig(stop_button=stop)
    rig.guard.leave()
    rig.flap.home()
    stop.on = True
    rig.guard.watch()
    assert not rig.flap.was_stopped


@pytest.mark.parametrize(("command", "stopped"), [("open", True), ("home", False)])
def test_behind_a_closed_lid_what_opens_is_stopped_when_pictures_stay_away(command: str, stopped: bool) -> None:
    rig = GuardRig(travel_s=3.0, has_lid=True)
    rig.guard.observe_switches(False, locked=False)
    rig.see(0.3)
    getattr(rig.flap, command)()
    rig.wait(VALID_S - 0.1)
    assert not rig.flap.was_stopped
    rig.wait(0.5)
    assert rig.flap.was_stopped is stopped


def blind_rig(*, closes_when_blind: bool = True, creeps: bool = True) -> GuardRig:
    """A flap that stands open while the pictures stay away."""
    rig = GuardRig(closes_when_blind=closes_when_blind, creeps=creeps)
    for driver in rig.guard.flaps.values():
        driver.max_on_s = 60.0
    rig.see(0.3)
    rig.flap.open()
    rig.see(0.6)
    rig.wait(BLIND_S)
    assert rig.commands == ["open"]
    return rig


def test_a_flap_that_is_out_while_nothing_is_seen_closes_slowly_where_that_is_wanted() -> None:
    rig = blind_rig()
    rig.wait(CREEP_S + 1.0)
    shares = rig.drivers["glass"].shares
    assert shares == sorted(shares)
    assert 0.0 < shares[0] <= 0.02, "the first step is no motion towards open, wherever it stands"
    assert shares[-1] == 1.0
    assert max(after - before for before, after in pairwise(shares)) <= 0.05 / CREEP_S + 1e-6
    assert rig.commands[-1] == "detach"
    assert [flap for flap, _ in rig.journal.commands()] == ["glass"] * len(rig.commands), "the other one is home"
    rig.wait(30.0)
    assert rig.commands[-1] == "detach", "once"
    assert rig.flap.was_stopped, "the diverter sends it home when something is seen again"
    so_far = rig.commands
    rig.see(1.0)
    rig.wait(BLIND_S + 5.0)
    assert rig.commands == so_far, "it is home"


def test_it_closes_slowly_after_the_time_without_evidence_and_not_before() -> None:
    rig = GuardRig(closes_when_blind=True)
    rig.flap.max_on_s = 60.0
    for _ in range(2):
        rig.clock.advance(0.25)
        rig.guard.observe(False, rig.clock.now_s())
    rig.flap.open()
    rig.clock.advance(0.5)
    rig.guard.check()
    rig.clock.advance(BLIND_S - 0.25)
    rig.guard.check()
    assert rig.commands == ["open"]
    rig.clock.advance(0.25)
    rig.guard.check()
    rig.clock.advance(0.25)
    rig.guard.check()
    assert rig.commands == ["open", "detach", "creep"], "let go first, for the time under current"


def test_a_flap_that_went_home_stays_there_while_nothing_is_seen() -> None:
    rig = blind_rig()
    rig.see(0.3)
    rig.flap.home()
    rig.see(1.0)
    rig.wait(BLIND_S + 5.0)
    assert rig.commands == ["open", "home"]


def test_a_person_who_is_seen_stops_a_flap_that_closes_slowly() -> None:
    rig = blind_rig()
    rig.wait(CREEP_S / 2)
    rig.see(3.0, crossed=True)
    assert 0.4 < max(rig.drivers["glass"].shares) < 0.6
    assert rig.commands[-1] == "detach"
    rig.see(2.0)
    assert rig.commands[-1] == "detach"


@pytest.mark.parametrize(("closes_when_blind", "creeps"), [(False, True), (True, False)])
def test_one_that_shall_not_or_cannot_close_slowly_stays(closes_when_blind: bool, creeps: bool) -> None:
    rig = blind_rig(closes_when_blind=closes_when_blind, creeps=creeps)
    rig.wait(30.0)
    assert set(rig.commands) <= {"open", "creep"}
    assert not rig.flap.was_stopped


def test_a_drive_that_does_not_take_the_command_to_let_go_gets_it_until_it_does(
    caplog: pytest.LogCaptureFixture,
) -> None:
    rig = GuardRig()
    rig.see(0.3)
    rig.flap.open()
    rig.drivers["glass"].broken = {"detach"}
    rig.see(MAX_ON_S + 1.0)
    assert rig.commands.count("detach") >= 9
    assert rig.drivers["glass"].is_driven
    rig.drivers["glass"].broken = set()
    rig.see(0.3)
    assert not rig.drivers["glass"].is_driven
    assert [record.getMessage() for record in caplog.records] == ["flap glass: under current for 10 s, let go"], "once"


def test_closing_slowly_begins_where_the_flap_stands() -> None:
    """A way that began fully open would open it first."""
    rig = GuardRig(travel_s=1.0, closes_when_blind=True)
    rig.see(0.3)
    rig.flap.open()
    rig.see(0.5)
    rig.see(0.1, crossed=True)
    rig.flap.halt()
    rig.see(2.0)
    rig.wait(BLIND_S + CREEP_S + 1.0)
    shares = rig.drivers["glass"].shares
    assert 0.3 < shares[0] < 0.6
    assert (shares, shares[-1]) == (sorted(shares), 1.0)


def test_a_drive_that_was_let_go_may_be_driven_again_for_its_whole_time() -> None:
    rig = GuardRig()
    rig.see(0.3)
    rig.flap.open()
    rig.see(MAX_ON_S + 0.2)
    assert rig.commands == ["open", "detach"]
    rig.flap.home()
    rig.see(MAX_ON_S - 0.5)
    assert rig.commands == ["open", "detach", "home"]


def test_a_part_of_the_way_takes_a_part_of_the_time() -> None:
    """A flap thought to stand further out than it does would be opened by the first slow step."""
    rig = GuardRig(travel_s=1.0, force_n=40.0)
    rig.see(0.3)
    for command, seconds in ((rig.flap.open, 0.5), (rig.flap.home, 0.3)):
        command()
        rig.see(seconds)
        rig.flap.halt()
    rig.guard.leave()
    rig.clock.advance(1.0)
    rig.flap.home()
    assert rig.drivers["glass"].shares[0] == pytest.approx(0.8, abs=0.02)


def slow_way(rig: GuardRig) -> tuple[list[str], float]:
    """What the flap was told from the first slow step to the last, and how long that took in seconds."""
    lines = [(time_s, command) for time_s, bin, command in rig.journal.lines if bin == "glass"]
    first = next(number for number, (_, command) in enumerate(lines) if command == "creep")
    last = max(number for number, (_, command) in enumerate(lines) if command == "creep")
    return [command for _, command in lines[first : last + 1]], lines[last][0] - lines[first][0]


def longest_on_s(rig: GuardRig) -> float:
    """How long the flap was under current without a break, at most, in seconds."""
    since_s, longest_s = None, 0.0
    for time_s, bin, command in rig.journal.lines:
        if bin == "glass":
            since_s = time_s if since_s is None else since_s
            longest_s = max(longest_s, time_s - since_s)
            since_s = None if command == "detach" else since_s
    return longest_s


def test_a_flap_that_was_long_held_open_does_not_hurry_where_nothing_is_seen() -> None:
    """It would be under current for too long: it is let go first, and then has all its time."""
    rig = blind_rig()
    assert rig.drivers["glass"].is_driven
    rig.wait(CREEP_S + 1.0)
    commands, seconds = slow_way(rig)
    assert set(commands) == {"creep"}
    assert seconds == pytest.approx(CREEP_S, abs=0.2)


@pytest.mark.parametrize("max_on_s", [2.0, 4.0])
def test_closing_slowly_keeps_within_the_time_under_current(max_on_s: float) -> None:
    rig = blind_rig()
    rig.flap.max_on_s = max_on_s
    rig.wait(CREEP_S + 1.0)
    commands, seconds = slow_way(rig)
    assert set(commands) == {"creep"}, "it is not let go on its way"
    assert max_on_s / 2 < seconds < max_on_s
    assert rig.drivers["glass"].shares[-1] == 1.0


@pytest.mark.parametrize("force_n", [4.0, 40.0], ids=["at once", "slowly"])
@pytest.mark.parametrize("held_s", [1.0, 2.8])
def test_coming_home_on_the_way_out_keeps_within_the_time_under_current(force_n: float, held_s: float) -> None:
    rig = GuardRig(force_n=force_n)
    rig.flap.max_on_s = 3.0
    rig.see(0.3)
    rig.flap.open()
    rig.see(held_s - 0.5)
    rig.clock.advance(0.5)
    rig.guard.leave()
    begin_s = rig.clock.now_s()
    rig.flap.home()
    rig.clock.advance(max(begin_s + rig.flap.travel_s - rig.clock.now_s(), 0.0))
    rig.flap.detach()
    assert longest_on_s(rig) <= 3.0


def test_a_motion_refused_is_a_flap_error() -> None:
    assert issubclass(NoPermitError, FlapError)
