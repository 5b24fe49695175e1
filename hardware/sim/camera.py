"""The camera over the simulated bin."""

from hardware.clock import Clock
from hardware.frame import Pixels
from hardware.paced import PacedCamera
from hardware.sim.bin import SimulatedBin


class SimCamera(PacedCamera):
    """Looks at the simulated bin, which moves on only when it is looked at or a pin changes.

    Args:
        clock: the one that the bin runs on.
        bin: the simulated bin.
        fps: frames per second of that clock; None: the bin's.
    """

    def __init__(self, *, clock: Clock, bin: SimulatedBin, fps: float | None = None) -> None:
        super().__init__(clock=clock, fps=bin.fps if fps is None else fps)
        self._bin = bin

    @property
    def description(self) -> str:
        return f"sim {self._bin.width}x{self._bin.height} at {self._fps:g} fps"

    @property
    def exhausted(self) -> bool:
        return self._bin.finished

    def _render(self) -> tuple[Pixels, float]:
        time_s = self._bin.advance()
        return self._bin.render(), time_s
