"""Time of each stage of the line on a frame with an item, beside the bare ``invoke()``, in one process.

Run it with ``make bench``. The frame is the simulated bin's, 640x480; figures are milliseconds.
"""

import argparse
import platform
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from edge.assembly import load_classifier, make_camera, make_policy, make_presence, make_simulation
from edge.config import Config
from edge.configfile import load_config
from edge.values import Frame, Item
from edge.view import look
from edge.vote import Vote
from hardware.clock import ManualClock
from hardware.registry import PIN_FACTORIES, load


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=2000, help="frames measured (default: 2000)")
    parser.add_argument("--set", action="append", default=[], dest="overrides", metavar="KEY=VALUE")
    arguments = parser.parse_args()
    config = load_config(Path("config.yaml"), arguments.overrides)
    classifier = load_classifier(config)
    presence, vote, policy = (
        make_presence(config),
        Vote(views=config.decision.views),
        make_policy(config.decision, classifier.manifest),
    )
    empty, resting = _frames(config)
    for frame in empty:
        presence.update(frame)
    stages: dict[str, list[float]] = {
        name: []
        for name in (
            "presence",
            "view",
            "predict",
            "vote+policy",
            "own part",
            "whole",
            "bare invoke",
            "idle tray",
        )
    }
    item: Item | None = None
    time_s = resting[-1].time_s
    for frame in resting:
        item = presence.update(frame) or item
    assert item is not None, "the item never came to rest"
    bare = _timed(classifier.invoke)
    for index in range(arguments.rounds):
        time_s += 1 / 15
        frame = Frame(resting[index % len(resting)].pixels, time_s, index)
        start = time.perf_counter()
        item = presence.update(frame)
        seen = time.perf_counter()
        assert item is not None
        view = look(presence.tray(frame), item.mask, classifier.manifest.view, vote.counted(item))
        viewed = time.perf_counter()
        prediction = classifier.predict(view)
        predicted = time.perf_counter()
        verdict = vote.update(item, prediction)
        if verdict is not None:
            policy.decide(verdict)
        done = time.perf_counter()
        invoke = bare()
        stages["presence"].append(seen - start)
        stages["view"].append(viewed - seen)
        stages["predict"].append(predicted - viewed)
        stages["vote+policy"].append(done - predicted)
        stages["whole"].append(done - start)
        stages["bare invoke"].append(invoke)
        stages["own part"].append(done - start - invoke)
    idle = make_presence(config)
    for frame in empty:
        idle.update(frame)
    for index in range(arguments.rounds // 4):
        frame = Frame(empty[index % len(empty)].pixels, empty[-1].time_s + index / 15, index)
        start = time.perf_counter()
        idle.update(frame)
        stages["idle tray"].append(time.perf_counter() - start)
    runtime = classifier.runtime
    print(
        f"{platform.machine()}, Python {platform.python_version()}, {runtime.name} {runtime.version}, "
        f"{classifier.threads} thread(s), "
        f"{resting[0].width}x{resting[0].height}, {arguments.rounds} frames with an item"
    )
    print(f"{'stage':<24}{'p50 ms':>9}{'p99 ms':>9}")
    for name, times in stages.items():
        if times:
            p50, p99 = np.percentile(np.array(times) * 1000, [50, 99])
            print(f"{name:<24}{p50:>9.3f}{p99:>9.3f}")


def _timed(action: Callable[[], None]) -> Callable[[], float]:
    def run() -> float:
        start = time.perf_counter()
        action()
        return time.perf_counter() - start

    return run


def _frames(config: Config) -> tuple[list[Frame], list[Frame]]:
    """Frames of the empty tray, then of an item at rest, from the simulated bin."""
    clock = ManualClock()
    factory = load(PIN_FACTORIES, "mock")()
    simulation = make_simulation(config, clock, factory)
    camera = make_camera(config, clock, simulation)
    frames: list[Frame] = []
    sequence = -1
    while clock.now_s() < 8.0:
        frame = camera.read(newer_than=sequence, timeout_s=0.1)
        if frame is not None:
            sequence = frame.sequence
            frames.append(frame)
    presence = make_presence(config)
    items = [presence.update(frame) for frame in frames]
    first = next(index for index, item in enumerate(items) if item is not None)
    calm = [frame for frame, item in zip(frames[first:], items[first:], strict=True) if item is not None]
    empty = [frame for frame, item in zip(frames, items, strict=True) if item is None and frame.time_s < 1.5]
    camera.close()
    factory.close()
    return empty, calm


if __name__ == "__main__":
    main()
