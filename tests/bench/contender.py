"""Child process of ``tests.bench.comparison``: one way to classify a camera's pictures.

``python contender.py KIND MODEL WIDTH HEIGHT`` reads JSON objects from standard input, one per line, and answers each with one.
It is run as a file, not as a module, because the environment with MediaPipe does not contain this project.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

Look = Callable[[Any], int]
"""Processes one picture, RGB uint8 (height, width, 3); returns the number of times that the model was run."""

HEAVY = ("tensorflow", "keras", "torch", "jax", "sklearn", "rich")
"""Packages that must not be loaded: they would count as memory of the contender."""


@contextmanager
def invoke(model: Path) -> Iterator[Look]:
    """The bare model: only ``invoke()``."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(model))
    interpreter.allocate_tensors()
    entry = interpreter.get_input_details()[0]
    interpreter.set_tensor(entry["index"], np.zeros(entry["shape"], np.int8))

    def look(_pixels: Any) -> int:
        interpreter.invoke()
        return 1

    yield look


@contextmanager
def loop(model: Path) -> Iterator[Look]:
    """The loop of published examples: every frame is resized, normalised, quantized and run, and its arg-max taken."""
    import cv2
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(model))
    interpreter.allocate_tensors()
    entry, answer = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    (_, height, width, _), (scale, zero_point) = entry["shape"], entry["quantization"]

    def look(pixels: Any) -> int:
        small = cv2.resize(pixels, (width, height))
        normalised = (np.float32(small) - 127.5) / 127.5
        quantized = np.clip(np.round(normalised / scale + zero_point), -128, 127).astype(np.int8)
        interpreter.set_tensor(entry["index"], quantized[np.newaxis])
        interpreter.invoke()
        np.argmax(interpreter.get_tensor(answer["index"])[0])
        return 1

    yield look


@contextmanager
def mediapipe(model: Path) -> Iterator[Look]:
    """MediaPipe Tasks' ``ImageClassifier`` in VIDEO mode."""
    import mediapipe as mp
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.ImageClassifierOptions(
        base_options=BaseOptions(model_asset_path=str(model)),
        running_mode=vision.RunningMode.VIDEO,
        max_results=1,
    )
    time_ms = 0
    with vision.ImageClassifier.create_from_options(options) as classifier:

        def look(pixels: Any) -> int:
            nonlocal time_ms
            time_ms += 66
            classifier.classify_for_video(mp.Image(image_format=mp.ImageFormat.SRGB, data=pixels), time_ms)
            return 1

        yield look


@contextmanager
def line(_model: Path) -> Iterator[Look]:
    """The sorter's line from presence to policy: every frame with an item at rest is classified, even after the decision."""
    from edge.config.file import load_config
    from edge.decision.vote import Vote
    from edge.service.factories import load_classifier, make_policy, make_presence
    from edge.sight.view import make_view as look_at
    from edge.values import Frame

    config = load_config(Path("config.yaml"))
    classifier = load_classifier(config)
    manifest = classifier.manifest
    presence, vote = make_presence(config), Vote(views=config.decision.views)
    policy = make_policy(config.decision, manifest)
    number = 0

    def look(pixels: Any) -> int:
        nonlocal number
        number += 1
        frame = Frame(pixels, number / 15, number)
        item = presence.observe(frame)
        if item is None:
            vote.reset()
            return 0
        mask = item.mask if manifest.view_kind == "object" else None
        view = look_at(presence.tray(frame), mask, manifest.view, vote.view_count(item))
        verdict = vote.add_view(item, classifier.predict(view))
        if verdict is not None:
            policy.decide(verdict)
        return 1

    yield look


@contextmanager
def bin(_model: Path) -> Iterator[Look]:
    """The whole bin without camera and flaps: what ``run`` does with a frame, records on disk included."""
    import tempfile

    from edge.terminal.launch import set_up_libraries

    set_up_libraries()
    # The command line and the pins are not used here, but belong to the memory of a running bin.
    import edge.cli
    import edge.commands.run  # noqa: F401
    import hardware.drives.relay.driver
    import hardware.drives.servo.driver  # noqa: F401
    from edge.bench.replay import replay
    from edge.config.file import load_config
    from edge.service.factories import load_classifier
    from hardware.clock import ManualClock
    from hardware.registry import PIN_FACTORIES, load

    config = load_config(Path("config.yaml"))
    load(PIN_FACTORIES, "mock")
    clock = ManualClock()
    with (
        tempfile.TemporaryDirectory() as folder,
        replay(config, load_classifier(config), clock, Path(folder)) as whole,
    ):

        def look(pixels: Any) -> int:
            before = whole.invokes
            whole.show(pixels)
            clock.advance(1 / 15)
            return whole.invokes - before

        yield look


KINDS = {"invoke": invoke, "loop": loop, "mediapipe": mediapipe, "line": line, "bin": bin}


def main() -> None:
    """Answer requests until standard input ends."""
    kind, model, width, height = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    size = width * height * 3
    with KINDS[kind](model) as look:
        loaded = [name for name in HEAVY if name in sys.modules]
        for text in sys.stdin:
            order = json.loads(text)
            cpu_s, wall_s, invokes = [], [], 0
            with open(order["file"], "rb", buffering=0) as clip:
                clip.seek(order["first"] * size)
                for measured in order["measured"]:
                    pixels = np.frombuffer(clip.read(size), np.uint8).reshape(height, width, 3)
                    started_s, busy_s = time.perf_counter(), time.process_time()
                    looked = look(pixels)
                    if measured:
                        cpu_s.append(time.process_time() - busy_s)
                        wall_s.append(time.perf_counter() - started_s)
                        invokes += looked
            answer = {"cpu_s": sum(cpu_s), "wall_s": sum(wall_s), "frames": len(cpu_s), "invokes": invokes}
            sys.stdout.write(json.dumps(answer | {"rss_mb": rss_mb(), "loaded": loaded}) + "\n")
            sys.stdout.flush()


def rss_mb() -> float:
    """Resident memory of this process, in megabytes (10^6 bytes)."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 / 1e6 for line in status if line.startswith("VmRSS:"))


if __name__ == "__main__":
    main()
