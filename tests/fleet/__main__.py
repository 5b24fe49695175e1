"""``python -m tests.fleet``: many bins at Debian's mosquitto, and what goes wrong meanwhile; prints what was counted and taken.

A few bins have an event log and ``sorter link`` as a process, which is killed now and then, and whose figures Debian's Prometheus
fetches. The others are light: the link's uplink, queue and connection, many in a process. The broker is restarted, networks are
cut, a tenth of the bins sends old events again, a fifth has a wrong clock, and what comes is handed on out of order. In the end
what came must be what the logs have. Exit code 1: it is not.
"""

import argparse
import json
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

from edge.records.event_reader import open_events
from edge.records.event_schema import EventRow
from tests.builders.configuration import write_config
from tests.builders.mosquitto import PROGRAM, Mosquitto
from tests.fleet import prometheus_server
from tests.fleet.broker_load import measure_broker
from tests.fleet.crowd import CrowdResult, CrowdTask, bin_name
from tests.fleet.event_stream import bin_stream
from tests.fleet.linked_bin import LinkedBin
from tests.fleet.process_usage import usage_of
from tests.fleet.prometheus_server import PrometheusServer
from tests.fleet.subscriber import Subscriber
from tests.processes import run_sorter, until

SETTLED_S = 10.0
"""Silence after which nothing more comes, in seconds."""

FIGURES_S = 90.0
"""Longest time until the figures are those of the logs: a link looks every fifteen seconds, Prometheus asks every five."""

BROKER_AWAY_S = 3.0
"""How long the broker is away at a restart, in seconds."""

RUN_ITEMS = 60
"""Items of the run whose events all bins tell."""

BROKER_LINES = ("max_queued_messages 0", "max_inflight_messages 200")
"""Without a limit of what waits for whoever counts: mosquitto's usual 1000 would drop what it has acknowledged."""


def main() -> int:
    """Play the fleet, or measure the broker."""
    parser = argparse.ArgumentParser(prog="python -m tests.fleet", description=__doc__)
    parser.add_argument("--bins", type=int, default=2000, help="number of bins (default: 2000)")
    parser.add_argument("--processes", type=int, default=20, help="those of them with a process (default: 20)")
    parser.add_argument("--events", type=int, default=1_000_000, help="events of all light bins (default: 1000000)")
    parser.add_argument(
        "--over", type=float, default=600.0, help="time over which they come, in seconds (default: 600)"
    )
    parser.add_argument("--restarts", type=int, default=5, help="restarts of the broker (default: 5)")
    parser.add_argument(
        "--cut", type=float, default=120.0, help="mean time between two cuts of a bin's network (default: 120)"
    )
    parser.add_argument(
        "--timeout", type=float, default=3600.0, help="longest time of it all, in seconds (default: 3600)"
    )
    parser.add_argument("--broker", type=int, metavar="CLIENTS", help="only measure the broker with so many clients")
    options = parser.parse_args()
    if PROGRAM is None:
        print("mosquitto is not here: sudo apt-get install mosquitto", file=sys.stderr)
        return 1
    # What ends this ends all that it has started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="fleet-") as folder:
        if options.broker is not None:
            return measure_broker(Path(folder), options.broker)
        return play(options, Path(folder))


def play(options: argparse.Namespace, folder: Path) -> int:
    """Play the fleet."""
    run_log, rows = recorded_run(folder)
    began_s = time.monotonic()
    chance = random.Random(0)
    each = options.events // (options.bins - options.processes)
    with ExitStack() as stack:
        broker = stack.enter_context(Mosquitto(folder, *BROKER_LINES, remembers=True))
        subscriber = Subscriber(broker)
        stack.callback(subscriber.close)
        linked = [
            LinkedBin(f"linked-{n}", folder / f"linked-{n}", rows, port=broker.port, metrics_port=free_port())
            for n in range(options.processes)
        ]
        for one in linked:
            stack.callback(one.close)
            one.sort(each // 5)
            one.start()
        prometheus = None
        if prometheus_server.PROGRAM is not None and linked:
            prometheus = PrometheusServer(folder, free_port(), {one.name: one.metrics_port for one in linked})
            stack.callback(prometheus.close)
        crowds = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.fleet.crowd", task.to_argument()], stdout=subprocess.PIPE, text=True
            )
            for task in crowd_tasks(options, broker.port, run_log, each)
        ]
        for crowd in crowds:
            stack.callback(crowd.kill)
        used, most_mb = 0.0, 0.0
        restarts = [options.over * (n + 1) / (options.restarts + 1) for n in range(options.restarts)]
        sorted_ = each // 5
        while any(crowd.poll() is None for crowd in crowds) or not all(one.is_through for one in linked):
            time.sleep(1)
            gone_s = time.monotonic() - began_s
            if gone_s > options.timeout:
                print(f"not done after {gone_s:.0f} s; {subscriber.ledger.items} items have come", file=sys.stderr)
                return 1
            due = min(int(each * (0.2 + 0.8 * gone_s / options.over)), each)
            for one in linked:
                one.sort(due - sorted_)
            sorted_ = due
            if linked and chance.random() < 0.3 and gone_s < options.over:
                chance.choice(linked).kill()
            now = usage_of(broker.pid)
            most_mb = max(most_mb, now.rss_mb)
            if restarts and gone_s >= restarts[0]:
                restarts.pop(0)
                used += now.cpu_s
                broker.shut_down()
                time.sleep(BROKER_AWAY_S)
                broker.start()
                print(f"{gone_s:.0f} s: broker restarted, {subscriber.ledger.items} items have come", flush=True)
        while time.monotonic() - subscriber.last_s < SETTLED_S:
            time.sleep(1)
        results = [CrowdResult(**json.loads(crowd.communicate()[0])) for crowd in crowds]
        took_s = time.monotonic() - began_s
        expected = {one.name: one.kinds() for one in linked}
        expected |= {bin_name(n): bin_stream(rows, n).kinds(each) for n in range(options.bins - options.processes)}
        ledger = subscriber.settled()
        differences = ledger.differences(expected)
        used += usage_of(broker.pid).cpu_s
        links = [usage_of(one.pid) for one in linked]
        print(f"bins                     {options.bins}, {len(linked)} of them as processes")
        print(f"items in the logs        {sum(kinds.total() for kinds in expected.values())}")
        print(f"items that came          {ledger.items}, in {took_s:.0f} s")
        print(f"came more than once      {ledger.twice}; out of order: {ledger.late}")
        print(f"bytes an item            {ledger.bytes / max(ledger.messages, 1):.0f} of JSON")
        print(f"broker restarted         {options.restarts} times")
        print(
            f"networks cut             {sum(one.cuts for one in results)}, bins killed {sum(one.kills for one in results)}"
        )
        print(f"links killed             {sum(one.kills for one in linked)}")
        print(f"broker                   {most_mb:.0f} MiB at most, {used:.0f} s of a core")
        if links:
            print(f"a link                   {max(one.rss_mb for one in links):.1f} MiB at most")
        if prometheus is not None:
            in_logs = sum(expected[one.name].total() for one in linked)
            until(lambda: prometheus.value("sum(sorter_items_total)") == in_logs, FIGURES_S)
            in_figures = prometheus.value("sum(sorter_items_total)")
            print(f"Prometheus               {in_figures} items of the {in_logs} in the logs of the processes")
            if in_figures != in_logs:
                differences.append(f"Prometheus has {in_figures} items; the logs {in_logs}")
        for one in differences[:20]:
            print(f"DIFFERS  {one}")
        print("equal" if not differences else f"{len(differences)} bins differ")
    return 1 if differences else 0


def recorded_run(folder: Path) -> tuple[Path, list[EventRow]]:
    """The event log of a run of the simulated bin, and what is in it."""
    log = folder / "run" / "events.sqlite"
    config = write_config(
        folder / "run" / "config.yaml", {"event_log": {"file": str(log), "images": str(folder / "run" / "images")}}
    )
    done = run_sorter("run", "--config", config, "--items", str(RUN_ITEMS), timeout_s=600)
    if done.code:
        raise RuntimeError(f"the simulated bin failed: {done.err[-1000:]}")
    with open_events(log) as events:
        return log, list(events.events())


def crowd_tasks(options: argparse.Namespace, port: int, log: Path, count: int) -> list[CrowdTask]:
    """The light bins, shared among two processes."""
    light = options.bins - options.processes
    bounds = (0, light // 2, light)
    return [
        CrowdTask(port, str(log), (first, after), count, options.over, options.cut)
        for first, after in pairwise(bounds)
        if after > first
    ]


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
