"""Where the bench gets its frames: the configured camera, or a stored clip. No flap is made for it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from edge.bench.clip import read_clip
from edge.config.schema import Config
from edge.errors import UnavailableError
from edge.service.factories import make_camera, make_simulation
from hardware.clock import ManualClock, SystemClock
from hardware.frame import Frame
from hardware.registry import PIN_FACTORIES, load

SILENCE_S = 10.0
"""A camera that gives no frame for this long is not there, in seconds of its clock."""


@dataclass(frozen=True, slots=True)
class Source:
    """Frames to measure with.

    Attributes:
        kind: ``sim``, ``camera`` or ``clip``.
        description: one line: which.
        frames: (frame, seconds it took to get it), one after the other, without end or until the clip's.
    """

    kind: str
    description: str
    frames: Iterator[tuple[Frame, float]]


@contextmanager
def open_source(config: Config, clip: Path | None) -> Iterator[Source]:
    """The clip where there is one, else the configured camera.

    Raises:
        HardwareError: the camera is not available.
        InputMissingError: there is no such clip.
    """
    if clip is not None:
        yield Source("clip", str(clip), _clip_frames(clip, config.camera.fps))
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

        yield Source("sim" if simulation is not None else "camera", camera.description, frames())


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
