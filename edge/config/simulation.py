"""The section of the simulated bin."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from edge.config.section import Seconds, Section, Share, not_below, ordered
from hardware.limits import MAX_LIGHT_COLOUR, MAX_LIGHT_DRIFT, MIN_LIGHT_COLOUR

LampFactor = Annotated[float, Field(ge=MIN_LIGHT_COLOUR, le=MAX_LIGHT_COLOUR)]
Range = Annotated[tuple[Seconds, Seconds], AfterValidator(ordered)]


class SimulationConfig(Section):
    """The simulated bin."""

    speed: float = Field(1.0, ge=0, le=50)
    seed: int = Field(0, ge=0, le=2**32)
    photos: Path | None = None
    listing: Path | None = None
    items: int | None = Field(None, ge=1)
    gap_s: Range = (0.4, 1.0)
    settle_s: Annotated[Range, AfterValidator(not_below(0.05))] = (0.3, 0.8)
    item_size: Annotated[tuple[Share, Share], AfterValidator(ordered), AfterValidator(not_below(0.02))] = (0.35, 0.75)
    noise: float = Field(2.0, ge=0, le=50)
    light_drift: float = Field(0.03, ge=0, le=MAX_LIGHT_DRIFT)
    light_colour: tuple[LampFactor, LampFactor, LampFactor] = (1.0, 1.0, 1.0)
    hole: float = Field(0.0, ge=0, le=1)
    start_open: tuple[str, ...] = ()
    faults: tuple[dict[str, object], ...] = ()
