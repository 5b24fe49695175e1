"""SIGTERM in every state of the bin: flaps home and let go, the session ended, the next start a clean one."""

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.actuation.phase import DiverterState
from edge.service.assembly import Assembly, assemble
from edge.service.loop import RunStats, run_loop, stop_on_signals
from edge.sight.presence import PresenceState
from edge.values import SortEvent
from hardware.drives.relay.driver import RelayFlap
from hardware.drives.servo.driver import ServoFlap
from hardware.errors import FlapError
from tests.bin.simulated import sim_config

SMALL = ("camera.width=160", "camera.height=120", "decision.views=2")


def in_presence(state: PresenceState) -> Callable[[Assembly], bool]:
    return lambda assembly: assembly.sorter.tray.state is state


def in_diverter(state: DiverterState) -> Callable[[Assembly], bool]:
    return lambda assembly: assembly.diverter.state is state


def is_held(assembly: Assembly) -> bool:
    """Puts a hand in as soon as a flap sets off, and waits for the flap to be let go."""
    if assembly.diverter.state is DiverterState.OPEN:
        assembly.sorter.flaps.interlock.observe(True, assembly.clock.now_s())
    return assembly.diverter.inhibited


STATES: dict[str, Callable[[Assembly], bool]] = {
    "learning": in_presence(PresenceState.LEARNING),
    "empty": in_presence(PresenceState.EMPTY),
    "moving": in_presence(PresenceState.MOVING),
    "resting": in_presence(PresenceState.AT_REST),
    "deciding": lambda assembly: bool(assembly.sorter._vote._predictions),
    "open": in_diverter(DiverterState.OPEN),
    "closing": in_diverter(DiverterState.CLOSING),
    "held": is_held,
    "fault": in_diverter(DiverterState.FAULT),
}


@pytest.mark.parametrize("state", STATES)
def test_sigterm(state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if state == "fault":
        for driver in (ServoFlap, RelayFlap):
            monkeypatch.setattr(driver, "open", _fail)
    config = sim_config(tmp_path, *SMALL)
    with stop_on_signals() as stop, assemble(config) as assembly:
        reached: list[bool] = []

        def terminate(_: RunStats, event: SortEvent | None) -> None:
            if not reached and STATES[state](assembly):
                reached.append(True)
                os.kill(os.getpid(), signal.SIGTERM)

        run_loop(assembly, stop, duration_s=30.0, on_step=terminate)
        assert reached, "the state never came up"
        assert stop.is_set()
        world, clock = assembly.simulation, assembly.clock
    assert world is not None
    clock.wait(threading.Event(), 1.0)
    world.advance()
    assert all(flap.is_home and not flap.is_driven for flap in world.flaps.values())
    with assemble(config) as assembly:
        assert not assembly.unclean_stop
        assert "decided" not in {event["outcome"] for event in assembly.events.events()}


def _fail(flap: object) -> None:
    raise FlapError("the pin cannot be driven")


def test_a_stop_that_cannot_be_recorded_is_logged_and_homes_at_the_next_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    config = sim_config(tmp_path, *SMALL)
    with assemble(config) as assembly:
        assembly.events._db.execute("PRAGMA query_only = 1")
    assert "this stop cannot be recorded, the next start will home every flap" in caplog.text
    with assemble(config) as assembly:
        assert assembly.unclean_stop


def test_homing_after_an_unclean_stop_waits_until_the_tray_is_known(tmp_path: Path) -> None:
    """Before that nobody knows whether a hand is in the way."""
    config = sim_config(tmp_path, *SMALL, "simulation.start_open=[glass]", "tray.learn_s=1")
    with assemble(config) as assembly:
        assembly.events._db.execute("PRAGMA query_only = 1")
    with assemble(config) as assembly:
        assert assembly.unclean_stop
        assert assembly.diverter.state is DiverterState.HOME
        for _ in range(20):
            assembly.clock.wait(threading.Event(), 0.1)
            assembly.sorter.step(None)
        assert assembly.diverter.active_bin is None, "nothing was seen, nothing moves"
        run_loop(assembly, threading.Event(), duration_s=0.9)
        assert assembly.diverter.active_bin is None, "the tray is not learnt yet"
        run_loop(assembly, threading.Event(), duration_s=3.2)
        assert assembly.diverter.ready
        assert all(flap.is_home for flap in assembly.simulation.flaps.values())
