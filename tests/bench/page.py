"""What the page costs, itself and the loop: a simulated bin sorts while nobody, four viewers, or attackers are there.

Run it with ``python -m tests.bench.page``. Turns of one run are compared with each other, so that a busy machine slows all alike.
CPU time is the processes' own. Memory has no allocator's settings but those of the service.
"""

import argparse
import http.client
import json
import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.bench.bin_socket import cpu_by_thread, rss_mb
from tests.page.crowd import crowd
from tests.page.session import log_in
from tests.page.simulated_bin import BinWithPage, simulated_bin

VIEWERS, ATTACKERS = 4, 200

SERVICE = {"MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_TRIM_THRESHOLD_": "131072"}
"""Settings of sorter-page.service that memory depends on."""

STARTS = 5


def start_s(one: BinWithPage) -> float:
    """Time from the start of the page's process until it answers, in seconds: the best of a few."""
    times = []
    for _ in range(STARTS):
        begin_s = time.perf_counter()
        one.start_page()
        with closing(http.client.HTTPConnection(f"localhost:{one.port}", timeout=60)) as connection:
            connection.request("GET", "/log-in")
            connection.getresponse().read()
        times.append(time.perf_counter() - begin_s)
        one.stop_page()
    return min(times)


@contextmanager
def service_environment() -> Iterator[None]:
    """The settings of the service, for what is started in it."""
    before = {name: os.environ.get(name) for name in SERVICE}
    os.environ.update(SERVICE)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def measure(folder: Path, *, rounds: int, turn_s: float) -> Iterator[dict[str, object]]:
    """What was found, a line each."""
    with simulated_bin(folder, speed=1) as one:
        one.sort(2)
        with service_environment():
            yield {"page": "start", "s": round(start_s(one), 2)}
            one.start_loop()
            address = one.start_page()
        time.sleep(turn_s)
        yield {"page": "at rest, nobody was there", "rss_mb": round(rss_mb(one.page_pid), 1)}
        session = folder / "cookies.json"
        log_in(address, session)
        spans: list[tuple[str, float, float]] = []
        totals: dict[str, dict[str, list[float]]] = {}
        kinds = {"nobody": (0, 0), "viewers": (0, VIEWERS), "attackers": (ATTACKERS, 0)}
        for _ in range(rounds):
            for kind, (slow, viewers) in kinds.items():
                with crowd(one.port, session, slow=slow, viewers=viewers):
                    time.sleep(2.0)
                    pids = {"page": one.page_pid, "loop": one.loop_pid}
                    begin_s = time.time()
                    before = {name: sum(cpu_by_thread(pid).values()) for name, pid in pids.items()}
                    time.sleep(turn_s)
                    end_s = time.time()
                    total = totals.setdefault(kind, {"page": [], "loop": [], "page_mb": [], "loop_mb": []})
                    for name, pid in pids.items():
                        spent_s = sum(cpu_by_thread(pid).values()) - before[name]
                        total[name].append(spent_s / (end_s - begin_s))
                        total[f"{name}_mb"].append(rss_mb(pid))
                    spans.append((kind, begin_s, end_s))
        with closing(sqlite3.connect(f"{one.event_log.as_uri()}?mode=ro", uri=True)) as database:
            events = database.execute("SELECT wall_s, rest_to_decision_s FROM event").fetchall()
    for kind, total in totals.items():
        times = sorted(
            took for wall_s, took in events if any(name == kind and a <= wall_s <= b for name, a, b in spans)
        )
        yield {
            "there": kind,
            "page_cores": round(sum(total["page"]) / rounds, 4),
            "loop_cores": round(sum(total["loop"]) / rounds, 4),
            "page_mb": round(max(total["page_mb"]), 1),
            "loop_mb": round(max(total["loop_mb"]), 1),
            "items": len(times),
            "median_s": round(times[len(times) // 2], 3) if times else None,
            "p95_s": round(times[int(0.95 * (len(times) - 1))], 3) if times else None,
        }


def main() -> None:
    """Measure, and print a line of JSON for each figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--turn", type=float, default=20.0, help="seconds")
    arguments = parser.parse_args()
    print(json.dumps({"load": os.getloadavg()[0], "cores": os.cpu_count()}), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for line in measure(Path(folder), rounds=arguments.rounds, turn_s=arguments.turn):
            print(json.dumps(line), flush=True)
    print(json.dumps({"load": os.getloadavg()[0]}), flush=True)


if __name__ == "__main__":
    main()
