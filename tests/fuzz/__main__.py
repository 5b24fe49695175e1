"""``make test-fuzz``: each reader in a process of its own, for a time; prints inputs and crashes, keeps the inputs of those."""

import argparse
import logging
import subprocess
import sys
import tempfile
import time
from itertools import count
from pathlib import Path

from tests.fuzz.harness import fuzz_for
from tests.fuzz.run_targets import RUN_TARGETS
from tests.fuzz.service_targets import SERVICE_TARGETS
from tests.fuzz.targets import TARGETS
from tests.fuzz.teaching_targets import TEACHING_TARGETS

ALL = (*TARGETS, *SERVICE_TARGETS, *TEACHING_TARGETS, *RUN_TARGETS)

IN_MEMORY = Path("/dev/shm")

KEPT = Path("runs/fuzz")
"""Folder of the inputs that led to a crash."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=40.0, help="time for each reader")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="first seed")
    parser.add_argument("--target", choices=[target.name for target in ALL], help="one reader alone, in this process")
    options = parser.parse_args()
    if options.target:
        return _fuzz_one(options.target, options.seconds, options.seed)
    # A process each: a crash of a library's own code, or memory that leaks, is told of the reader that it belongs to.
    codes = []
    for target in ALL:
        arguments = ("--target", target.name, "--seconds", str(options.seconds), "--seed", str(options.seed))
        done = subprocess.run([sys.executable, "-m", "tests.fuzz", *arguments], check=False)
        if done.returncode < 0:
            print(f"{target.name}: died of signal {-done.returncode}", flush=True)
        codes.append(done.returncode)
    return int(any(codes))


def _fuzz_one(name: str, seconds: float, first_seed: int) -> int:
    logging.disable()  # readers tell of thousands of damaged files
    (target,) = (target for target in ALL if target.name == name)
    # In memory where that can be: the event log waits for the disk at every commit.
    with tempfile.TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.is_dir() else None) as folder:
        result = fuzz_for(target, Path(folder), seconds=seconds, numbers=count(first_seed))
    print(
        f"{name}: {result.inputs} inputs, {result.refused} refused, {result.crashes.total()} crashes of "
        f"{len(result.crashes)} kinds",
        flush=True,
    )
    for number, (kind, times) in enumerate(result.crashes.most_common()):
        content, trace = result.first[kind]
        KEPT.mkdir(parents=True, exist_ok=True)
        (KEPT / f"{name}-{number}").write_bytes(content)
        print(f"  {times} times {kind}, kept as {KEPT}/{name}-{number}\n{trace}", flush=True)
    return int(bool(result.crashes))


if __name__ == "__main__":
    raise SystemExit(main())
