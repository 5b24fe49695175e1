"""Levels: which bins are full."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from edge.actuation.sensor_reader import SensorReader
from edge.alarms import Alarm, Alarms
from hardware.clock import Clock
from hardware.errors import SensorError
from hardware.sensor import LevelSensor

READ_S = 0.5
"""Interval between readings of a level, in seconds."""

DEBOUNCE_S = 5.0
"""A bin must look full, or no longer full, for this long before it counts as that, in seconds: an item that falls past the
sensor is no level."""

CLEARANCE = 0.1
"""A full bin counts as full until this share of its depth is free again above the full level: contents that settle a
little leave it full."""

SILENT_S = 60.0
"""A sensor that gives no reading for this long has failed, though it raises no error, in seconds."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """A level sensor and what its readings mean.

    Attributes:
        sensor: looks down into the bin.
        empty_m: from it to the bottom, in metres; > ``full_m``.
        full_m: from it to the top of what fills the bin, in metres, > 0.
    """

    sensor: LevelSensor
    empty_m: float
    full_m: float

    def fill_level(self, distance_m: float) -> float:
        """How full the bin is: 0 empty, 1 full, also beyond."""
        return (self.empty_m - distance_m) / (self.empty_m - self.full_m)


class Levels:
    """Reads the level sensors and reports full bins.

    Args:
        gauges: bin name -> gauge; bins without one are never full.
        sensors: reads the level sensors.
        clock: time.
        alarms: where full bins are reported.
        residual_bin: takes the items of full bins; when it is full itself, nothing can be sorted.

    Attributes:
        full_bins: the bins that are full.
        fill_levels: bin name -> how full it was at the last reading, 0 empty, 1 full, also beyond.
    """

    def __init__(
        self,
        gauges: Mapping[str, Gauge],
        *,
        sensors: SensorReader,
        clock: Clock,
        alarms: Alarms,
        residual_bin: str = "residual",
    ) -> None:
        self._gauges = dict(gauges)
        self._residual_bin = residual_bin
        self._clock = clock
        self._sensors = sensors
        self._alarms = alarms
        self._next_s = -math.inf
        self._read_s = dict.fromkeys(gauges, clock.now_s())
        self._since_s: dict[str, float] = {}
        self.full_bins: frozenset[str] = frozenset()
        self.fill_levels: dict[str, float] = {}

    @property
    def residual_is_full(self) -> bool:
        """Whether no bin is left for doubtful items."""
        return self._residual_bin in self.full_bins

    def poll(self) -> None:
        """Read the sensors when it is time, and report which bins are full."""
        now_s = self._clock.now_s()
        if not self._gauges or now_s < self._next_s:
            return
        self._next_s = now_s + READ_S
        self.full_bins = frozenset(name for name, gauge in self._gauges.items() if self._is_full(name, gauge, now_s))
        self._alarms.update(Alarm.FULL, self._sentence())

    def _is_full(self, name: str, gauge: Gauge, now_s: float) -> bool:
        """Whether a bin counts as full, by its newest reading. Without one nothing changes."""
        was_full = name in self.full_bins
        sensor = gauge.sensor

        def reading() -> float | None:
            distance_m = sensor.distance_m
            if distance_m is not None:
                self._read_s[name] = now_s
            elif now_s - self._read_s[name] > SILENT_S:
                raise SensorError(
                    f"{sensor.name}: no reading for {SILENT_S:g} s, check its wires and what is before it"
                )
            return distance_m

        distance_m = self._sensors.read(sensor.name, reading, consequence="how full the bin is stays unknown")
        if distance_m is None:
            return was_full
        fill_level = self.fill_levels[name] = gauge.fill_level(distance_m)
        looks_full = fill_level >= (1.0 - CLEARANCE if was_full else 1.0)
        if looks_full == was_full:
            self._since_s.pop(name, None)
            return was_full
        return looks_full if now_s - self._since_s.setdefault(name, now_s) >= DEBOUNCE_S else was_full

    def _sentence(self) -> str | None:
        if self.residual_is_full:
            return f"bin {self._residual_bin} is full, nothing is sorted: empty it"
        if not self.full_bins:
            return None
        names = [name for name in self._gauges if name in self.full_bins]
        which = f"bin {names[0]} is" if len(names) == 1 else f"bins {', '.join(names)} are"
        return f"{which} full, what belongs there goes to {self._residual_bin}: empty {'it' if len(names) == 1 else 'them'}"
