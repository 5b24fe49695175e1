"""The configuration: what keys there are and what they may hold. ``edge/config/file.py`` reads them.

Every section is a class, every key a field with its bounds; ``config.yaml`` explains them to the user and a test holds the
two together.
"""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, PositiveInt, model_validator

from edge.config.section import PositiveSeconds, Seconds, Section, Share
from edge.config.wiring import Claim, FlapConfig, LevelConfig, PanelConfig, Part, check_no_conflicts
from edge.decision.vote import DEFAULT_VIEWS


def _ordered(pair: tuple[float, float]) -> tuple[float, float]:
    if pair[0] > pair[1]:
        raise ValueError("expected [least, most], in this order")
    return pair


def _not_below(least: float) -> Callable[[tuple[float, float]], tuple[float, float]]:
    def check(pair: tuple[float, float]) -> tuple[float, float]:
        if pair[0] < least:
            raise ValueError(f"expected at least {least:g}")
        return pair

    return check


def _model_never_or_number(value: object) -> object:
    # Ahead of the union, whose own messages name its members and not what a user may write.
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if value not in ("model", "never") and not number:
        raise ValueError("expected model, never or a number")
    return value


Range = Annotated[tuple[Seconds, Seconds], AfterValidator(_ordered)]
WarmUpSeconds = Annotated[float, Field(ge=0, le=30)]

ALL_HOME_S = 15.0
"""In so many seconds every flap can be sent home, one after the other; within TimeoutStopSec= of systemd/sorter.service."""


class OpenCVCameraConfig(Section):
    """A USB camera, video file or network stream."""

    source: int | str = 0
    fourcc: Annotated[str, Field(pattern="^[A-Z0-9]{4}$")] | None = None
    controls: dict[str, Annotated[int, Field(ge=-(2**31), lt=2**31)]] = Field(default_factory=dict)
    warm_up_s: WarmUpSeconds = 2.0
    lock: bool = True
    loop: bool = False


class FolderCameraConfig(Section):
    """Photographs, one after the other."""

    path: Path | None = None
    empty: Path | None = None
    hold_s: PositiveSeconds = 1.2
    gap_s: PositiveSeconds = 2.0
    loop: bool = False


class PiCamera2Config(Section):
    """A camera on the Raspberry Pi's CSI port."""

    camera_num: int = Field(0, ge=0, le=15)
    sensor_size: tuple[PositiveInt, PositiveInt] | None = None
    warm_up_s: WarmUpSeconds = 2.0
    lock: bool = True


class CameraConfig(Section):
    """Where frames come from."""

    kind: Literal["sim", "opencv", "folder", "picamera2"] = "sim"
    width: int = Field(640, ge=64, le=4096)
    height: int = Field(480, ge=64, le=4096)
    fps: float = Field(15.0, ge=1, le=120)
    max_frame_age_s: PositiveSeconds = 0.5
    opencv: OpenCVCameraConfig = OpenCVCameraConfig()
    folder: FolderCameraConfig = FolderCameraConfig()
    picamera2: PiCamera2Config = PiCamera2Config()

    @model_validator(mode="after")
    def _folder_has_path(self) -> Self:
        if self.kind == "folder" and self.folder.path is None:
            raise ValueError("camera.kind is folder, so camera.folder.path must name a folder of pictures")
        return self


class TrayConfig(Section):
    """Where the tray is, and when an item lies still on it."""

    region: tuple[Share, Share, Share, Share] = (0.0, 0.0, 1.0, 1.0)
    empty_tray: Path | None = None
    memory: Path | None = None
    learn_s: PositiveSeconds = 1.0
    settle_s: PositiveSeconds = 0.25
    adapt_s: PositiveSeconds = 30.0
    hand_clear_s: Seconds = 1.0

    @model_validator(mode="after")
    def _region_is_a_box(self) -> Self:
        left, top, right, bottom = self.region
        if right - left < 0.05 or bottom - top < 0.05:
            raise ValueError("region: expected [left, top, right, bottom] with right and bottom at least 0.05 further")
        return self


class ModelConfig(Section):
    """The classifier and what runs it."""

    file: Path = Path("edge/models/trashnet6.tflite")
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
                f"delegate: expected a name that the loader finds (libedgetpu.so.1) or an absolute path, got {self.delegate!r}"
            )
        if self.delegate_file is None:
            raise ValueError(
                "delegate_file: missing; delegate is set, so name the model that was compiled for it "
                f"(sorter-convert {self.file} --edgetpu makes it)"
            )
        return self


class DecisionConfig(Section):
    """Which bin a label means, and what mistakes cost."""

    views: int = Field(DEFAULT_VIEWS, ge=1, le=30)
    labels: dict[str, str] = Field(min_length=1)
    residual_bin: str = "residual"
    contamination_cost: float = Field(3.0, gt=0, le=1000)
    residual_cost: float = Field(1.0, gt=0, le=1000)
    min_confidence: Share | None = None
    unknown: Annotated[float | Literal["model", "never"], BeforeValidator(_model_never_or_number)] = "model"
    hazards: tuple[str, ...] = ()
    hazard_confidence: Share = 0.2

    @model_validator(mode="after")
    def _hazards_are_labels(self) -> Self:
        unknown = sorted(set(self.hazards) - set(self.labels))
        if unknown:
            raise ValueError(f"hazards: {unknown} are not among decision.labels {sorted(self.labels)}")
        return self


class BinConfig(Section):
    """One bin: its flap, how long that stays open, and what measures how full it is."""

    flap: FlapConfig
    dwell_s: PositiveSeconds = 1.0
    level: LevelConfig | None = None

    @model_validator(mode="after")
    def _dwell_covers_travel(self) -> Self:
        if self.dwell_s < self.flap.travel_s:
            raise ValueError(
                f"dwell_s {self.dwell_s} is shorter than the flap's travel_s {self.flap.travel_s}: it would turn back half-way"
            )
        return self


class FlapsConfig(Section):
    """What holds for all flaps."""

    pin_factory: Literal["mock", "lgpio"] = "mock"
    max_openings_per_min: int = Field(30, ge=1, le=120)
    retries: int = Field(1, ge=0, le=5)


class EventLogConfig(Section):
    """Where records and pictures are kept."""

    file: Path = Path("state/events.sqlite")
    images: Path = Path("state/images")
    image_budget_mb: float = Field(200.0, ge=0, le=100_000)


class SimulationConfig(Section):
    """The simulated bin."""

    speed: float = Field(1.0, ge=0, le=50)
    seed: int = Field(0, ge=0, le=2**32)
    photos: Path | None = None
    listing: Path | None = None
    items: int | None = Field(None, ge=1)
    gap_s: Range = (0.4, 1.0)
    settle_s: Annotated[Range, AfterValidator(_not_below(0.05))] = (0.3, 0.8)
    item_size: Annotated[tuple[Share, Share], AfterValidator(_ordered), AfterValidator(_not_below(0.02))] = (0.35, 0.75)
    noise: float = Field(2.0, ge=0, le=50)
    light_drift: float = Field(0.03, ge=0, le=0.2)
    start_open: tuple[str, ...] = ()
    faults: tuple[dict[str, Any], ...] = ()


class Config(Section):
    """All of it. Paths are resolved against the folder of the file they stand in."""

    camera: CameraConfig = CameraConfig()
    tray: TrayConfig = TrayConfig()
    model: ModelConfig = ModelConfig()
    decision: DecisionConfig
    bins: dict[str, BinConfig] = Field(min_length=1)
    flaps: FlapsConfig = FlapsConfig()
    panel: PanelConfig = PanelConfig()
    event_log: EventLogConfig = EventLogConfig()
    simulation: SimulationConfig = SimulationConfig()

    def _folder_keeps_step(self) -> None:
        """A photograph cannot fall: it must be gone when its flap is home, and the next one come only then."""
        folder = self.camera.folder
        decided_s = self.tray.settle_s + (self.decision.views + 2) / self.camera.fps
        cycles_s = [one.dwell_s + one.flap.travel_s for one in self.bins.values()]
        if not decided_s < folder.hold_s < decided_s + min(cycles_s):
            raise ValueError(
                f"camera.folder.hold_s {folder.hold_s:g}: expected between {decided_s:.2f} (time to decide) and "
                f"{decided_s + min(cycles_s):.2f} (the quickest flap is home again)"
            )
        if folder.hold_s + folder.gap_s < decided_s + max(cycles_s) + 0.5:
            raise ValueError(
                f"camera.folder.gap_s {folder.gap_s:g}: expected at least "
                f"{decided_s + max(cycles_s) + 0.5 - folder.hold_s:.2f}, so that the flap is home before the next one"
            )

    def wired_parts(self) -> Iterator[tuple[str, Part]]:
        """Everything that is wired to the computer: its key and its section."""
        for name, one in self.bins.items():
            yield f"bins.{name}.flap", one.flap
            if one.flap.end_switch is not None:
                yield f"bins.{name}.flap.end_switch", one.flap.end_switch
            if one.level is not None:
                yield f"bins.{name}.level", one.level
        for key in PanelConfig.model_fields:
            if (part := getattr(self.panel, key)) is not None:
                yield f"panel.{key}", part

    def _claims(self) -> Iterator[Claim]:
        for key, part in self.wired_parts():
            for claim in part.claims():
                yield claim._replace(key=f"{key}.{claim.key}")

    def _simulated_as_a_whole(self) -> None:
        """The simulated bin moves what hangs on simulated pins, and measures its own bins; nothing else can."""
        for name, one in self.bins.items():
            if self.camera.kind == "sim" and one.flap.kind not in ("servo", "relay"):
                raise ValueError(
                    f"bins.{name}.flap.kind: camera.kind is sim, so expected servo or relay, got {one.flap.kind}"
                )
            if one.level is not None and (self.camera.kind == "sim") != (one.level.kind == "sim"):
                raise ValueError(
                    f"bins.{name}.level.kind: expected {'sim' if self.camera.kind == 'sim' else 'ultrasonic or vl53l0x'} "
                    f"with camera.kind {self.camera.kind}, got {one.level.kind}"
                )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for label, name in self.decision.labels.items():
            if name not in self.bins:
                raise ValueError(f"decision.labels.{label}: there is no bin {name!r}; bins are {sorted(self.bins)}")
        if self.decision.residual_bin not in self.bins:
            raise ValueError(
                f"decision.residual_bin: there is no bin {self.decision.residual_bin!r}; bins are {sorted(self.bins)}"
            )
        check_no_conflicts(self._claims())
        if self.camera.kind == "folder":
            self._folder_keeps_step()
        if self.camera.kind == "sim" and self.flaps.pin_factory != "mock":
            raise ValueError(
                "camera.kind is sim, so flaps.pin_factory must be mock: the simulated bin reads the simulated pins"
            )
        self._simulated_as_a_whole()
        travel_s = sum(one.flap.travel_s for one in self.bins.values())
        if travel_s > ALL_HOME_S:
            raise ValueError(
                f"bins: the flaps' travel_s come to {travel_s:g} s together, expected at most {ALL_HOME_S:g}: on the way out "
                "they go home one after the other, and the service manager does not wait longer"
            )
        unknown = sorted(set(self.simulation.start_open) - set(self.bins))
        if unknown:
            raise ValueError(f"simulation.start_open: {unknown} are not bins; bins are {sorted(self.bins)}")
        return self
