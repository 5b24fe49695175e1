"""An item that will be thrown into the simulated bin."""

from dataclasses import dataclass

from hardware.errors import HardwareConfigError


@dataclass(frozen=True, slots=True)
class ScheduledItem:
    """One item that will be thrown in.

    Attributes:
        at_s: earliest arrival, in seconds after the world's start; None: as soon as the previous item is gone.
        gap_s: least time that the tray has been empty, with all flaps home, in seconds (0 or more).
        label: its true label; None: any.
        sprite: its picture below the items' folder; None: any of its label.
        settle_s: time from its arrival until it is at rest, in seconds (0.05..60).
        size: its longest side, as a share of the picture's shorter side (0.02..1.5).
        x, y: where its middle comes to rest, as shares of the picture (-1..2); None: near the middle.
        angle_deg: its rotation at rest; None: random.
        bounces: number of hops (0..5).
        roll: distance that it rolls after landing, as a share of the picture's shorter side (0..1).
        opacity: 0.01 hardly visible, 1 solid.

    Raises:
        HardwareConfigError: a value is out of range.
    """

    at_s: float | None = None
    gap_s: float = 0.5
    label: str | None = None
    sprite: str | None = None
    settle_s: float = 0.5
    size: float = 0.5
    x: float | None = None
    y: float | None = None
    angle_deg: float | None = None
    bounces: int = 0
    roll: float = 0.0
    opacity: float = 1.0

    def __post_init__(self) -> None:
        for name, low, high in (
            ("at_s", 0, 10**9),
            ("gap_s", 0, 86_400),
            ("settle_s", 0.05, 60),
            ("size", 0.02, 1.5),
            ("x", -1, 2),
            ("y", -1, 2),
            ("bounces", 0, 5),
            ("roll", 0, 1),
            ("opacity", 0.01, 1),
        ):
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise HardwareConfigError(f"arrival: {name}: expected {low:g}..{high:g}, got {value}")
