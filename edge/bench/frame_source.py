"""Source of the benchmark's frames: the configured camera, or a stored clip. No flap driver is made."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from edge.bench.clip import read_clip
from edge.config.schema import Config
from edge.errors import UnavailableError
from edge.service.factories import make_camera
from edge.service.world_factory import make_simulation
from hardware.clock import ManualClock, SystemClock
from hardware.frame import Frame
from hardware.registry import PIN_FACTORIES, load

SILENCE_S = 10.0
"""Seconds of the camera's clock without a frame after which it is given up; a starting camera needs a few."""


@dataclass(frozen=True, slots=True)
class FrameSource:
    """Frames to measure with.

    Attributes:
        kind: ``sim``, ``camera`` or ``clip``.
        description: the camera or the clip, in one line.
        frames: pairs (frame, seconds it took to get it); endless unless the source is a clip.
    """

    kind: str
    description: str
    frames: Iterator[tuple[Frame, float]]


@contextmanager
def open_source(config: Config, clip: Path | None) -> Iterator[FrameSource]:
    """Open the clip, or the configured camera if ``clip`` is None.

    Raises:
        HardwareError: the camera is not available.
        UnavailableError: the camera gives no frame for ``SILENCE_S`` seconds.
        InputMissingError: the clip does not exist.
    """
    if clip is not None:
        yield FrameSource("clip", str(clip), _clip_frames(clip, config.camera.fps))
        return
    with ExitStack() as stack:
        if config.camera.kind == "sim":
            clock: ManualClock | SystemClock = ManualClock()
            factory = load(PIN_FACTORIES, "mock")()
            stack.callback(factory.close)
            simulation = make_simulation(config, clock, factory)
            stack.callback(simulation.close)
        else:
            clock, simulation = SystemClock(), None
        camera = stack.enter_context(make_camera(config, clock, simulation))

        def frames() -> Iterator[tuple[Frame, float]]:
            sequence, last_s = -1, clock.now_s()
            while not camera.exhausted:
                start_s = perf_counter()
                frame = camera.read(newer_than=sequence, timeout_s=1.0)
                if frame is not None:
                    sequence, last_s = frame.sequence, clock.now_s()
                    yield frame, perf_counter() - start_s
                elif clock.now_s() - last_s > SILENCE_S:
                    raise UnavailableError(f"{camera.description}: no frame for {SILENCE_S:g} s; is it plugged in?")

        yield FrameSource("sim" if simulation is not None else "camera", camera.description, frames())


def _clip_frames(path: Path, fps: float) -> Iterator[tuple[Frame, float]]:
    clip = read_clip(path)
    number = 0
    while True:
        start_s = perf_counter()
        pixels = next(clip, None)
        if pixels is None:
            return
        yield Frame(pixels, number / fps, number), perf_counter() - start_s
        number += 1
