"""Steps: the link's service beside the sorter's: figures, and a broker on this machine that goes and comes back."""

import json
import tempfile
import urllib.request
from pathlib import Path

from tests.builders.mosquitto import PROGRAM, BrokerAudience, Mosquitto
from tests.service.install_target import InstallTarget
from tests.service.service import expect

UNIT = "sorter-link"
METRICS_PORT = 9105
"""The one that the unit may listen on."""

NAME = "bin-under-test"

READY_S = 60.0
"""Seconds within which the link is there after it was started: it reads its configuration beside a bin that sorts."""

MOST_MB = 40
"""Memory of the link, in MB (proportional set size of its process)."""


def figures(target: InstallTarget) -> str:
    """Without a word in the configuration it has ended well; with a port it serves figures, as the bin's user."""
    machine = target.machine
    state = machine.run(f"systemctl show {UNIT} --value --property Result,ActiveState").split()
    expect(set(state) == {"success", "inactive"}, f"{UNIT} is {state} while nothing is configured")
    target.service.configure("  metrics_port: null ", f"  metrics_port: {METRICS_PORT} ")
    machine.run(f"systemctl restart {UNIT}")
    machine.wait_for("the figures say that the bin is up", lambda: "\nsorter_up 1\n" in _figures(), timeout_s=READY_S)
    owner = machine.run(f"stat -c %U /proc/{target.pid(UNIT)}").strip()
    expect(owner == "sorter", f"the link runs as {owner}; expected sorter")
    memory_mb = target.memory_mb(UNIT)
    expect(memory_mb <= MOST_MB, f"the link takes {memory_mb} MB; expected at most {MOST_MB}")
    return f"{len(_figures().encode())} bytes of figures; as sorter, {memory_mb} MB"


def lost_broker(target: InstallTarget) -> str:
    """The broker goes, and the link is killed: every item is told all the same."""
    if PROGRAM is None:
        return "not checked: mosquitto is not on this machine"
    machine, service = target.machine, target.service
    with tempfile.TemporaryDirectory() as folder, Mosquitto(Path(folder)) as broker, BrokerAudience(broker) as audience:
        before = service.configure("\n  host: null   ", "\n  host: 127.0.0.1 ")
        service.configure("\n  port: null   ", f"\n  port: {broker.port} ")
        service.configure("\n  name: null   ", f"\n  name: {NAME} ")
        try:
            machine.run(f"systemctl restart {UNIT}")
            machine.wait_for("a first item is told", lambda: _told(audience), timeout_s=READY_S)
            broker.stop()
            machine.run(f"kill -KILL {target.pid(UNIT)}")
            there = _number(target)
            machine.wait_for("two items are sorted meanwhile", lambda: _number(target) >= there + 2, timeout_s=60)
            broker.start()
            audience.wait_until_ready()
            last = _number(target)
            # What the broker takes over before whoever listens is back is not heard: the position tells.
            machine.wait_for("the last of them is told", lambda: _position(target) >= last, timeout_s=READY_S)
        finally:
            service.config = before
            machine.run(f"systemctl restart {UNIT}")
    return f"{len(_told(audience))} items told, up to number {last}"


def _figures() -> str:
    """What it serves; empty if nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{METRICS_PORT}/metrics", timeout=5) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""


def _told(audience: BrokerAudience) -> set[int]:
    """Numbers of the items that were heard of."""
    return {json.loads(one)["number"] for one in audience.of(f"sorter/{NAME}/event")}


def _position(target: InstallTarget) -> int:
    """Number of the last item that the broker has acknowledged, as it was written down; 0: nothing was yet."""
    file = target.machine.root / "var/lib/sorter/link/position.json"
    return int(json.loads(file.read_text())["number"]) if file.exists() else 0


def _number(target: InstallTarget) -> int:
    """Of the newest item whose outcome is known."""
    query = (
        "SELECT max(number) AS number FROM event WHERE outcome = 'done' AND session = (SELECT max(session) FROM event)"
    )
    return int(target.service.query(query)[0]["number"] or 0)
