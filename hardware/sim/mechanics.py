"""What a flap does when its pin is driven: the body of a servo or a spring-loaded relay, read off the mock pin."""

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hardware.errors import HardwareConfigError
from hardware.flaps import pulsed
from hardware.sim.fault_schedule import FaultSchedule

HISTORY = 1000
"""Number of moves that a flap remembers."""

HOME_WITHIN, OPEN_FROM = 0.02, 0.6
"""Opening (0..1) up to which a flap counts as home, and from which an item falls through."""


@dataclass(frozen=True, slots=True)
class FlapMove:
    """A flap set off.

    Attributes:
        time_s: when, on the world's clock, in seconds.
        start: opening it set off from, 0..1.
        target: opening it was told to reach, 0..1.
    """

    time_s: float
    start: float
    target: float


class FlapMechanics:
    """One flap's body.

    Args:
        bin: the bin's name.
        kind: ``servo`` or ``relay``.
        options: what the flap's driver is given: pin, angles, pulse widths, travel time.
        pin_factory: the gpiozero mock factory that the driver uses.
        start_open: whether the flap was left open, as after a crash.
        slowness: how many times as long as ``travel_s`` it really takes (0.1..100).
        over: the bin that this flap really is over, where it is wired to the wrong pin; None: ``bin``.

    Attributes:
        powered: whether its drive has power. Without, a servo stays where it is and a relay drops.
        slowed: further slowness, 1 for none.
        stuck_closed: whether it does not leave home.
        stuck_open: whether it does not leave the open position.

    Raises:
        HardwareConfigError: unknown kind, a missing option, a value out of range, or pins that cannot be read.
    """

    def __init__(
        self,
        bin: str,
        kind: str,
        options: Mapping[str, Any],
        *,
        pin_factory: Any,
        start_open: bool = False,
        slowness: float = 1.0,
        over: str | None = None,
    ) -> None:
        if kind not in ("servo", "relay"):
            raise HardwareConfigError(f"flap {bin!r}: the simulated bin knows kinds servo and relay, got {kind!r}")
        wanted = ("pin", "home_deg", "open_deg") if kind == "servo" else ("pin",)
        missing = [key for key in wanted if key not in options]
        if missing:
            raise HardwareConfigError(f"flap {bin!r}: missing {', '.join(missing)}")
        if not 0.1 <= slowness <= 100:
            raise HardwareConfigError(f"flap {bin!r}: slowness: expected 0.1..100, got {slowness}")
        self.bin = bin
        self.bin_below = over or bin
        self.opening = 1.0 if start_open else 0.0
        self.openings = 0
        self.moves: deque[FlapMove] = deque(maxlen=HISTORY)
        self.powered = True
        self.slowed = 1.0
        self.stuck_closed = self.stuck_open = False
        self.pin = pin_factory.pin(options["pin"])
        if not hasattr(self.pin, "before_change"):
            raise HardwareConfigError("the simulated bin needs simulated pins: pins 'mock'")
        self.travel_s = float(options.get("travel_s", 0.4))
        self._servo = kind == "servo"
        self._options = dict(options)
        self._rate = 1.0 / (self.travel_s * slowness)
        self._target = self.opening
        self._told: float | None = None if self._servo else 0.0
        self._last_told = 0.0

    @classmethod
    def of(
        cls, bin: str, options: Mapping[str, Any], *, pin_factory: Any, start_open: bool, body: Mapping[str, Any]
    ) -> "FlapMechanics":
        """From a driver's options with its ``kind``, and a ``body`` that may name ``slowness`` and ``over``.

        Raises:
            HardwareConfigError: ``kind`` is missing, ``body`` names something else, or as above.
        """
        unknown = sorted(set(body) - {"slowness", "over"})
        if unknown:
            raise HardwareConfigError(
                f"simulation: flap {bin!r}: unknown {', '.join(unknown)}; expected slowness, over"
            )
        if "kind" not in options:
            raise HardwareConfigError(f"simulation: flap {bin!r}: missing 'kind'")
        rest = {key: value for key, value in options.items() if key != "kind"}
        return cls(bin, options["kind"], rest, pin_factory=pin_factory, start_open=start_open, **body)

    def connect(self, pin_factory: Any) -> None:
        """Hang the flap on the same pin of another factory: its driver has been started anew."""
        self.pin.before_change = None
        self.pin = pin_factory.pin(self._options["pin"])
        self._told = self._read()

    def apply_faults(self, faults: FaultSchedule) -> None:
        """Take on what goes wrong with it now."""
        slow = faults.find("slow", self.bin)
        self.powered = faults.find("power_dip") is None
        self.slowed = 1.0 if slow is None else slow.option("factor", 3.0)
        self.stuck_open = faults.find("stuck_open", self.bin) is not None
        self.stuck_closed = faults.find("stuck_closed", self.bin) is not None

    @property
    def commanded_opening(self) -> float:
        """The opening (0..1) that the pin told last; 0 before it told anything."""
        return self._last_told

    @property
    def is_home(self) -> bool:
        """Whether the flap is closed."""
        return self.opening <= HOME_WITHIN

    @property
    def is_open(self) -> bool:
        """Whether an item falls through."""
        return self.opening >= OPEN_FROM

    @property
    def is_moving(self) -> bool:
        """Whether the flap is on its way."""
        return self.opening != self._target and not self._is_held

    @property
    def is_driven(self) -> bool:
        """Whether a servo gets pulses, or a relay is on."""
        if self._servo:
            return self.pulse_ms is not None
        on = bool(self.pin.state) == bool(self._options.get("active_high", True))
        return on and self.pin.function == "output"

    @property
    def pulse_ms(self) -> float | None:
        """Length of a servo's pulses in milliseconds; None when there are none."""
        frequency = self.pin.frequency
        if not frequency or not self.pin.state or self.pin.function != "output":
            return None
        return 1000.0 * float(self.pin.state) / float(frequency)

    def listen(self, time_s: float) -> float | None:
        """Read the pin. Returns the opening (0..1) that the flap has just been told to go to and does not stand at; None
        when it is told nothing new."""
        told = self._read()
        news = told if told is not None and told != self._told and told != self.opening else None
        self._told = told
        self._last_told = self._last_told if told is None else told
        if not self.powered:
            told = None if self._servo else 0.0  # a spring needs none
        target = self.opening if told is None else told  # without pulses a servo stays where it is
        if target not in (self._target, self.opening):
            self.moves.append(FlapMove(time_s, self.opening, target))
        self._target = target
        return news

    def step(self, dt_s: float) -> bool:
        """Let ``dt_s`` seconds pass; True when the flap has just opened far enough for an item to fall."""
        if not self.is_moving:
            return False
        was_open = self.is_open
        way = self._target - self.opening
        reach = self._rate / self.slowed * dt_s
        # A rest below a millionth is floating point, not a flap on its way.
        self.opening = self._target if abs(way) <= reach + 1e-6 else self.opening + math.copysign(reach, way)
        opened = self.is_open and not was_open
        self.openings += opened
        return opened

    @property
    def _is_held(self) -> bool:
        opens = self._target > self.opening
        return (self.stuck_closed and self.is_home and opens) or (self.stuck_open and self.is_open and not opens)

    def _read(self) -> float | None:
        """Opening that the pin tells; None from a servo's pin without pulses."""
        if not self._servo:
            return 1.0 if self.is_driven else 0.0
        pulse_ms = self.pulse_ms
        return None if pulse_ms is None else self._opening_at(pulse_ms)

    def _opening_at(self, pulse_ms: float) -> float:
        option = self._options.get
        low_ms, high_ms = option("min_pulse_ms", pulsed.MIN_PULSE_MS), option("max_pulse_ms", pulsed.MAX_PULSE_MS)
        low_deg, high_deg = option("min_deg", pulsed.MIN_DEG), option("max_deg", pulsed.MAX_DEG)
        angle_deg = low_deg + (pulse_ms - low_ms) / (high_ms - low_ms) * (high_deg - low_deg)
        home_deg, open_deg = self._options["home_deg"], self._options["open_deg"]
        # Rounded, because the way through duty cycles leaves 1e-16 that would look like a move.
        opening = float(round((angle_deg - home_deg) / (open_deg - home_deg), 6))
        return min(max(opening, 0.0), 1.0)
