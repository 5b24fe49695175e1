"""Search for the cameras of this machine."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

NO_CAMERAS = ("bcm2835-codec", "bcm2835-isp", "rpivid", "rpi-hevc", "rpi-codec", "pispbe")
"""Prefixes of the names of a Raspberry Pi's video devices that process pictures but take none."""

CSI_RECEIVERS = ("unicam", "rp1-cfe")
"""Prefixes of the names of the video devices behind its CSI ports: they give raw data, which needs picamera2."""

CameraInfo = Mapping[str, object]
"""Description of a camera by picamera2: ``Model``, ``Num``, ``Id``, ..."""


@dataclass(frozen=True, slots=True)
class FoundCamera:
    """A camera, with its settings in the configuration.

    Attributes:
        kind: ``camera.kind``.
        source: ``camera.opencv.source`` or ``camera.picamera2.camera_num``.
        name: name that its driver reports.
    """

    kind: str
    source: str | int
    name: str


@dataclass(frozen=True, slots=True)
class CameraSearchResult:
    """Cameras that were found.

    Attributes:
        cameras: usable cameras, CSI first.
        hint: why a camera that is present cannot be used, and what to do; None if there is none.
    """

    cameras: tuple[FoundCamera, ...]
    hint: str | None = None


def csi_cameras() -> Sequence[CameraInfo] | None:
    """Cameras that picamera2 reports, without USB cameras; None if it is not installed."""
    try:
        from picamera2 import Picamera2
    except Exception:  # ValueError, among others: simplejpeg from apt may be built against another numpy
        return None
    return [info for info in Picamera2.global_camera_info() if "/usb" not in str(info.get("Id", ""))]


def find_cameras(
    root: Path = Path("/"), csi: Callable[[], Sequence[CameraInfo] | None] = csi_cameras
) -> CameraSearchResult:
    """Search picamera2's cameras and the video devices.

    Args:
        root: folder that contains /dev and /sys.
        csi: lists picamera2's cameras; None if it is not installed.
    """
    known = csi()
    found = [
        FoundCamera("picamera2", int(str(info.get("Num", number))), str(info.get("Model", "camera")))
        for number, info in enumerate(known or [])
    ]
    has_receiver = False
    stable_names = _stable_names(root)
    for device in sorted((root / "dev").glob("video*"), key=lambda path: (len(path.name), path.name)):
        name = _read(root / "sys/class/video4linux" / device.name / "name") or device.name
        has_receiver |= name.startswith(CSI_RECEIVERS)
        # The other devices of a webcam carry metadata.
        is_metadata = _read(root / "sys/class/video4linux" / device.name / "index") not in (None, "0")
        if name.startswith(NO_CAMERAS + CSI_RECEIVERS) or is_metadata:
            continue
        found.append(FoundCamera("opencv", stable_names.get(device.name, f"/dev/{device.name}"), name))
    hint = None
    if known is None and has_receiver:
        hint = "there is a CSI port; its camera needs picamera2: sudo apt install python3-picamera2"
    return CameraSearchResult(tuple(found), hint)


def _stable_names(root: Path) -> dict[str, str]:
    """videoN -> a path that refers to the same camera after a restart."""
    names: dict[str, str] = {}
    for folder in ("by-path", "by-id"):  # the name of the camera replaces that of its port
        for link in sorted((root / "dev/v4l" / folder).glob("*")):
            names[link.resolve().name] = f"/dev/v4l/{folder}/{link.name}"
    return names


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return None
