"""Kills a process that changes a taught set, at random moments, and compares what is left with what it told.

``python -m tests.edge.teaching.taught_set.killed_set FOLDER TIMES`` prints the result as JSON.
"""

import json
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from edge.errors import TaughtSetError
from edge.teaching.taught_set.taught_picture import TaughtPicture
from edge.teaching.taught_set.taught_set import TaughtSet
from tests.builders.teaching import numbers_of, open_set, taught_picture

CHANGES = 12
BUDGET_BYTES = 55_000
"""So small that the later changes give up pictures."""

PICTURES = [taught_picture(("glass", "metal", "paper")[number % 3], number) for number in range(40)]


def changed(taught: TaughtSet, seed: int) -> Iterator[list[int]]:
    """Make changes, the same for the same seed; the numbers of the pictures after each."""
    draw = random.Random(seed)
    for _ in range(CHANGES):
        kind = draw.choice(["add", "add", "add", "drop", "undo", "redo"])
        chosen: list[TaughtPicture] = draw.sample(PICTURES, 3)
        if kind == "undo":
            taught.undo()
        elif kind == "redo":
            taught.redo()
        elif kind == "drop" and (there := numbers_of(taught)):
            taught.drop(draw.sample(there, min(2, len(there))), "drop", wall_s=0.0)
        else:
            taught.add(chosen, "add", wall_s=0.0)
        yield numbers_of(taught)


def kill_once(folder: Path, seed: int, after_s: float) -> tuple[int, list[int]]:
    """How many changes a process told of that was killed, and the pictures that are left."""
    told_out, told_in = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(told_out)
        with open_set(folder, budget_bytes=BUDGET_BYTES) as taught:
            os.write(told_in, b"0")
            for _ in changed(taught, seed):
                os.write(told_in, b".")
        os._exit(0)
    os.close(told_in)
    told = os.read(told_out, 1)
    time.sleep(after_s)
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while more := os.read(told_out, 1000):
        told += more
    os.close(told_out)
    with open_set(folder, budget_bytes=BUDGET_BYTES) as taught:
        for entry in taught.entries():
            stored = taught.picture(entry.number)
            if stored is None:
                raise TaughtSetError(f"picture {entry.number} is gone")
            stored.decode()
        return told.count(b"."), numbers_of(taught)


def main(folder: Path, times: int) -> None:
    wrong, half_done, seeds = [], 0, 8
    expected = []
    for seed in range(seeds):
        began_s = time.monotonic()
        with open_set(folder / f"whole-{seed}", budget_bytes=BUDGET_BYTES) as taught:
            expected.append([[], *changed(taught, seed)])
        whole_s = time.monotonic() - began_s
    draw = random.Random(times)
    for number in range(times):
        seed = number % seeds
        place = folder / f"killed-{number}"
        told, left = kill_once(place, seed, draw.uniform(0, whole_s))
        half_done += (place / "taught.sqlite-journal").exists() or 0 < told < CHANGES
        if left not in expected[seed][told : told + 2]:
            wrong.append({"seed": seed, "told": told, "left": left})
    sys.stdout.write(json.dumps({"kills": times, "half_done": half_done, "wrong": wrong}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
