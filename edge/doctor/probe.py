"""Child process for everything that may hang or crash: ``python -m edge.doctor.probe NAME CONFIG KEY=VALUE...``

Writes one JSON object to standard output: the fields of the answer (``edge.doctor.probe_answers``), or ``{"error": ...}``
with one sentence. No flap moves: no flap driver is made.
"""

import json
import logging
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.config.file import load_config
from edge.config.schema import Config
from edge.doctor.probe_answers import CameraAnswer, CoralAnswer, ModelAnswer, PinAnswer, ProbeFailure, RuntimeAnswer
from edge.errors import SorterError
from edge.inference.accelerator import make_accelerator
from edge.inference.bundle import describe_unused, read_bundle
from edge.inference.runtime import RUNTIMES, find_runtime
from edge.service.factories import load_classifier, make_camera, make_policy
from edge.sight.background import BackgroundModel
from edge.sight.cielab import Lab, to_lab
from edge.sight.focus import measure_focus
from edge.sight.health import CameraHealth
from edge.sight.presence import Presence
from edge.sight.visibility import measure_visibility
from edge.sight.work_image import downscale
from edge.wiring.used_pins import pins
from hardware.clock import Clock, SystemClock
from hardware.errors import HardwareError
from hardware.registry import PIN_FACTORIES, load

Answer = RuntimeAnswer | ModelAnswer | CoralAnswer | CameraAnswer | PinAnswer | ProbeFailure

VIEWS = 5
"""Number of views classified. The first one is not timed: the runtime allocates its memory meanwhile."""

FRAMES = 5
"""Number of usable frames after which the camera is known to work; noise averages out over them."""

FRAMES_S = 2.0
"""Seconds after its first frame within which a camera has to give them: enough at 3 frames per second."""

FIRST_FRAME_S = 10.0
"""Seconds until the first frame, beyond the warm-up: opening a network stream takes several."""

POLL_S = 0.2
"""Seconds that one call waits for a frame."""


def probe_runtime() -> RuntimeAnswer:
    """Import every TFLite runtime."""
    errors: dict[str, str | None] = {}
    for name, module in RUNTIMES.items():
        try:
            import_module(module)
            errors[name] = None
        except Exception as error:  # a package built against another numpy raises AttributeError, among others
            errors[name] = f"{type(error).__name__}: {error}"
    return RuntimeAnswer(errors)


def probe_model(config: Config) -> ModelAnswer:
    """Classify a grey view with the configured model."""
    classifier = load_classifier(config)
    manifest = classifier.manifest
    make_policy(config.decision, manifest)
    grey = np.full((manifest.view.size, manifest.view.size, 3), 128, np.uint8)
    predictions = [classifier.predict(grey) for _ in range(VIEWS)]
    return ModelAnswer(
        name=manifest.name,
        labels=len(manifest.labels),
        runtime=f"{classifier.runtime.name} {classifier.runtime.version}",
        latency_ms=median(prediction.latency_s for prediction in predictions[1:]) * 1e3,
        total=float(predictions[0].probabilities.sum()),
        features=0 if manifest.features is None else manifest.features.size,
        unused_keys=describe_unused(classifier.unused_keys),
    )


def probe_coral(config: Config) -> CoralAnswer | ProbeFailure:
    """Compare the accelerator's answers with the processor's."""
    runtime, bundle = find_runtime(config.model.runtime), read_bundle(config.model.file)
    accelerator = make_accelerator(config.model, bundle, runtime=runtime, clock=SystemClock())
    if accelerator is None:
        return ProbeFailure("model.delegate_file: missing; expected the model that is compiled for the accelerator")
    try:
        accelerator.open()
        return CoralAnswer(accelerator.delegate)
    finally:
        accelerator.close()


def probe_camera(config: Config, clock: Clock | None = None) -> CameraAnswer:
    """Open the configured camera and read some frames.

    Args:
        config: the camera's configuration.
        clock: clock of the camera; None: the system's.
    """
    clock = clock or SystemClock()
    with make_camera(config, clock, None) as camera:
        health = CameraHealth(size=(config.camera.width, config.camera.height), repeats=camera.repeats)
        until_s = clock.now_s() + FIRST_FRAME_S + warm_up_s(config)
        sequence = -1
        greys: list[NDArray[np.float32]] = []
        trays: list[Lab] = []
        presence = Presence(region=config.tray.region)
        ages_s: list[float] = []
        while clock.now_s() < until_s and len(greys) < FRAMES and not camera.exhausted:
            frame = camera.read(newer_than=sequence, timeout_s=POLL_S)
            now_s = clock.now_s()
            if health.check(frame, now_s) is not None and frame is not None:
                greys.append(cv2.cvtColor(frame.pixels, cv2.COLOR_RGB2GRAY).astype(np.float32))
                trays.append(to_lab(downscale(presence.tray(frame))))
            if frame is None:
                continue
            if not ages_s:
                until_s = now_s + FRAMES_S
            sequence = frame.sequence
            ages_s.append(now_s - frame.time_s)
        focus = measure_focus(greys) if len(greys) > 1 else None
        background = BackgroundModel.from_pictures(trays) if len(trays) > 1 else None
        return CameraAnswer(
            camera=camera.description,
            problem=health.message or (None if greys else "no frame arrived"),
            age_s=median(ages_s) if ages_s else None,
            edge_px=None if focus is None else focus.edge_px,
            unsharp=focus is not None and focus.unsharp,
            least_size=None if background is None else measure_visibility(background).least_size,
        )


def warm_up_s(config: Config) -> float:
    """Seconds after it was opened during which the configured camera gives no frame."""
    return float(getattr(getattr(config.camera, config.camera.kind, None), "warm_up_s", 0.0))


def probe_pins(config: Config) -> PinAnswer:
    """Read the users of the configured pins. No line is requested."""
    with tempfile.TemporaryDirectory() as folder:
        # lgpio creates a pipe in the working directory, and fails to import where it may not.
        os.environ["LG_WD"] = folder
        # Any: gpiozero's own, whose chip and handle are needed here.
        factory: Any = load(PIN_FACTORIES, config.flaps.pin_factory)()
        try:
            import lgpio

            users: dict[str, str | None] = {}
            for number in pins(config):
                _, _, flags, _, user = lgpio.gpio_get_line_info(factory._handle, number)
                users[str(number)] = (user or "the kernel") if flags & 1 else None
            return PinAnswer(chip=factory.chip, users=users)
        finally:
            factory.close()


PROBES: dict[str, Callable[[Config], Answer]] = {
    "model": probe_model,
    "coral": probe_coral,
    "camera": probe_camera,
    "pins": probe_pins,
}


def main() -> None:
    """Run one probe and print its answer."""
    name, file, *overrides = sys.argv[1:]
    logging.disable(logging.CRITICAL)
    answer: Answer
    try:
        # The runtime is probed even without a valid configuration.
        answer = probe_runtime() if name == "runtime" else PROBES[name](load_config(Path(file), overrides))
    except (SorterError, HardwareError) as error:
        answer = ProbeFailure(" ".join(str(error).split()))
    sys.stdout.write(json.dumps(asdict(answer)))
    sys.stdout.flush()
    # A hanging thread of a driver must not keep this process alive.
    os._exit(0)


if __name__ == "__main__":
    main()
