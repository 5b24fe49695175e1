"""The section ``camera``: the camera, and how old its pictures may be."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, PositiveInt, model_validator

from edge.config.section import PositiveSeconds, Section
from edge.sight.freshness import MOST_AGE_S
from hardware.limits import MAX_FPS, MIN_FPS

WarmUpSeconds = Annotated[float, Field(ge=0, le=30)]


class OpenCVCameraConfig(Section):
    """A USB camera, video file or network stream."""

    source: int | str = 0
    fourcc: Annotated[str, Field(pattern="^[A-Z0-9]{4}$")] | None = None
    controls: dict[str, Annotated[int, Field(ge=-(2**31), lt=2**31)]] = Field(default_factory=dict)
    latency_s: float | None = Field(None, ge=0, le=5)
    warm_up_s: WarmUpSeconds = 2.0
    lock: bool = True
    loop: bool = False

    @property
    def is_network_stream(self) -> bool:
        """Whether the source is a network stream, whose pictures do not tell when they were taken."""
        return isinstance(self.source, str) and "://" in self.source


class FolderCameraConfig(Section):
    """A folder of photographs, shown one after another."""

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
    """The camera."""

    kind: Literal["sim", "opencv", "folder", "picamera2"] = "sim"
    width: int = Field(640, ge=64, le=4096)
    height: int = Field(480, ge=64, le=4096)
    fps: float = Field(15.0, ge=MIN_FPS, le=MAX_FPS)
    max_frame_age_s: float = Field(0.5, gt=0, le=MOST_AGE_S)
    opencv: OpenCVCameraConfig = OpenCVCameraConfig()
    folder: FolderCameraConfig = FolderCameraConfig()
    picamera2: PiCamera2Config = PiCamera2Config()

    @model_validator(mode="after")
    def _folder_has_path(self) -> Self:
        if self.kind == "folder" and self.folder.path is None:
            raise ValueError("camera.kind is folder, so camera.folder.path must name a folder of pictures")
        return self
