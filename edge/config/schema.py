"""The schema of the configuration: a class per section, a field with its bounds per key.

``config.yaml`` documents the keys for the user, and a test compares the two. ``edge/config/file.py`` reads the file.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, PrivateAttr, model_validator

from edge.config.camera import CameraConfig
from edge.config.evidence import check_evidence
from edge.config.names import MisfitError, name_problems
from edge.config.neighbours import LinkConfig, SocketConfig, UpdateConfig
from edge.config.section import PositiveSeconds, Seconds, Section, Share
from edge.config.simulation import SimulationConfig
from edge.config.teach import FOLDER_NAME, HEAD_NAME, TeachConfig
from edge.config.unknown_limit import UnknownLimit
from edge.config.wiring import (
    BinConfig,
    FlapsConfig,
    PanelConfig,
    SharedDriveConfig,
    all_claims,
    check_no_conflicts,
    check_simulated,
)
from edge.decision.vote import DEFAULT_VIEWS
from edge.models import model_path
from edge.records.review_draw import DRAWN_SHARE
from hardware.drives.section import check_shared_drives
from hardware.section import WiredSection

ALL_HOME_S = 15.0
"""Longest time to send all flaps home, one after the other, in seconds; less than TimeoutStopSec= in systemd/sorter.service."""

MIN_REGION_SHARE = 0.05
"""Smallest side of the tray region, as a fraction of the image: 32 of 640 pixels."""

FRAMES_BESIDE_VOTE = 3
"""Frames of a folder camera that show an item before it can be at rest (the first, and the one after the settling time) and
after the vote (the one that confirms that it still lies there)."""

UPDATES_FOLDER = "updates"
"""Name of the folder of updates beside the event log."""

FOLDER_MARGIN_S = 0.5
"""Time between a flap's return and the next photograph of a folder camera, in seconds."""


class TrayConfig(Section):
    """The tray, and when an item on it is at rest."""

    region: tuple[Share, Share, Share, Share] = (0.0, 0.0, 1.0, 1.0)
    empty_tray: Path | None = None
    memory: Path | None = Path("state/tray.npz")
    learn_s: PositiveSeconds = 1.0
    settle_s: PositiveSeconds = 0.25
    adapt_s: PositiveSeconds = 30.0
    hand_clear_s: Seconds = 1.0

    @model_validator(mode="after")
    def _region_is_a_box(self) -> Self:
        left, top, right, bottom = self.region
        if right - left < MIN_REGION_SHARE or bottom - top < MIN_REGION_SHARE:
            raise ValueError(
                f"region: expected [left, top, right, bottom], with a width and height of at least {MIN_REGION_SHARE:g}"
            )
        return self


class ModelConfig(Section):
    """The model, its runtime, and its accelerator."""

    file: Path = model_path("trashnet6")
    head: Path | None = None
    runtime: Literal["auto", "ai-edge-litert", "tflite-runtime"] = "auto"
    threads: int = Field(1, ge=1, le=8)
    delegate: str | None = Field(None, min_length=1)
    delegate_file: Path | None = None

    @model_validator(mode="after")
    def _delegate_has_its_model(self) -> Self:
        if self.delegate is None:
            return self
        if "/" in self.delegate and not Path(self.delegate).is_absolute():
            raise ValueError(
                f"delegate: expected the name of a library (libedgetpu.so.1) or an absolute path, got {self.delegate!r}"
            )
        if self.delegate_file is None:
            raise ValueError(
                "delegate_file: missing; with a delegate, it must be the model compiled for it "
                f"(made by sorter-convert {self.file} --edgetpu)"
            )
        return self


class DecisionConfig(Section):
    """The bins of the labels, and the costs of mistakes."""

    views: int = Field(DEFAULT_VIEWS, ge=1, le=30)
    labels: dict[str, str] = Field(min_length=1)
    residual_bin: str = "residual"
    contamination_cost: float = Field(3.0, gt=0, le=1000)
    residual_cost: float = Field(1.0, gt=0, le=1000)
    min_confidence: Share | None = None
    unknown: UnknownLimit = "model"
    hazards: tuple[str, ...] = ()
    hazard_confidence: Share = 0.2
    stall_s: float = Field(15.0, ge=5, le=600)


class EventLogConfig(Section):
    """The event log and the images of items."""

    file: Path = Path("state/events.sqlite")
    images: Path = Path("state/images")
    image_budget_mb: float = Field(200.0, ge=0, le=100_000)
    reserve_mb: float = Field(50.0, ge=0, le=100_000)
    keep_days: float | None = Field(None, ge=1, le=36_500)
    event_budget_mb: float | None = Field(None, ge=1, le=1_000_000)
    feature_budget_mb: float = Field(50.0, ge=0, le=100_000)
    review_share: Share = DRAWN_SHARE


class Config(Section):
    """The whole configuration. Its paths are absolute (``edge.config.file``)."""

    camera: CameraConfig = CameraConfig()
    tray: TrayConfig = TrayConfig()
    model: ModelConfig = ModelConfig()
    decision: DecisionConfig
    bins: dict[str, BinConfig] = Field(min_length=1)
    drives: dict[str, SharedDriveConfig] = Field(default_factory=dict)
    flaps: FlapsConfig = FlapsConfig()
    panel: PanelConfig = PanelConfig()
    event_log: EventLogConfig = EventLogConfig()
    teach: TeachConfig = TeachConfig()
    socket: SocketConfig = SocketConfig()
    link: LinkConfig = LinkConfig()
    update: UpdateConfig | None = None
    simulation: SimulationConfig = SimulationConfig()

    _configured: "Config | None" = PrivateAttr(None)
    _slot: str | None = PrivateAttr(None)

    @property
    def configured(self) -> "Config":
        """The configuration as its file says; another one where an update has put something in the place of that."""
        return self._configured or self

    @property
    def slot(self) -> str | None:
        """Name of the slot of the update in use; None: what the file says."""
        return self._slot

    @property
    def updates_folder(self) -> Path:
        """Where updates are kept."""
        return self.event_log.file.parent / UPDATES_FOLDER

    def updated(self, slot: str, model: ModelConfig, decision: DecisionConfig) -> "Config":
        """The same bin with what an update put in place.

        Args:
            slot: name of its slot.
            model: the sections that change.
            decision: likewise.
        """
        changed = self.configured.model_copy(update={"model": model, "decision": decision})
        changed._configured, changed._slot = self.configured, slot
        return changed

    @property
    def sees_flaps(self) -> bool:
        """Whether the camera sees flaps stand open: real ones as long as nothing else is said, simulated ones with a hole."""
        if self.flaps.in_view is not None:
            return self.flaps.in_view
        return self.simulation.hole > 0 if self.camera.kind == "sim" else self.flaps.pin_factory != "mock"

    @property
    def teaching_folder(self) -> Path:
        """Where what the owner taught is kept."""
        return self.teach.folder or self.event_log.file.parent / FOLDER_NAME

    @property
    def head_file(self) -> Path:
        """Where the taught head in use is."""
        return self.model.head or self.teaching_folder / HEAD_NAME

    @model_validator(mode="before")
    @classmethod
    def _bin_without_a_flap(cls, values: object) -> object:
        """Make of ``flap: null`` the bin at the end of the chute below the trapdoor: everything falls into it by itself."""
        bins, drives = (values.get(key) if isinstance(values, dict) else None for key in ("bins", "drives"))
        if not isinstance(values, dict) or not isinstance(bins, dict):
            return values
        without = [
            name for name, one in bins.items() if isinstance(one, dict) and "flap" in one and one["flap"] is None
        ]
        drives = drives if isinstance(drives, dict) else {}
        doors = [name for name, one in drives.items() if isinstance(one, dict) and one.get("kind") == "trapdoor"]
        if without and len(doors) != 1:
            raise ValueError(
                f"bins.{without[0]}.flap: null, so everything falls into it by itself: expected one section of kind trapdoor "
                f"below drives, which lets the item go; there are {len(doors)}"
            )
        made = {name: bins[name] | {"flap": {"kind": "trapdoor", "drive": doors[0]}} for name in without}
        return values | {"bins": bins | made}

    def _check_folder_timing(self) -> None:
        """Check that a photograph, which cannot fall, disappears while its flap is open or closing."""
        folder = self.camera.folder
        decided_s = self.tray.settle_s + (self.decision.views + FRAMES_BESIDE_VOTE) / self.camera.fps
        cycles_s = [bin_config.dwell_s + bin_config.flap.travel_s for bin_config in self.bins.values()]
        if not decided_s < folder.hold_s < decided_s + min(cycles_s):
            raise ValueError(
                f"camera.folder.hold_s {folder.hold_s:g}: expected between {decided_s:.2f} (time to decide) and "
                f"{decided_s + min(cycles_s):.2f} (the quickest flap is home again)"
            )
        if folder.hold_s + folder.gap_s < decided_s + max(cycles_s) + FOLDER_MARGIN_S:
            raise ValueError(
                f"camera.folder.gap_s {folder.gap_s:g}: expected at least "
                f"{decided_s + max(cycles_s) + FOLDER_MARGIN_S - folder.hold_s:.2f}, so that the flap is home before the next one"
            )

    def _check_real_flaps_have_real_switches(self) -> None:
        """Check that no flap moves for real beside a lid or stop button on simulated pins, which says nothing of people."""
        if self.camera.kind == "sim" or self.flaps.pin_factory != "mock":
            return
        moving = [name for name, bin_config in self.bins.items() if not bin_config.flap.on_pins]
        safety = [name for name in ("lid", "stop_button") if getattr(self.panel, name) is not None]
        if moving and safety:
            raise ValueError(
                f"flaps.pin_factory: got mock, so that panel.{safety[0]} is on a simulated pin, while the flap of {moving[0]} "
                f"({self.bins[moving[0]].flap.kind}) moves; expected lgpio"
            )

    def wired_parts(self) -> Iterator[tuple[str, WiredSection]]:
        """Key and section of every part that is wired to the computer."""
        for name, bin_config in self.bins.items():
            yield from bin_config.flap.parts(f"bins.{name}.flap")
            if bin_config.level is not None:
                yield from bin_config.level.parts(f"bins.{name}.level")
        for name, drive in self.drives.items():
            yield from drive.parts(f"drives.{name}")
        for key in PanelConfig.model_fields:
            if (part := getattr(self.panel, key)) is not None:
                yield from part.parts(f"panel.{key}")

    def _check_simulated_pins(self) -> None:
        if self.camera.kind == "sim" and self.flaps.pin_factory != "mock":
            raise ValueError(
                f"flaps.pin_factory: got {self.flaps.pin_factory}; camera.kind is sim, so flaps.pin_factory must be mock: "
                "the simulated bin reads the simulated pins"
            )

    def _check_way_home(self) -> None:
        travel_s = sum(bin_config.flap.travel_s for bin_config in self.bins.values())
        if travel_s > ALL_HOME_S:
            raise ValueError(
                f"bins: the flaps' travel_s sum to {travel_s:g} s, expected at most {ALL_HOME_S:g}: at a stop "
                "they go home one after the other, and the service manager does not wait longer"
            )

    def _checks(self) -> Iterator[Callable[[], None]]:
        """What must go together; each raises ValueError with the key that does not."""
        flaps = {f"bins.{name}.flap": bin_config.flap for name, bin_config in self.bins.items()}
        levels = {f"bins.{name}.level": one.level for name, one in self.bins.items() if one.level is not None}
        yield lambda: check_shared_drives(flaps, self.drives)
        yield lambda: check_no_conflicts(all_claims(self.wired_parts()))
        if self.camera.kind == "folder":
            yield self._check_folder_timing
        yield self._check_simulated_pins
        yield self._check_real_flaps_have_real_switches
        yield lambda: check_simulated(flaps, levels, camera=self.camera.kind)
        if self.panel.lid is None:
            yield lambda: check_evidence(self.camera, {name: one.flap for name, one in self.bins.items()})
        yield self._check_way_home

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        decision = self.decision
        problems = list(
            name_problems(
                self.bins, decision.labels, decision.residual_bin, decision.hazards, self.simulation.start_open
            )
        )
        for check in self._checks():
            try:
                check()
            except ValueError as error:
                problems.append(str(error))
        if problems:
            raise MisfitError(problems)
        return self
