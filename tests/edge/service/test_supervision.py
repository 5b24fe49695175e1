"""What the service manager is told of a whole simulated bin: ready, alive, and how it goes."""

import math
import threading
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from edge.config.file import load_config
from edge.service.assembly import assemble
from edge.service.loop import RunStats, run_loop
from edge.service.notify import Notifier
from edge.service.supervision import Supervision
from edge.values import SortEvent
from hardware.clock import ManualClock
from hardware.errors import HardwareConfigError
from tests.bin.simulated import SMALL
from tests.doubles.lagging_camera import LaggingCamera

WATCHDOG_S = 10.0


class Heard(Notifier):
    """Keeps what was said, and when."""

    def __init__(self, clock: ManualClock, deaf: int = 0) -> None:
        super().__init__(None, watchdog_s=WATCHDOG_S)
        self._clock = clock
        self.messages: list[tuple[float, str]] = []
        self.deaf = deaf
        self.tally = RunStats()

    def _send(self, message: str) -> bool:
        self.messages.append((self._clock.now_s(), message))
        return message != "READY=1" or len(self.times("READY=1")) > self.deaf

    def times(self, message: str) -> list[float]:
        return [time_s for time_s, said in self.messages if said == message]

    @property
    def status_lines(self) -> list[str]:
        return [said.removeprefix("STATUS=") for _, said in self.messages if said.startswith("STATUS=")]


def run(
    tmp_path: Path,
    *overrides: str,
    seconds: float = 30.0,
    unclean: bool = False,
    deaf: int = 0,
    lag_s: Callable[[float], float] | None = None,
    stalled: Callable[[float, RunStats], bool] = lambda now_s, tally: False,
) -> Heard:
    """Serve a simulated bin for so long, supervised; with pictures that come so late, and a monitor that finds it stalled."""
    settings = [
        "simulation.speed=0",
        f"event_log.file={tmp_path}/events.sqlite",
        f"event_log.images={tmp_path}/images",
        "tray.memory=null",
        *SMALL,
        *overrides,
    ]
    clock = ManualClock()
    heard = Heard(clock, deaf)
    with assemble(load_config(Path("config.yaml"), settings), clock=clock) as assembly:
        if unclean:
            assembly.diverter.home_all()
        if lag_s is not None:
            assembly = replace(assembly, camera=LaggingCamera(assembly.camera, clock, lag_s))
        supervision = Supervision(assembly, heard, clock=clock)

        def on_step(tally: RunStats, _event: SortEvent | None) -> None:
            if stalled(clock.now_s(), tally):
                assembly.progress._undecided.is_over = True
            supervision.report_progress(tally)

        heard.tally = run_loop(assembly, threading.Event(), duration_s=seconds, on_step=on_step)
    return heard


def test_a_bin_that_sorts_is_ready_once_and_alive_all_the_time(tmp_path: Path) -> None:
    heard = run(tmp_path)
    (ready_s,) = heard.times("READY=1")
    assert ready_s < 1.0
    alive = heard.times("WATCHDOG=1")
    assert all(later - sooner < WATCHDOG_S / 2 for sooner, later in zip([0.0, *alive], [*alive, 30.0], strict=True))


def test_it_is_not_ready_before_its_flaps_are_home(tmp_path: Path) -> None:
    (ready_s,) = run(tmp_path, unclean=True).times("READY=1")
    # Four flaps go home, one after the other, once the tray is known and no hand is there.
    assert ready_s > 1.5


def test_what_the_manager_did_not_hear_is_said_again(tmp_path: Path) -> None:
    assert len(run(tmp_path, deaf=2, seconds=5.0).times("READY=1")) == 3


def test_an_unclean_start_in_the_dark_is_ready_to_wait(tmp_path: Path) -> None:
    """The flaps stay where they are until the tray is seen; no new start would light it."""
    heard = run(tmp_path, "simulation.faults=[{kind: black, at_s: 0}]", unclean=True, seconds=10.0)
    assert heard.times("READY=1")
    assert "black" in heard.status_lines[-1]


def test_flaps_that_wait_for_a_person_are_no_reason_for_a_new_start(tmp_path: Path) -> None:
    stop = ["panel.stop_button={pin: 24}", "simulation.faults=[{kind: stop_button, at_s: 0}]"]
    heard = run(tmp_path, *stop, unclean=True)
    assert heard.times("READY=1")
    assert any("stop button" in line for line in heard.status_lines)


@pytest.mark.parametrize("kind", ["frozen", "block", "unplug", "wrong_size"])
def test_without_fresh_pictures_it_says_no_more_that_it_is_alive(tmp_path: Path, kind: str) -> None:
    heard = run(tmp_path, f"simulation.faults=[{{kind: {kind}, at_s: 12}}]")
    # The watchdog's ten seconds begin within the first one.
    assert 9.0 < heard.times("WATCHDOG=1")[-1] < 13.0
    assert any(line.startswith("ATTENTION: ") for line in heard.status_lines)


def test_it_lives_again_with_the_first_fresh_picture(tmp_path: Path) -> None:
    heard = run(tmp_path, "simulation.faults=[{kind: frozen, at_s: 12, for_s: 6}]")
    assert any(18.0 <= time_s < 18.5 for time_s in heard.times("WATCHDOG=1"))


def test_in_the_dark_it_lives_on(tmp_path: Path) -> None:
    """No new start lights the lamp: at night a bin would be started every ten seconds."""
    heard = run(tmp_path, "simulation.faults=[{kind: black, at_s: 12}]")
    assert heard.times("WATCHDOG=1")[-1] > 27.0


def test_the_status_line_tells_items_and_what_a_person_must_see_to(tmp_path: Path) -> None:
    heard = run(tmp_path, "simulation.faults=[{kind: frozen, at_s: 20}]", unclean=True)
    lines = heard.status_lines
    assert lines[0] == "starting; tray: learning the empty tray; 0 items sorted"
    assert any(line.endswith(" items sorted") and not line.endswith(" 0 items sorted") for line in lines)
    assert "the camera repeats one picture" in lines[-1]
    times = [time_s for time_s, said in heard.messages if said.startswith("STATUS=")]
    assert all(later - sooner >= 2.0 for sooner, later in pairwise(times))


def test_a_fault_that_nobody_knows_is_an_error_at_start(tmp_path: Path) -> None:
    with pytest.raises(HardwareConfigError, match="gremlins"):
        run(tmp_path, "simulation.faults=[{kind: gremlins, at_s: 1}]")


# --- pictures that are always late, and stalls ------------------------------------------------------------------------


def wandering_lag_s(now_s: float) -> float:
    """Between 0.6 and 0.95 s."""
    return 0.775 + 0.175 * math.sin(now_s)


EXTENSION = "EXTEND_TIMEOUT_USEC=30000000"


def test_pictures_that_are_always_late_are_told_and_no_bin_is_ready_with_them(tmp_path: Path) -> None:
    heard = run(tmp_path, "simulation.items=6", lag_s=wandering_lag_s, seconds=60.0)
    assert heard.tally.items == 0
    assert heard.times("READY=1") == []
    late_s, *_ = [time_s for time_s, said in heard.messages if said.startswith("STATUS=ATTENTION: pictures are 0.")]
    assert late_s < 5.0
    told = [said for time_s, said in heard.messages if said.startswith("STATUS=") and time_s >= late_s]
    assert all("the most is camera.max_frame_age_s 0.5; set it to 1, or take" in line for line in told)
    asked = heard.times(EXTENSION)
    assert asked[0] < 10.0
    assert all(later - sooner < 30.0 for sooner, later in pairwise([*asked, 60.0])), (
        "no new start would make them younger"
    )


def test_a_bin_that_allows_for_the_lag_works(tmp_path: Path) -> None:
    heard = run(tmp_path, "simulation.items=6", "camera.max_frame_age_s=1.0", lag_s=wandering_lag_s, seconds=120.0)
    assert heard.times("READY=1")
    assert heard.tally.items == 6
    assert not any("ATTENTION" in line for line in heard.status_lines)
    assert all(later - sooner < WATCHDOG_S / 2 for sooner, later in pairwise(heard.times("WATCHDOG=1")))


def test_pictures_that_get_late_after_the_bin_has_sorted_are_worth_one_new_start(tmp_path: Path) -> None:
    heard = run(tmp_path, lag_s=lambda now_s: 0.0 if now_s < 20.0 else 0.8, seconds=45.0)
    assert heard.tally.items > 0
    assert heard.times("READY=1")
    assert 18.0 < heard.times("WATCHDOG=1")[-1] < 24.0


def test_a_stall_is_worth_a_new_start_only_where_something_was_sorted_before(tmp_path: Path) -> None:
    (tmp_path / "sorted").mkdir()
    (tmp_path / "never").mkdir()
    after = run(tmp_path / "sorted", stalled=lambda now_s, tally: tally.items > 0 and now_s > 10.0)
    assert 5.0 < after.times("WATCHDOG=1")[-1] < 12.5
    never = run(
        tmp_path / "never",
        "simulation.faults=[{kind: lid, at_s: 0}]",
        "panel.lid={pin: 22}",
        stalled=lambda now_s, tally: now_s > 10.0,
    )
    assert never.tally.items == 0
    assert never.times("WATCHDOG=1")[-1] > 27.0, "the new start has been tried, or would not help"


def test_a_stall_from_the_start_holds_back_ready_and_asks_for_time(tmp_path: Path) -> None:
    heard = run(
        tmp_path,
        "simulation.faults=[{kind: lid, at_s: 0}]",
        "panel.lid={pin: 22}",
        stalled=lambda now_s, tally: True,
        seconds=20.0,
    )
    assert len(heard.times("READY=1")) == 0
    assert heard.times(EXTENSION)


def test_a_bin_at_fault_is_unwell_to_the_manager_until_it_is_well_again(tmp_path: Path) -> None:
    heard = run(tmp_path, "simulation.faults=[{kind: black, at_s: 10, for_s: 8}]", seconds=40.0)
    assert [said for _, said in heard.messages if said.startswith("ERRNO=")] == ["ERRNO=5", "ERRNO=0"]
    assert not [said for _, said in run(tmp_path, seconds=5.0).messages if said.startswith("ERRNO=")]
