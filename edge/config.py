"""The configuration: what keys there are and what they may hold. ``edge/configfile.py`` reads them.

Every section is a class, every key a field with its bounds; ``config.yaml`` explains them to the user and a test holds the
two together.
"""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from edge.vote import DEFAULT_VIEWS

Share = Annotated[float, Field(ge=0, le=1)]
PositiveSeconds = Annotated[float, Field(gt=0, le=3600)]
Seconds = Annotated[float, Field(ge=0, le=3600)]
GpioPin = Annotated[int, Field(ge=0, le=27, strict=True)]  # strict: true is no pin 1
TravelSeconds = Annotated[float, Field(gt=0, le=10)]


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


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, protected_namespaces=())


class OpenCVCameraConfig(_Section):
    """A USB camera, video file or network stream."""

    source: int | str = 0
    loop: bool = False


class FolderCameraConfig(_Section):
    """Photographs, one after the other."""

    path: Path | None = None
    empty: Path | None = None
    hold_s: PositiveSeconds = 1.2
    gap_s: PositiveSeconds = 2.0
    loop: bool = False


class PiCamera2Config(_Section):
    """A camera on the Raspberry Pi's CSI port."""

    warm_up_s: Seconds = 2.0


class CameraConfig(_Section):
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


class TrayConfig(_Section):
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


class ModelConfig(_Section):
    """The classifier and what runs it."""

    file: Path = Path("edge/models/trashnet6.tflite")
    runtime: Literal["auto", "ai-edge-litert", "tflite-runtime"] = "auto"
    threads: int = Field(1, ge=1, le=8)


class DecisionConfig(_Section):
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


class ServoConfig(_Section):
    """A flap moved by a hobby servo."""

    kind: Literal["servo"]
    pin: GpioPin
    home_deg: float = Field(ge=-180, le=180)
    open_deg: float = Field(ge=-180, le=180)
    min_deg: float = Field(-90.0, ge=-180, le=180)
    max_deg: float = Field(90.0, ge=-180, le=180)
    min_pulse_ms: float = Field(0.5, ge=0.3, le=3)
    max_pulse_ms: float = Field(2.5, ge=0.3, le=3)
    travel_s: TravelSeconds = 0.4

    @model_validator(mode="after")
    def _within_limits(self) -> Self:
        if self.min_deg >= self.max_deg or self.min_pulse_ms >= self.max_pulse_ms:
            raise ValueError("min_deg must be below max_deg, and min_pulse_ms below max_pulse_ms")
        for name, angle in (("home_deg", self.home_deg), ("open_deg", self.open_deg)):
            if not self.min_deg <= angle <= self.max_deg:
                raise ValueError(f"{name} {angle} lies outside min_deg {self.min_deg} .. max_deg {self.max_deg}")
        if self.home_deg == self.open_deg:
            raise ValueError("home_deg and open_deg are the same: the flap would never open")
        return self


class RelayConfig(_Section):
    """A flap moved by a solenoid or a motor driver, with a spring to close it."""

    kind: Literal["relay"]
    pin: GpioPin
    active_high: bool = True
    travel_s: TravelSeconds = 0.3


class BinConfig(_Section):
    """One bin: its flap and how long that stays open."""

    flap: Annotated[ServoConfig | RelayConfig, Field(discriminator="kind")]
    dwell_s: PositiveSeconds = 1.0

    @model_validator(mode="after")
    def _dwell_covers_travel(self) -> Self:
        if self.dwell_s < self.flap.travel_s:
            raise ValueError(
                f"dwell_s {self.dwell_s} is shorter than the flap's travel_s {self.flap.travel_s}: it would turn back half-way"
            )
        return self


class FlapsConfig(_Section):
    """What holds for all flaps."""

    pin_factory: Literal["mock", "lgpio"] = "mock"
    max_openings_per_min: int = Field(30, ge=1, le=120)
    retries: int = Field(1, ge=0, le=5)


class EventLogConfig(_Section):
    """Where records and pictures are kept."""

    file: Path = Path("state/events.sqlite")
    images: Path = Path("state/images")
    image_budget_mb: float = Field(200.0, ge=0, le=100_000)


class SimulationConfig(_Section):
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


class Config(_Section):
    """All of it. Paths are resolved against the folder of the file they stand in."""

    camera: CameraConfig = CameraConfig()
    tray: TrayConfig = TrayConfig()
    model: ModelConfig = ModelConfig()
    decision: DecisionConfig
    bins: dict[str, BinConfig] = Field(min_length=1)
    flaps: FlapsConfig = FlapsConfig()
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

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for label, name in self.decision.labels.items():
            if name not in self.bins:
                raise ValueError(f"decision.labels.{label}: there is no bin {name!r}; bins are {sorted(self.bins)}")
        if self.decision.residual_bin not in self.bins:
            raise ValueError(
                f"decision.residual_bin: there is no bin {self.decision.residual_bin!r}; bins are {sorted(self.bins)}"
            )
        owners: dict[int, str] = {}
        for name, bin_config in self.bins.items():
            other = owners.setdefault(bin_config.flap.pin, name)
            if other != name:
                raise ValueError(
                    f"bins.{name}.flap.pin: GPIO {bin_config.flap.pin} is taken by bins.{other}.flap.pin already"
                )
        if self.camera.kind == "folder":
            self._folder_keeps_step()
        if self.camera.kind == "sim" and self.flaps.pin_factory != "mock":
            raise ValueError(
                "camera.kind is sim, so flaps.pin_factory must be mock: the simulated bin reads the simulated pins"
            )
        unknown = sorted(set(self.simulation.start_open) - set(self.bins))
        if unknown:
            raise ValueError(f"simulation.start_open: {unknown} are not bins; bins are {sorted(self.bins)}")
        return self
