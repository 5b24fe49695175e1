"""A scenario: what happens to the simulated bin."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from pydantic import Field, PrivateAttr, field_validator

from edge.config.problems import Places
from edge.simulation.faults import AnyFault
from edge.simulation.items import Items, RandomItems, draw_items
from edge.simulation.section import Factor, Lasting, ScenarioSection, Seconds
from hardware.limits import MAX_LIGHT_DRIFT
from hardware.world.scheduled_item import ScheduledItem

MAX_NAME = 100
"""Longest name of a scenario, in characters: it fits a line of a table."""

MAX_FILE_NAME = 40
"""Longest part of a file's name that is made of it, in characters: at four bytes each, the rest still fits into 255."""


class TrayLook(ScenarioSection):
    """The empty tray: see ``hardware.world.scene.TrayTexture``. ``texture_seed`` None: the scenario's seed."""

    texture_seed: int | None = Field(None, ge=0)
    texture: float = Field(1.0, ge=0, le=5)
    vignette: float = Field(0.16, ge=0, le=0.9)
    glints: int = Field(0, ge=0, le=50)
    stripes: float = Field(0.0, ge=0, le=2)
    shadow: float = Field(0.0, ge=0, le=0.9)
    crumbs: int = Field(0, ge=0, le=50)


class LightStep(ScenarioSection):
    """The light changes for good, as when a door opens.

    Attributes:
        at_s: when, in seconds from the start.
        factor: brightness afterwards, as a share of the one before.
        over_s: duration of the change, in seconds.
    """

    at_s: Seconds
    factor: Factor
    over_s: Seconds = 0.0


class LightConfig(ScenarioSection):
    """The light. ``drift``: amplitude of its slow change, as a share; ``noise``: of the sensor, in grey levels."""

    drift: float = Field(0.03, ge=0, le=MAX_LIGHT_DRIFT)
    noise: float = Field(2.0, ge=0, le=50)
    steps: tuple[LightStep, ...] = ()


class FlapBody(ScenarioSection):
    """How a flap differs from what the configuration says.

    Attributes:
        slowness: real travel time as a multiple of ``travel_s``.
        over: the bin that it really is over, where pins were mixed up.
    """

    slowness: float = Field(1.0, ge=0.1, le=100)
    over: str | None = None


class Scenario(ScenarioSection):
    """What happens to the simulated bin.

    Attributes:
        name: any text on one line, for tables, films and the names of files; a file's own name where it says none.
        shows: what it shows, in a sentence; may be empty.
        seed: determines everything random in it.
        start: date and time of the wall clock at the start; without a zone it is UTC.
        duration_s: when it ends, in seconds; None: when all items have come and gone and all faults are over.
        config: keys of config.yaml that differ, as nested sections.
        folder: folder of label folders with pictures of the items; None: the sprites that ship. Relative to the file.
        listing: text file with the pictures to use; None: all. Relative to the file.
        items: one by one, or random ones.
        patience_s: time after which a user who finds the bin not ready throws in all the same, in seconds; None: never.
        lost_after_s: time after which the user takes away an item that is not handled, in seconds; None: never.
        start_open: bins whose flap stands open at the start.
        tray, light: how the picture looks.
        flaps: bin -> how its flap differs from what the configuration says.
        faults: what goes wrong.
        restart_s: time after which a program that has ended is restarted, in seconds, as systemd does it.
    """

    name: str = Field(min_length=1, max_length=MAX_NAME)
    shows: str = ""
    seed: int = Field(0, ge=0, le=2**32)
    start: datetime = datetime.fromisoformat("2026-03-02T07:00:00+00:00")
    duration_s: Lasting | None = None
    config: dict[str, object] = Field(default_factory=dict)
    folder: Path | None = None
    listing: Path | None = None
    items: Items
    patience_s: Lasting | None = 20.0
    lost_after_s: Lasting | None = 12.0
    start_open: tuple[str, ...] = ()
    tray: TrayLook = TrayLook()
    light: LightConfig = LightConfig()
    flaps: dict[str, FlapBody] = Field(default_factory=dict)
    faults: tuple[AnyFault, ...] = ()
    restart_s: Lasting = 1.0
    _places: Places | None = PrivateAttr(None)

    @field_validator("name")
    @classmethod
    def _is_one_line(cls, name: str) -> str:
        if not name.isprintable() or not name.strip():
            raise ValueError("expected one line of printable text")
        return name

    def found_at(self, places: Places) -> Self:
        """The same one, which knows the lines of its file."""
        found = self.model_copy()
        found._places = places
        return found

    def place_of(self, keys: Sequence[str | int]) -> str:
        """The place of a key, as text for the beginning of a message."""
        return f"scenario {self.name}" if self._places is None else self._places.of(keys)

    @property
    def file_name(self) -> str:
        """The name with dashes for what a file's name should not hold."""
        return re.sub(r"[^\w.-]+", "-", self.name).strip("-.")[:MAX_FILE_NAME] or "scenario"

    @property
    def wall_s(self) -> float:
        """The wall clock at the start, in seconds since 1970 UTC."""
        return _zoned(self.start).timestamp()

    def overrides(self) -> list[str]:
        """``config`` as ``--set`` takes it."""
        return [f"{key}={json.dumps(value)}" for key, value in _flat(self.config)]

    def arrivals(self) -> list[ScheduledItem]:
        """The items one by one, as the simulated world takes them."""
        if not isinstance(self.items, RandomItems):
            return [item.scheduled() for item in self.items]
        return draw_items(self.items, _zoned(self.start), self.seed)


def _flat(tree: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for key, value in tree.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _zoned(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
