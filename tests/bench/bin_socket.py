"""What the bin's socket costs: a simulated bin sorts while nobody, four viewers, or many who misbehave are there, in turns.

Run it with ``python -m tests.bench.bin_socket``. Turns of one run are compared with each other, so that a busy machine slows all
alike. CPU time is the sorter's own, by thread.
"""

import argparse
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from edge.bin_socket.address import reachable, socket_path
from edge.service.status_file import status_path

VIEWERS, ATTACKERS = 4, 200
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass
class ClientTurns:
    """What was measured while the same clients were connected.

    Attributes:
        wall_s: time, in seconds.
        cpu_s: CPU time of the loop's thread and of the others, in seconds.
        rss_mb: resident memory at the end of each turn.
        rest_to_decision_s: of every item.
    """

    wall_s: float = 0.0
    cpu_s: dict[str, float] = field(default_factory=dict)
    rss_mb: list[float] = field(default_factory=list)
    rest_to_decision_s: list[float] = field(default_factory=list)


def cpu_by_thread(pid: int) -> dict[str, float]:
    """CPU time of the loop's thread, which is the first, and of all others together, in seconds."""
    found = {"loop": 0.0, "others": 0.0}
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):
            fields = (task / "stat").read_text().rpartition(")")[2].split()
            found["loop" if task.name == str(pid) else "others"] += (int(fields[11]) + int(fields[12])) / TICKS_PER_S
    return found


def rss_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def connect(path: Path) -> socket.socket:
    one = socket.socket(socket.AF_UNIX)
    one.settimeout(1.0)
    with reachable(path) as address:
        one.connect(address)
    return one


def view(path: Path, stop: threading.Event) -> None:
    """Watch with pictures, and read all of it."""
    with connect(path) as one:
        one.sendall(b'{"do": "watch", "pictures": true}\n')
        while not stop.is_set():
            with suppress(TimeoutError):
                if not one.recv(1 << 16):
                    return


def misbehave(path: Path, stop: threading.Event, seed: int) -> None:
    """Connect again and again: to say nothing, nonsense, too much, or to watch and never read."""
    chance = random.Random(seed)
    while not stop.is_set():
        try:
            with connect(path) as one:
                kind = chance.randrange(4)
                if kind == 0:
                    one.sendall(chance.randbytes(500) + b"\n")
                elif kind == 1:
                    one.sendall(b'{"do": "watch", "pictures": true}\n' * 50)
                elif kind == 2:
                    one.sendall(b'{"do": "look"}\n' * 10)
                stop.wait(chance.uniform(0.0, 2.0))
        except OSError:
            stop.wait(0.2)


@contextmanager
def clients(path: Path, act: Callable[..., None], arguments: list[tuple[int, ...]]) -> Iterator[None]:
    """Clients in a process of their own: their CPU time and their GIL are not the bin's."""
    child = os.fork()
    if child == 0:
        os.nice(5)
        stop = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        threads = [threading.Thread(target=act, args=(path, stop, *more), daemon=True) for more in arguments]
        for thread in threads:
            thread.start()
        stop.wait()
        os._exit(0)
    try:
        yield
    finally:
        os.kill(child, signal.SIGTERM)
        os.waitpid(child, 0)


def measure(folder: Path, *, rounds: int, turn_s: float, enabled: bool) -> dict[str, ClientTurns]:
    log = folder / "events.sqlite"
    settings = [
        f"event_log.images={folder}/images",
        f"tray.memory={folder}/tray.npz",
        f"socket.enabled={str(enabled).lower()}",
    ]
    command = [sys.executable, "-m", "edge", "run", *(part for one in settings for part in ("--set", one))]
    # The tray is known from then on: a busy machine takes long to learn it, and things are thrown in meanwhile.
    learning = ["--items", "2", "--set", "simulation.speed=0", "--set", f"event_log.file={folder}/first.sqlite"]
    subprocess.run([*command, *learning], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    child = subprocess.Popen(
        [*command, "--set", f"event_log.file={log}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    found: dict[str, ClientTurns] = {}
    spans: list[tuple[str, float, float]] = []
    try:
        path, status = socket_path(log, {}), status_path(log, {})
        while not (status.exists() and json.loads(status.read_text())["items"]):
            time.sleep(0.5)
        kinds = {"nobody": [], "viewers": [()] * VIEWERS, "attackers": [(n,) for n in range(ATTACKERS)]}
        for _ in range(rounds):
            for kind, arguments in kinds.items() if enabled else [("nobody", [])]:
                act = view if kind == "viewers" else misbehave
                with clients(path, act, arguments):
                    time.sleep(1.0)
                    begin_s, before = time.time(), cpu_by_thread(child.pid)
                    time.sleep(turn_s)
                    end_s, after = time.time(), cpu_by_thread(child.pid)
                    turns = found.setdefault(kind, ClientTurns())
                    turns.wall_s += end_s - begin_s
                    for name, seconds in after.items():
                        turns.cpu_s[name] = turns.cpu_s.get(name, 0.0) + seconds - before[name]
                    turns.rss_mb.append(rss_mb(child.pid))
                    spans.append((kind, begin_s, end_s))
    finally:
        child.terminate()
        child.wait()
    with closing(sqlite3.connect(log)) as db:
        events = db.execute("SELECT wall_s, rest_to_decision_s FROM event").fetchall()
    for kind, begin_s, end_s in spans:
        found[kind].rest_to_decision_s += [took for wall_s, took in events if begin_s <= wall_s <= end_s]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--turn", type=float, default=20.0, help="seconds")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for enabled in (False, True):
            place = Path(folder) / str(enabled)
            place.mkdir()
            rounds = arguments.rounds if enabled else max(arguments.rounds // 2, 1)
            for kind, turns in measure(place, rounds=rounds, turn_s=arguments.turn, enabled=enabled).items():
                times = sorted(turns.rest_to_decision_s)
                share = {name: round(seconds / turns.wall_s, 4) for name, seconds in turns.cpu_s.items()}
                print(
                    json.dumps(
                        {
                            "socket": enabled,
                            "clients": kind,
                            "items": len(times),
                            "median_s": round(times[len(times) // 2], 3) if times else None,
                            "p95_s": round(times[int(0.95 * (len(times) - 1))], 3) if times else None,
                            "cores": share,
                            "rss_mb": [round(one, 1) for one in turns.rss_mb],
                        }
                    ),
                    flush=True,
                )


if __name__ == "__main__":
    main()
