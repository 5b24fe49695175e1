"""The loop: it ends when it is told to, and never hangs on a camera."""

import logging
import os
import signal
import threading
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest

from edge.actuation.phase import DiverterState
from edge.alarms import Alarm, Alarms
from edge.errors import RepeatedErrorsError
from edge.service.assembly import Assembly
from edge.service.loop import MAX_CONSECUTIVE_ERRORS, RunStats, run_loop, stop_on_signals
from edge.sight.health import CameraHealth
from edge.sight.picture_lag import PictureLag
from edge.values import Frame, SortEvent
from hardware.clock import ManualClock
from tests.builders.pictures import Pixels, tray_picture
from tests.builders.values import make_event
from tests.doubles.camera import ScriptedCamera

EMPTY = tray_picture(64, 48)
FRAME_S = 0.1


class ScriptedSorter:
    """Decides an item at the given steps and is busy for two steps after each; fails at others."""

    def __init__(self, decide_at: Sequence[int] = ()) -> None:
        self._decide_at = set(decide_at)
        self.fail_at: set[int] = set()
        self.given_up = 0
        self._busy_until = -1
        self.steps = 0
        self.frames: list[Frame | None] = []

    @property
    def busy(self) -> bool:
        return self.steps <= self._busy_until

    def step(self, frame: Frame | None) -> SortEvent | None:
        self.steps += 1
        self.frames.append(frame)
        if self.steps in self.fail_at:
            raise KeyError(f"step {self.steps}")
        if self.steps not in self._decide_at:
            return None
        self._busy_until = self.steps + 2
        return make_event(self.steps, bin="glass", reason="confident")

    def discard_votes(self) -> None:
        self.given_up += 1


class NoMonitor:
    def observe(self, event: SortEvent | None) -> None:
        """The scripted sorter has no tray to look at."""

    def poll(self, sorter: object) -> None:
        """It is taught nothing."""


class ScriptedDiverter:
    state = DiverterState.HOME
    inhibited = False


def make_assembly(
    frames: Sequence[Pixels | None], decide_at: Sequence[int] = ()
) -> tuple[Any, ScriptedSorter, ScriptedDiverter]:
    clock, sorter, diverter = ManualClock(500.0), ScriptedSorter(decide_at), ScriptedDiverter()
    parts: dict[str, Any] = dict.fromkeys(Assembly.__dataclass_fields__)
    parts |= {
        "clock": clock,
        "camera": ScriptedCamera(clock, frames, period_s=FRAME_S),
        "sorter": sorter,
        "diverter": diverter,
        "health": CameraHealth(size=(64, 48), repeats=True),
        "lag": PictureLag(max_age_s=0.5, most_s=1.0),
        "progress": NoMonitor(),
        "heads": NoMonitor(),
        "alarms": Alarms(),
        "events": SimpleNamespace(notice=None),
    }
    return Assembly(**parts), sorter, diverter


def test_it_ends_when_the_camera_is_at_its_end() -> None:
    assembly, sorter, _ = make_assembly([EMPTY] * 5)
    tally = run_loop(assembly, threading.Event())
    assert tally.frames == 5
    assert sorter.frames[-1] is None
    assert tally.elapsed_s == pytest.approx(6 * FRAME_S)


def test_at_the_cameras_end_the_flap_is_seen_home_first() -> None:
    assembly, sorter, diverter = make_assembly([EMPTY])
    diverter.state = DiverterState.OPEN

    def close_later(tally: RunStats, event: SortEvent | None) -> None:
        if sorter.steps == 20:
            diverter.state = DiverterState.HOME

    run_loop(assembly, threading.Event(), on_step=close_later)
    assert sorter.steps == 20


@pytest.mark.parametrize(("state", "held"), [(DiverterState.OPEN, True), (DiverterState.FAULT, False)])
def test_at_the_cameras_end_nobody_waits_for_a_hold_or_a_fault(state: DiverterState, held: bool) -> None:
    """No frame will come to end a hold; the way out brings the flaps home."""
    assembly, sorter, diverter = make_assembly([EMPTY])
    diverter.state, diverter.inhibited = state, held
    run_loop(assembly, threading.Event())
    assert sorter.steps == 2


def test_it_ends_after_its_duration() -> None:
    assembly, _, _ = make_assembly([EMPTY] * 1000)
    tally = run_loop(assembly, threading.Event(), duration_s=2.0)
    assert tally.elapsed_s == pytest.approx(2.0, abs=FRAME_S + 1e-6)


def test_it_ends_after_its_items_and_sees_the_last_one_off() -> None:
    assembly, sorter, _ = make_assembly([EMPTY] * 100, decide_at=[10, 20, 30])
    tally = run_loop(assembly, threading.Event(), items=2)
    assert tally.items == 2
    assert sorter.steps == 23


def test_a_log_that_was_set_aside_is_told_as_long_as_it_says_so() -> None:
    assembly, _, _ = make_assembly([EMPTY] * 8)
    assembly.events.notice = "set aside"
    told: list[frozenset[Alarm]] = []

    def note(tally: RunStats, event: SortEvent | None) -> None:
        told.append(assembly.alarms.active)
        assembly.events.notice = "set aside" if len(told) < 3 else None

    run_loop(assembly, threading.Event(), on_step=note)
    assert told[:5] == [frozenset({Alarm.RECORDS})] * 3 + [frozenset()] * 2
    assert assembly.alarms.counts[Alarm.RECORDS] == 1


def test_a_stop_that_was_asked_for_before_means_no_step() -> None:
    assembly, sorter, _ = make_assembly([EMPTY] * 5)
    stop = threading.Event()
    stop.set()
    assert run_loop(assembly, stop).frames == 0
    assert sorter.steps == 0


def test_it_stops_at_the_next_step_after_it_was_asked_to() -> None:
    assembly, sorter, _ = make_assembly([EMPTY] * 50)
    stop = threading.Event()
    run_loop(assembly, stop, on_step=lambda tally, event: stop.set() if sorter.steps == 7 else None)
    assert sorter.steps == 7


def test_what_was_sorted_is_counted_and_told() -> None:
    assembly, _, _ = make_assembly([EMPTY] * 40, decide_at=[5, 15])
    told: list[SortEvent] = []
    tally = run_loop(assembly, threading.Event(), on_step=lambda _, event: told.append(event) if event else None)
    assert [event.number for event in told] == [5, 15]
    assert tally.items == 2
    assert tally.per_bin == {"glass": 2}
    assert tally.per_reason == {"confident": 2}


def test_without_frames_the_sorter_is_still_stepped_and_the_gap_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    assembly, sorter, _ = make_assembly([EMPTY] * 3 + [None] * 50 + [EMPTY] * 3)
    with caplog.at_level(logging.WARNING):
        tally = run_loop(assembly, threading.Event())
    assert sorter.frames.count(None) >= 50
    sentence = "no frame for 1.5 s, nothing is sorted: check the camera's cable"
    assert [record.message for record in caplog.records] == [f"alarm: {sentence}", f"alarm cleared: {sentence}"]
    assert tally.alarms == {"camera": 1}


def test_unfit_frames_do_not_reach_the_sorter() -> None:
    black = EMPTY // 60
    assembly, sorter, _ = make_assembly([EMPTY] * 3 + [black] * 20 + [EMPTY] * 3)
    during: list[str | None] = []
    run_loop(assembly, threading.Event(), on_step=lambda tally, event: during.append(assembly.alarms.most_urgent))
    shown = [frame is not None for frame in sorter.frames]
    assert shown == [True] * 3 + [False] * 20 + [True] * 3 + [False]
    assert during[3] is None
    assert during[20] == "the camera's pictures are black, nothing is sorted: check lamp, lens and cable"
    assert during[-1] is None


def test_an_odd_frame_is_loud_and_the_bin_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    assembly, sorter, _ = make_assembly([EMPTY] * 20)
    sorter.fail_at = {5, 6, 12}
    during: list[str | None] = []
    tally = run_loop(
        assembly, threading.Event(), on_step=lambda tally, event: during.append(assembly.alarms.most_urgent)
    )
    assert sorter.steps == 21
    assert (tally.errors, sorter.given_up) == (3, 3)
    assert during[4] == "the program failed on a frame and goes on: KeyError: 'step 5'"
    assert during[6] is None
    assert caplog.text.count("Traceback") == 3


def test_a_program_that_fails_on_every_frame_leaves(caplog: pytest.LogCaptureFixture) -> None:
    assembly, sorter, _ = make_assembly([EMPTY] * 100)
    sorter.fail_at = set(range(10, 100))
    with pytest.raises(RepeatedErrorsError, match=r"5 steps in a row failed, the last with KeyError: 'step 14'"):
        run_loop(assembly, threading.Event())
    assert sorter.steps == 9 + MAX_CONSECUTIVE_ERRORS
    assert RepeatedErrorsError.exit_code == 70


def test_steps_without_a_frame_do_not_hide_that_every_frame_fails() -> None:
    assembly, sorter, _ = make_assembly([EMPTY, None] * 100)
    sorter.fail_at = set(range(1, 200, 2))
    with pytest.raises(RepeatedErrorsError):
        run_loop(assembly, threading.Event())
    assert sorter.steps == 2 * MAX_CONSECUTIVE_ERRORS - 1


def test_the_operator_reads_what_the_driver_says_of_its_camera() -> None:
    assembly, _, _ = make_assembly([EMPTY, *[None] * 30])
    with patch.object(ScriptedCamera, "failure", "cannot open /dev/video0: no such device"):
        run_loop(assembly, threading.Event(), duration_s=2.5)
    assert assembly.alarms.most_urgent == (
        "no frame for 1.5 s, nothing is sorted: check the camera's cable (cannot open /dev/video0: no such device)"
    )


def test_a_short_gap_is_not_worth_a_line(caplog: pytest.LogCaptureFixture) -> None:
    assembly, _, _ = make_assembly([EMPTY] + [None] * 12 + [EMPTY] * 3)
    run_loop(assembly, threading.Event())
    assert caplog.records == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_ask_to_stop_and_the_handlers_come_back(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with stop_on_signals() as stop:
        assert not stop.is_set()
        os.kill(os.getpid(), number)
        assert stop.wait(5)
    assert signal.getsignal(number) is before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_a_bin_started_by_nohup_or_in_the_background_outlives_the_terminal(number: signal.Signals) -> None:
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with stop_on_signals() as stop:
            signal.raise_signal(number)
            assert not stop.is_set()
            signal.raise_signal(signal.SIGTERM)
            assert stop.is_set()
        assert signal.getsignal(number) is signal.SIG_IGN
    finally:
        signal.signal(number, before)
