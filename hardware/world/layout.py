"""What a simulated bin is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hardware.drives.section import FlapSection, SharedDriveSection
from hardware.errors import HardwareConfigError


@dataclass(frozen=True, slots=True)
class SwitchWiring:
    """Where a switch is wired to.

    Attributes:
        pin: its GPIO number.
        active_high: whether the pin is high while it is on.
    """

    pin: int
    active_high: bool = False


@dataclass(frozen=True, slots=True)
class FlapDeviation:
    """How a flap differs from its configuration.

    Attributes:
        slowness: real travel time as a multiple of the configured one (0.1..100).
        over: the bin that the flap really is over, where pins were mixed up; None: its own.
    """

    slowness: float = 1.0
    over: str | None = None


@dataclass(frozen=True, slots=True)
class BinLayout:
    """The flaps, the switches, and which label belongs into which bin.

    Attributes:
        flaps: bin name -> section of its flap.
        labels: label -> name of the bin that it belongs into. Items of other labels belong into the residual bin.
        residual_bin: name of the bin for everything doubtful.
        drives: name -> section of what the flaps of several bins share.
        switches: name -> wiring of the switches that people operate, e.g. a lid's.
        end_switches: bin name -> wiring of the switch that its flap closes while it is home.
        deviations: bin name -> how its flap differs from its section.
        start_open: bins whose flap stands open at the start, as after a crash. No item comes before it is home.

    Raises:
        HardwareConfigError: a bin without a flap is named.
    """

    flaps: Mapping[str, FlapSection]
    labels: Mapping[str, str]
    residual_bin: str
    drives: Mapping[str, SharedDriveSection] = field(default_factory=dict)
    switches: Mapping[str, SwitchWiring] = field(default_factory=dict)
    end_switches: Mapping[str, SwitchWiring] = field(default_factory=dict)
    deviations: Mapping[str, FlapDeviation] = field(default_factory=dict)
    start_open: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        named = [*self.labels.values(), self.residual_bin, *self.start_open, *self.deviations]
        named += [one.over for one in self.deviations.values() if one.over is not None]
        for bin in named:
            self.check_bin(bin)

    def check_bin(self, bin: object) -> None:
        """Refuse a bin without a flap. Raises HardwareConfigError."""
        if bin not in self.flaps:
            raise HardwareConfigError(
                f"simulation: bin {bin!r} has no flap; there are {', '.join(self.flaps) or 'none'}"
            )
