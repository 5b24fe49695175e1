"""Times the event log with ten million events: ``make bench-events`` prints a table.

The log is made by SQL in a minute or two, as an older release would have left it: without totals. Then the commands run as a
person types them, each in a process of its own, and its peak memory is what the kernel says of it.
"""

import argparse
import json
import os
import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

from edge.config.default import find_config
from edge.records.event_database import connect, make_schema
from edge.records.event_kinds import list_events
from edge.records.event_log import EventLog
from edge.records.event_reader import open_events
from edge.records.event_search import EventFilter, search
from edge.records.feature_table import feature_id
from edge.records.housekeeping import DAY_S
from edge.records.retention import purge
from edge.records.totals import count_events
from tests.builders.values import make_event

PER_SESSION = 20_000
"""Events of one session: three weeks of a busy bin."""

PER_DAY = 1000

PURGES = 150
"""Steps of deleting that are timed."""

MAKE_EVENTS = """
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :events)
INSERT INTO event (session, number, time_s, wall_s, wall_synced, label, confidence, probabilities, bin, reason, views,
    agreement, rest_to_decision_s, latency_ms, image, outcome, score, things, joined, fell)
SELECT 1 + i / :per_session, 1 + i % :per_session, 86.4 * i, :now_s - 86400.0 * (:events - i) / :per_day, 1,
    rtrim(substr('glass    metal    paper    plastic  cardboardtrash    ', 1 + 9 * (i % 6), 9)), 0.9,
    '{"cardboard": 0.01, "glass": 0.93, "metal": 0.01, "paper": 0.02, "plastic": 0.02, "trash": 0.01}',
    rtrim(substr('glass    packagingpaper    packagingpaper    residual ', 1 + 9 * (i % 6), 9)),
    CASE WHEN i % 5000 = 0 THEN 'hazard' WHEN i % 7 = 0 THEN 'unsure' ELSE 'confident' END, 4,
    1.0, 0.43, 2.5, printf('s%08d-%06d.jpg', 1 + i / :per_session, 1 + i % :per_session),
    CASE WHEN i % 50 THEN 'done' ELSE 'stuck' END, -1.5, 1, 0, 1
FROM n
"""


def make_log(path: Path, events: int) -> None:
    """A log of so many events up to now, as a release without totals leaves it."""
    with closing(connect(path)) as database:
        make_schema(database)
        database.execute("PRAGMA synchronous = OFF")
        database.execute("BEGIN")
        values = {"events": events, "per_session": PER_SESSION, "per_day": PER_DAY, "now_s": time.time()}
        database.execute(MAKE_EVENTS, values)
        database.execute(
            "INSERT INTO session SELECT session, min(wall_s), max(wall_s), 'm' FROM event GROUP BY session ORDER BY session"
        )
        database.execute("COMMIT")
        database.executescript("DROP TABLE total; DROP TABLE progress;")


def measure(arguments: Sequence[str]) -> tuple[float, float, int]:
    """Seconds, peak megabytes and bytes of output of a command of ours."""
    out, into = os.pipe()
    begin_s = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "edge", *arguments], stdout=into)
    os.close(into)
    size = 0
    with os.fdopen(out, "rb") as pipe:
        while part := pipe.read(1 << 16):
            size += len(part)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, arguments
    return time.monotonic() - begin_s, used.ru_maxrss / 1024, size


def row(name: str, seconds: float, memory_mb: float, note: str = "") -> None:
    print(f"| {name} | {seconds:.2f} s | {memory_mb:.0f} MB | {note} |", flush=True)


def commands(config: Path, path: Path, chosen: Sequence[Sequence[str]], note: str) -> None:
    for arguments in chosen:
        seconds, memory_mb, size = measure(
            ["events", "--config", str(config), "--set", f"event_log.file={path}", *arguments]
        )
        row(
            f"`sorter events {' '.join(arguments)}`".replace(" `", "`"),
            seconds,
            memory_mb,
            f"{note}{size / 1e6:.1f} MB of output",
        )


def upgrade(path: Path) -> None:
    """The first starts of this release: opened, its session begun, and the events counted step by step."""
    begin_s = time.monotonic()
    with EventLog(path) as log:
        log.start_session(wall_s=time.time(), model="m")
        started_s = time.monotonic() - begin_s
        row("first start: log opened, session begun", started_s, peak_mb())
        log._db.execute("PRAGMA synchronous = FULL")
        steps = []
        while True:
            begin_s = time.monotonic()
            counted = log.transact(count_events)
            steps.append(time.monotonic() - begin_s)
            if not counted:
                break
        row("counting: all steps", sum(steps), peak_mb(), f"{len(steps)} steps, {spread(steps)}")
        search_all(path, "not listed yet")
        steps = []
        while True:
            begin_s = time.monotonic()
            listed = log.transact(list_events)
            steps.append(time.monotonic() - begin_s)
            if not listed:
                break
        row("listing by kind: all steps", sum(steps), peak_mb(), f"{len(steps)} steps, {spread(steps)}")
        search_all(path, "listed")
        log.end_session(wall_s=time.time())
    begin_s = time.monotonic()
    with EventLog(path) as log:
        log.start_session(wall_s=time.time(), model="m")
        row("later start", time.monotonic() - begin_s, peak_mb())
        record(log, 1, "events recorded, one commit each")
        steps = [timed_purge(log, before_wall_s=time.time() - DAY_S) for _ in range(PURGES)]
        row("deleting, in steps of 100 events", sum(steps), peak_mb(), spread(steps))
        log.end_session(wall_s=time.time())


def search_all(path: Path, note: str) -> None:
    """A page of events by every kind of filter, from the newest on and from the middle of the log."""
    now_s = time.time()
    day = EventFilter(since_wall_s=now_s - 2 * DAY_S, until_wall_s=now_s - DAY_S)
    filters = {
        "all": EventFilter(),
        "a label": EventFilter(label="glass"),
        "label, bin and reason": EventFilter(label="paper", bin="paper", reason="unsure"),
        "a rare reason": EventFilter(reason="hazard"),
        "a label that never was": EventFilter(label="none"),
        "a day": day,
    }
    begin_s = time.monotonic()
    with open_events(path) as events:
        row(f"log opened for reading, {note}", time.monotonic() - begin_s, peak_mb())
        newest = next(iter(events.read(lambda database: search(database, EventFilter(), count=1)).events))
        middle = feature_id(newest["session"] // 2 + 1, 1)
        for name, wanted in filters.items():
            for before in (None, middle):
                begin_s = time.process_time()
                page = events.read(partial(search, wanted=wanted, before=before))
                seconds = time.process_time() - begin_s
                print(
                    f"| a page of {name}{'' if before is None else ', from the middle'}, {note} | {seconds * 1e3:.1f} ms | "
                    f"{peak_mb():.0f} MB | {len(page.events)} events, processor time |",
                    flush=True,
                )


def record(log: EventLog, first: int, name: str) -> None:
    steps = []
    for number in range(first, first + 200):
        begin_s = time.monotonic()
        log.record(make_event(number, wall_s=time.time()))
        steps.append(time.monotonic() - begin_s)
        log.record_outcome(number, "done", fell=1, joined=0)
    row(f"200 {name}", sum(steps), peak_mb(), spread(steps))


def timed_purge(log: EventLog, *, before_wall_s: float) -> float:
    """Seconds that a step of deleting takes."""
    begin_s = time.monotonic()
    assert log.transact(lambda database: purge(database, before_wall_s=before_wall_s, budget_bytes=None)).events
    return time.monotonic() - begin_s


def spread(steps_s: Sequence[float]) -> str:
    """The usual and the longest times of many steps."""
    ranks = quantiles(steps_s, n=100)
    return f"p50 {ranks[49] * 1e3:.1f} ms, p99 {ranks[98] * 1e3:.1f} ms"


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def repair(config: Path, path: Path, events: int) -> None:
    """Save a log of so many events that was set aside."""
    make_log(path.with_name(f"{path.name}.damaged-1"), events)
    arguments = ["events", "--config", str(config), "--set", f"event_log.file={path}", "--repair", "--json"]
    seconds, memory_mb, _ = measure(arguments)
    row(f"`sorter events --repair` of {events:,} events", seconds, memory_mb)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.event_log", description=__doc__)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--folder", type=Path, help="where the log is made: a few gigabytes")
    options = parser.parse_args()
    if options.folder is not None and not options.folder.is_dir():
        parser.error(f"--folder {options.folder}: no such folder")
    config = find_config(None)
    with TemporaryDirectory(dir=options.folder) as folder:
        small, large, repaired = (Path(folder) / name for name in ("small.sqlite", "large.sqlite", "repaired.sqlite"))
        print(f"{json.dumps({'events': options.events, 'sqlite': sqlite3.sqlite_version})}\n", file=sys.stderr)
        print("| what | time | peak memory | |\n| --- | --- | --- | --- |")
        make_log(small, 100_000)
        commands(config, small, ([], ["--all"], ["--all", "--csv"], ["--totals"]), "100,000 events, ")
        repair(config, repaired, 100_000)
        begin_s = time.monotonic()
        make_log(large, options.events)
        row(
            f"a log of {options.events:,} events made by SQL",
            time.monotonic() - begin_s,
            peak_mb(),
            f"{large.stat().st_size / 1e9:.2f} GB",
        )
        quick = (["--last", "50"], ["--since", "1h"], ["--since", "7d", "--csv"], ["--totals"])
        commands(config, large, quick, "before it is counted, ")
        upgrade(large)
        commands(config, large, quick, "")


if __name__ == "__main__":
    main()
