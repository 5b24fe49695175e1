"""``python -m tests.worlds [--count N] [--first SEED] [--workers N] [--results FILE] [--seed SEED]``: plays random worlds.

Every world's line goes to the results file as it is done; worlds that stand there already are not played again. Exit code 1
if a rule was broken in any. ``--seed`` replays one world and says what it is made of.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from edge.simulation.motion_judge import StatedException
from edge.simulation.random_worlds import random_world, replay_text
from tests.worlds.play import play, report_line

SHOWN = 20
"""Broken worlds that are listed; the others are counted."""

PROGRESS_S = 5.0
"""Time between two lines of progress, in seconds."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.worlds")
    parser.add_argument("--count", type=int, default=10_000, help="number of worlds (default: %(default)s)")
    parser.add_argument("--first", type=int, default=0, help="number of the first (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=2, help="processes (default: %(default)s)")
    parser.add_argument(
        "--results", type=Path, help="file of results, one JSON line each; what is in it is not repeated"
    )
    parser.add_argument("--seed", type=int, help="replay this world alone")
    arguments = parser.parse_args()
    if arguments.seed is not None:
        return _replay(arguments.seed)
    done = _read(arguments.results)
    todo = [seed for seed in range(arguments.first, arguments.first + arguments.count) if seed not in done]
    lines = [line for seed, line in done.items() if arguments.first <= seed < arguments.first + arguments.count]
    begin_s = shown_s = time.monotonic()
    with get_context("spawn").Pool(arguments.workers) as pool:
        for line in pool.imap_unordered(report_line, todo, chunksize=4):
            lines.append(line)
            if arguments.results is not None:
                with arguments.results.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(line) + "\n")
            if time.monotonic() - shown_s > PROGRESS_S:
                shown_s = time.monotonic()
                broken = sum(not _is_ok(one) for one in lines)
                rate = (len(lines) - len(done)) / (shown_s - begin_s)
                print(f"{len(lines)} of {arguments.count} worlds, {broken} broken, {rate:.1f} a second", flush=True)
    return _summary(lines)


def _is_ok(line: dict[str, Any]) -> bool:
    return not line["violations"] and line["error"] is None


def _read(path: Path | None) -> dict[int, dict[str, Any]]:
    """The worlds that were played before; a line that was cut off is not one."""
    done: dict[int, dict[str, Any]] = {}
    if path is None or not path.exists():
        return done
    for text in path.read_text(encoding="utf-8").splitlines():
        try:
            line = json.loads(text)
        except ValueError:
            continue
        done[line["seed"]] = line
    return done


def _summary(lines: list[dict[str, Any]]) -> int:
    broken = sorted((line for line in lines if not _is_ok(line)), key=lambda line: int(line["seed"]))
    total = {name: sum(line[name] for line in lines) for name in ("simulated_s", "cpu_s", "items", "openings", "lost")}
    print(
        f"{len(lines)} worlds, {total['simulated_s']:.0f} s simulated, {total['cpu_s']:.0f} s of CPU, {total['items']} items, "
        f"{total['openings']} openings, {total['lost']} items lost without a word"
    )
    print(f"longest time under current: {max((line['longest_on_s'] for line in lines), default=0.0):.1f} s")
    print("exceptions, each stated and counted:")
    counts = _count(line["exceptions"] for line in lines)
    for exception in StatedException:
        print(f"  {counts[exception.name]:7d}  {exception.name.lower()}: {exception.value}")
    rules = Counter(name for line in broken for name in {name for _, name, _ in line["violations"]})
    print(
        f"broken: {len(broken)} worlds" + "".join(f"; {name.lower()} in {count}" for name, count in rules.most_common())
    )
    for line in broken[:SHOWN]:
        what = line["error"] or "; ".join(
            f"{time_s} s {name.lower()}: {text}" for time_s, name, text in line["violations"][:2]
        )
        print(f"  --seed {line['seed']}: {what}")
    return 1 if broken else 0


def _count(parts: Iterable[dict[str, int]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for part in parts:
        counts.update(part)
    return counts


def _replay(seed: int) -> int:
    world = random_world(seed)
    print("\n".join(replay_text(world)))
    result = play(world)
    for violation in result.violations:
        print(f"{violation.time_s:8.3f} s  {violation.invariant.name.lower()}: {violation.text}")
    for exception, count in sorted(result.exceptions.items()):
        print(f"{count:10d}  {exception.name.lower()}: {exception.value}")
    print("all rules kept" if not result.violations else f"{len(result.violations)} times a rule was broken")
    return 1 if result.violations else 0


if __name__ == "__main__":
    sys.exit(main())
