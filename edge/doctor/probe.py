"""What may hang or crash is tried out here, in a child process: ``python -m edge.doctor.probe WHAT CONFIG KEY=VALUE...``

One JSON object on standard output; {"error": a sentence} for what does not work. No flap moves: no flap is made.
"""

import json
import logging
import os
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.config.file import load_config
from edge.config.schema import Config
from edge.doctor.wiring import pins
from edge.errors import SorterError
from edge.inference.accelerator import make_accelerator
from edge.inference.bundle import read_bundle
from edge.inference.runtime import RUNTIMES, find_runtime
from edge.service.factories import load_classifier, make_camera, make_policy
from edge.sight.focus import measure_focus
from edge.sight.health import CameraHealth
from hardware.clock import Clock, SystemClock
from hardware.errors import HardwareError
from hardware.registry import PIN_FACTORIES, load

VIEWS = 5
"""So many views are classified; the first one pays for what is made on the way."""

FRAMES = 5
"""So many fit frames are enough."""

LOOK_S = 2.0
"""How long a camera is looked at for them, in seconds, after its first frame."""

FIRST_S = 10.0
"""How long it may take to the first frame, in seconds, beside the warm-up."""


def probe_runtime() -> dict[str, Any]:
    """Every runtime that can be imported: name -> None, or why it cannot."""
    found: dict[str, Any] = {}
    for name, module in RUNTIMES.items():
        try:
            import_module(module)
            found[name] = None
        except Exception as error:  # a package built against another numpy raises AttributeError, among others
            found[name] = f"{type(error).__name__}: {error}"
    return found


def probe_model(config: Config) -> dict[str, Any]:
    """Classify a grey view with the configured model."""
    classifier = load_classifier(config)
    manifest = classifier.manifest
    make_policy(config.decision, manifest)
    grey = np.full((manifest.view.size, manifest.view.size, 3), 128, np.uint8)
    predictions = [classifier.predict(grey) for _ in range(VIEWS)]
    return {
        "name": manifest.name,
        "labels": len(manifest.labels),
        "runtime": f"{classifier.runtime.name} {classifier.runtime.version}",
        "latency_ms": median(prediction.latency_s for prediction in predictions[1:]) * 1e3,
        "total": float(predictions[0].probabilities.sum()),
    }


def probe_coral(config: Config) -> dict[str, Any]:
    """Hold the accelerator's answers against the processor's."""
    runtime, bundle = find_runtime(config.model.runtime), read_bundle(config.model.file)
    accelerator = make_accelerator(config.model, bundle, runtime=runtime, clock=SystemClock())
    if accelerator is None:
        return {"error": "model.delegate_file: missing; expected the model that is compiled for the accelerator"}
    try:
        accelerator.open()
        return {"delegate": accelerator.delegate}
    finally:
        accelerator.close()


def probe_camera(config: Config, clock: Clock | None = None) -> dict[str, Any]:
    """Open the configured camera and look at some frames; ``clock`` is the system's where None."""
    clock = clock or SystemClock()
    with make_camera(config, clock, None) as camera:
        health = CameraHealth(size=(config.camera.width, config.camera.height), repeats=camera.repeats)
        until_s = clock.now_s() + FIRST_S + warm_up_s(config)
        sequence = -1
        greys: list[NDArray[np.float32]] = []
        ages_s: list[float] = []
        while clock.now_s() < until_s and len(greys) < FRAMES and not camera.exhausted:
            frame = camera.read(newer_than=sequence, timeout_s=0.2)
            now_s = clock.now_s()
            if health.check(frame, now_s) is not None and frame is not None:
                greys.append(cv2.cvtColor(frame.pixels, cv2.COLOR_RGB2GRAY).astype(np.float32))
            if frame is None:
                continue
            if not ages_s:
                until_s = now_s + LOOK_S
            sequence = frame.sequence
            ages_s.append(now_s - frame.time_s)
        focus = measure_focus(greys) if len(greys) > 1 else None
        return {
            "camera": camera.description,
            "trouble": health.sentence or (None if greys else "no frame came"),
            "age_s": median(ages_s) if ages_s else None,
            "edge_px": None if focus is None else focus.edge_px,
            "unsharp": focus is not None and focus.unsharp,
        }


def warm_up_s(config: Config) -> float:
    """How long the configured camera gives no frame after it was opened, in seconds."""
    return float(getattr(getattr(config.camera, config.camera.kind, None), "warm_up_s", 0.0))


def probe_pins(config: Config) -> dict[str, Any]:
    """Who uses the configured pins: "12" -> the user's name, or None. The lines are looked at, not taken."""
    with tempfile.TemporaryDirectory() as folder:
        # lgpio leaves a pipe where it is imported, and fails where it must not.
        os.environ["LG_WD"] = folder
        factory = load(PIN_FACTORIES, config.flaps.pin_factory)()
        try:
            import lgpio

            users = {}
            for number in pins(config):
                _, _, flags, _, user = lgpio.gpio_get_line_info(factory._handle, number)
                users[str(number)] = (user or "the kernel") if flags & 1 else None
            return {"chip": factory.chip, "users": users}
        finally:
            factory.close()


PROBES: dict[str, Callable[[Config], dict[str, Any]]] = {
    "model": probe_model,
    "coral": probe_coral,
    "camera": probe_camera,
    "pins": probe_pins,
}


def main() -> None:
    """Run one probe."""
    what, file, *overrides = sys.argv[1:]
    logging.disable(logging.CRITICAL)
    try:
        # The runtime is tried out even where there is no configuration.
        answer = probe_runtime() if what == "runtime" else PROBES[what](load_config(Path(file), overrides))
    except (SorterError, HardwareError) as error:
        answer = {"error": " ".join(str(error).split())}
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()
    # A driver's thread that hangs must not keep this process.
    os._exit(0)


if __name__ == "__main__":
    main()
