"""Steps: faults of the bin while the service runs."""

import time

from tests.service.install_target import InstallTarget
from tests.service.service import Service, expect

DETECTED_S = 2.0
"""Seconds within which a frozen camera must be reported."""

RESTARTED_S = 15.0
"""Seconds within which systemd must restart a service that does not advance: WatchdogSec, TimeoutAbortSec, and a margin."""

FREEZE_AT_S = 15.0
"""Seconds after the start of the simulated world at which the camera freezes: a few items are sorted by then."""

LAST_DECISION_S = 0.6
"""Seconds after a fault in which frames from before it may still be decided: camera.max_frame_age_s, and a margin."""

WORLD = "this is the SIMULATED bin"
NO_FAULTS = "  faults: [] "


def config_error(target: InstallTarget) -> str:
    """An invalid configuration: exit code 78, the key is named, and systemd does not restart."""
    service = target.service
    before = service.configure("  fps: 15 ", "  fps: 1500 ")
    begun_s = time.monotonic()
    try:
        code, _ = target.machine.attempt("systemctl restart sorter")
        expect(code != 0, "systemctl restart succeeds with an invalid configuration")
        time.sleep(3)
        state, result = service.show("ActiveState"), service.show("ExecMainStatus")
        expect((state, result) == ("failed", "78"), f"state {state}, exit code {result}; expected failed, 78")
        starts = [line for line in service.journal(begun_s) if line.text.startswith("Starting sorter.service")]
        expect(
            len(starts) == 1, f"started {len(starts)} times; expected once: a restart cannot correct a configuration"
        )
        message = next((line.text for line in service.journal(begun_s) if "camera.fps" in line.text), None)
        expect(message, "the journal does not name the key camera.fps")
    finally:
        service.config = before
    service.restart()
    return str(message)


def frozen_camera(target: InstallTarget, kind: str) -> str:
    """The camera freezes: it is reported, no flap moves, the watchdog restarts the service, and it sorts again."""
    service = target.service
    before = service.configure(NO_FAULTS, f"  faults: [{{kind: {kind}, at_s: {FREEZE_AT_S}}}] ")
    try:
        begun_s = service.restart()
        session = service.session["id"]
        frozen_s = service.wait_for_line(WORLD, since_s=begun_s, timeout_s=10).time_s + FREEZE_AT_S
        service.wait_for_item(session=session)
        alarm = service.wait_for_line("alarm:", since_s=frozen_s, timeout_s=FREEZE_AT_S + 10)
        detected_s = alarm.time_s - frozen_s
        kind_of_alarm = alarm.fields.get("EXTRA_ALARM")
        expect(kind_of_alarm == "camera", f"reported as {kind_of_alarm}: {alarm.text}")
        expect(
            detected_s <= DETECTED_S, f"reported {detected_s:.2f} s after it froze; expected within {DETECTED_S:g} s"
        )
        restarted_s, ready_s = (moment_s - frozen_s for moment_s in _watchdog_restart(service, frozen_s))
        expect(
            restarted_s <= RESTARTED_S,
            f"restarted {restarted_s:.1f} s after it froze; expected within {RESTARTED_S:g} s",
        )
        late = _decided(service, session, frozen_s + LAST_DECISION_S)
        expect(not late, f"{len(late)} flap commands after the camera froze, the first {late[:1]}")
        item = service.wait_for_item(session=session + 1)
    finally:
        service.config = before
    service.restart()
    return (
        f"reported after {detected_s:.2f} s, no flap command, restarted after {restarted_s:.1f} s, "
        f"ready after {ready_s:.1f} s, then {item['label']} to {item['bin']}"
    )


def hung_program(target: InstallTarget) -> str:
    """The program hangs (SIGSTOP): the watchdog ends it, the flaps go home, and the next start sorts."""
    service = target.service
    service.wait_for_item()
    session, before = service.session["id"], service.pid
    stopped_s = time.monotonic()
    target.machine.run(f"kill -STOP {before}")
    restarted_s, ready_s = (moment_s - stopped_s for moment_s in _watchdog_restart(service, stopped_s))
    expect(
        restarted_s <= RESTARTED_S,
        f"restarted {restarted_s:.1f} s after it hung; expected within {RESTARTED_S:g} s",
    )
    # systemd also sends SIGCONT: a program that can continue brings the flaps home itself, any other is killed.
    home = service.query(f"SELECT * FROM session WHERE id = {session}")[0]["ended_wall_s"] > 0
    if not home:
        service.wait_for_line("did not end properly", since_s=stopped_s, timeout_s=5)
    service.wait_for_item(session=session + 1)
    when = "before it ended" if home else "after the new start"
    return f"restarted after {restarted_s:.1f} s, ready after {ready_s:.1f} s, flaps home {when}"


def sigterm(target: InstallTarget) -> str:
    """A stop while a flap is open: the flap goes home first, and the next start finds a clean end."""
    service = target.service
    service.wait_for_item()
    under_way = "SELECT * FROM event WHERE outcome = 'decided'"
    flap = target.machine.wait_for("an open flap", lambda: service.query(under_way), timeout_s=30)
    time.sleep(0.5)  # until the flap is on its way, or open
    begun_s = time.monotonic()
    target.machine.run("systemctl stop sorter")
    stopped_s = time.monotonic() - begun_s
    state, code = service.show("Result"), service.show("ExecMainStatus")
    expect((state, code) == ("success", "0"), f"it ended with {state}, {code}; expected success, 0")
    expect(service.session["ended_wall_s"], "the log does not show that the flaps were home when it ended")
    begun_s = service.restart()
    expect(
        not [line for line in service.journal(begun_s) if "did not end properly" in line.text],
        "the next start reports an unclean stop",
    )
    return f"stopped {stopped_s:.1f} s after the command, the flap of {flap[0]['bin']} home"


def kill(target: InstallTarget) -> str:
    """kill -9 while a flap is open: the next start brings it home before it accepts an item."""
    service = target.service
    service.wait_for_item()
    session = service.session["id"]
    # The next simulated world starts with the flap open, as the last one ended.
    before = service.configure("  start_open: [] ", "  start_open: [glass] ")
    try:
        killed_s = time.monotonic()
        target.machine.run("systemctl kill --signal KILL sorter")
        warned = service.wait_for_line("did not end properly", since_s=killed_s, timeout_s=20)
        item = service.wait_for_item(session=session + 1)
    finally:
        service.config = before
    lost = service.query(f"SELECT * FROM event WHERE session = {session} AND outcome = 'decided'")
    expect(not lost, f"events of the killed session are still open: {lost}")
    integrity = service.query("PRAGMA integrity_check")[0]
    expect(integrity == {"integrity_check": "ok"}, f"the event log is damaged: {integrity}")
    return f"restarted after {warned.time_s - killed_s:.1f} s, open flap brought home, then {item['label']} to {item['bin']}"


def _watchdog_restart(service: Service, since_s: float) -> tuple[float, float]:
    """Times at which the watchdog has the service restarted, and at which it is ready; seconds of the monotonic clock."""
    timeout = service.wait_for_line("Watchdog timeout", since_s=since_s, timeout_s=30)
    restarted = service.wait_for_line("Starting sorter.service", since_s=timeout.time_s, timeout_s=30)
    return restarted.time_s, service.wait_for_line(
        "Started sorter.service", since_s=restarted.time_s, timeout_s=60
    ).time_s


def _decided(service: Service, session: int, since_s: float) -> list[dict[str, object]]:
    """Events of a session since a time. Each is written before its flap moves."""
    wall_s = time.time() - time.monotonic() + since_s
    return service.query(f"SELECT * FROM event WHERE session = {session} AND wall_s > {wall_s}")
