"""A level sensor over a bin of the simulated one."""

from hardware.errors import HardwareConfigError, SensorError
from hardware.sensor import LevelSensor
from hardware.sim.bin import SimulatedBin


class SimLevel(LevelSensor):
    """Measures the distance to the contents of a bin, and to items that fall past.

    Args:
        name: its config key, for messages.
        simulation: the simulated bin.
        bin: name of the bin that it looks into.
        empty_m: distance to the bottom, in metres; > ``full_m``.
        full_m: distance to the top of a full bin's contents, in metres, > 0.
        pin_factory: not used.

    Raises:
        HardwareConfigError: there is no simulated bin.
    """

    def __init__(
        self,
        *,
        name: str,
        simulation: SimulatedBin | None,
        bin: str,
        empty_m: float,
        full_m: float,
        pin_factory: object = None,
    ) -> None:
        super().__init__(name=name)
        if simulation is None:
            raise HardwareConfigError(f"{name}: kind sim looks into the simulated bin; expected camera.kind sim")
        self._simulation = simulation
        self._bin = bin
        self._empty_m = empty_m
        self._full_m = full_m
        self._closed = False

    @property
    def distance_m(self) -> float | None:
        if self._closed:
            raise SensorError(f"{self.name}: cannot read, it is closed")
        if self._simulation.is_item_falling_into(self._bin):
            return self._full_m / 2
        return self._empty_m - self._simulation.fill_level(self._bin) * (self._empty_m - self._full_m)

    def close(self) -> None:
        self._closed = True
