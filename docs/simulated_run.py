"""A run of the simulated bin in simulated time, step by step: what the pictures of these pages are drawn from."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.config.file import load_config
from edge.service.assembly import Assembly, assemble
from edge.values import SortEvent
from hardware.frame import Frame

CONFIG = Path("config.yaml")
"""The working default; the pictures show what ``make run`` does."""

FRAME_TIMEOUT_S = 0.1
"""Longest wait for a frame, in seconds; the simulated camera has one at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One frame, and what the bin made of it.

    Attributes:
        assembly: the bin after the step.
        frame: what the camera saw.
        event: the decision of this step; None: there was none.
    """

    assembly: Assembly
    frame: Frame
    event: SortEvent | None


def steps(overrides: Sequence[str] = ()) -> Iterator[Step]:
    """Sort in the simulated bin, as fast as the machine can, until its items have come and gone.

    Args:
        overrides: as of ``--set``.
    """
    with tempfile.TemporaryDirectory() as folder:
        state = [f"event_log.file={folder}/events.sqlite", f"event_log.images={folder}/images", "tray.memory=null"]
        with assemble(load_config(CONFIG, ["simulation.speed=0", *state, *overrides])) as assembly:
            sequence = -1
            while True:
                frame = assembly.camera.read(newer_than=sequence, timeout_s=FRAME_TIMEOUT_S)
                if frame is None:
                    return
                sequence = frame.sequence
                yield Step(assembly, frame, assembly.sorter.step(frame))
