"""A scenario: what happens to the simulated bin. Read from YAML; what doesn't fit is told by file and key."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, Field, ValidationError

from edge.config.file import NOT_YAML, UniqueKeyLoader
from edge.errors import ConfigError, InputMissingError
from edge.simulation.faults import KINDS, AnyFault
from edge.simulation.items import Items, RandomItems, by_chance
from edge.simulation.section import Factor, Lasting, ScenarioSection, Seconds


class TrayLook(ScenarioSection):
    """The empty tray: see ``hardware.sim.tray``. ``texture_seed`` None: the scenario's seed."""

    texture_seed: int | None = Field(None, ge=0)
    texture: float = Field(1.0, ge=0, le=5)
    vignette: float = Field(0.16, ge=0, le=0.9)


class LightStep(ScenarioSection):
    """The light changes for good, as when a door opens.

    Attributes:
        at_s: when, in seconds from the start.
        factor: brightness afterwards, as a share of the one before.
        over_s: how long it takes, in seconds.
    """

    at_s: Seconds
    factor: Factor
    over_s: Seconds = 0.0


class LightConfig(ScenarioSection):
    """The light. ``drift``: how far it slowly goes up and down, as a share; ``noise``: of the sensor, in grey levels."""

    drift: float = Field(0.03, ge=0, le=0.2)
    noise: float = Field(2.0, ge=0, le=50)
    steps: tuple[LightStep, ...] = ()


class FlapBody(ScenarioSection):
    """How a flap differs from what the configuration says.

    Attributes:
        slowness: how many times as long as ``travel_s`` it takes.
        over: the bin that it is really over, where pins were mixed up.
    """

    slowness: float = Field(1.0, ge=0.1, le=100)
    over: str | None = None


class Scenario(ScenarioSection):
    """What happens to the simulated bin.

    Attributes:
        name: a short one, for tables and files.
        shows: what is to be seen, in a sentence.
        seed: makes everything random in it.
        start: date and time of the wall clock at the start; without a zone it is UTC.
        duration_s: when it ends, in seconds; None: when all items have come and gone and all faults are over.
        config: keys of config.yaml that differ, as nested sections.
        folder: folder of label folders with pictures of the items; None: the sprites that ship. Relative to the file.
        listing: text file with the pictures to use; None: all. Relative to the file.
        items: one by one, or by chance.
        patience_s: who finds the bin not ready throws in all the same after so long, in seconds; None: never.
        lost_after_s: so long an item that nobody handles lies before its user takes it away, in seconds.
        start_open: bins whose flap stands open at the start.
        tray, light: how the tray looks.
        flaps: bin -> how its flap differs from what the configuration says.
        faults: what goes wrong.
        restart_s: a program that ends is started anew after so long, in seconds, as systemd does it.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    shows: str = Field(min_length=1)
    seed: int = Field(0, ge=0, le=2**32)
    start: datetime = datetime.fromisoformat("2026-03-02T07:00:00+00:00")
    duration_s: Lasting | None = None
    config: dict[str, Any] = Field(default_factory=dict)
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

    @property
    def wall_s(self) -> float:
        """The wall clock at the start, in seconds since 1970 UTC."""
        return _zoned(self.start).timestamp()

    def overrides(self) -> list[str]:
        """``config`` as ``--set`` takes it."""
        return [f"{key}={json.dumps(value)}" for key, value in _flat(self.config)]

    def arrivals(self) -> list[dict[str, Any]]:
        """The items one by one, as ``hardware.sim`` takes them."""
        if not isinstance(self.items, RandomItems):
            return [item.model_dump() for item in self.items]
        return by_chance(self.items, _zoned(self.start), self.seed)


def load_scenario(path: Path) -> Scenario:
    """Read and check a scenario.

    Raises:
        InputMissingError: there is no such file.
        ConfigError: it is not YAML, or does not fit; the text names file, key, value and what was expected.
    """
    try:
        tree = yaml.load(path.read_text(encoding="utf-8"), Loader=UniqueKeyLoader)
    except (FileNotFoundError, IsADirectoryError) as error:
        raise InputMissingError(f"scenario {path}: no such file; there are some in tests/scenarios") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"scenario {path}: cannot be read: {error}") from error
    except NOT_YAML as error:
        raise ConfigError(f"scenario {path}: not valid YAML: {' '.join(str(error).split())}") from error
    if not isinstance(tree, dict):
        raise ConfigError(f"scenario {path}: expected name:, shows:, items:, ..., got {type(tree).__name__}")
    for key in ("folder", "listing"):
        if isinstance(tree.get(key), str):
            tree[key] = str(path.resolve().parent / Path(tree[key]).expanduser())
    try:
        return Scenario.model_validate(tree)
    except ValidationError as error:
        raise ConfigError(_explain(path, error)) from error


def _explain(path: Path, error: ValidationError) -> str:
    """One line per problem: file, key, value received, what was expected."""
    lines = []
    for problem in error.errors():
        # Pydantic names the member of a union behind its place; the user never wrote it.
        parts = [
            str(part)
            for before, part in zip((None, *problem["loc"]), problem["loc"], strict=False)
            if not (before == "items" and part in ("random", "list"))
            and not (isinstance(before, int) and problem["loc"][0] == "faults" and part in KINDS)
        ]
        key = ".".join(parts) or "the scenario"
        message = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            message = "unknown key"
        elif problem["type"] == "missing":
            message = "missing"
        elif problem["type"] == "union_tag_invalid":
            message = f"kind: unknown fault {problem['ctx']['tag']!r}; expected one of {', '.join(sorted(KINDS))}"
        elif problem["type"] == "union_tag_not_found":
            message = f"kind: missing; expected one of {', '.join(sorted(KINDS))}"
        elif not (problem["type"] == "value_error" and isinstance(problem["input"], dict | BaseModel)):
            message = f"got {repr(problem['input'])[:80]}; {message[0].lower() + message[1:]}"
        lines.append(f"scenario {path}: {key}: {message}")
    return "; ".join(lines)


def _flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _zoned(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
