"""Which cameras there are on this machine."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NO_CAMERAS = ("bcm2835-codec", "bcm2835-isp", "rpivid", "rpi-hevc", "rpi-codec", "pispbe")
"""Beginnings of the names of a Raspberry Pi's video devices that work on pictures and take none."""

CSI_RECEIVERS = ("unicam", "rp1-cfe")
"""The same of those behind its CSI ports: raw sensor data, which only picamera2 makes pictures of."""


@dataclass(frozen=True, slots=True)
class FoundCamera:
    """A camera, as the configuration would name it.

    Attributes:
        kind: ``camera.kind``.
        source: ``camera.opencv.source``, or the number of the CSI camera.
        name: what it calls itself.
    """

    kind: str
    source: str | int
    name: str


@dataclass(frozen=True, slots=True)
class CameraSearchResult:
    """What was found.

    Attributes:
        cameras: those that can be used, CSI first.
        hint: why one that is there cannot be used; None: nothing to say.
    """

    cameras: tuple[FoundCamera, ...]
    hint: str | None = None


def csi_cameras() -> list[dict[str, Any]] | None:
    """What picamera2 knows of, but USB cameras; None where it is not installed."""
    try:
        from picamera2 import Picamera2
    except Exception:  # also ValueError: its simplejpeg from apt, built against another numpy
        return None
    return [info for info in Picamera2.global_camera_info() if "/usb" not in str(info.get("Id", ""))]


def find_cameras(
    root: Path = Path("/"), csi: Callable[[], list[dict[str, Any]] | None] = csi_cameras
) -> CameraSearchResult:
    """Look through picamera2 and the video devices.

    Args:
        root: where /dev and /sys are.
        csi: asks picamera2.
    """
    known = csi()
    found = [
        FoundCamera("picamera2", int(info.get("Num", number)), str(info.get("Model", "camera")))
        for number, info in enumerate(known or [])
    ]
    receivers = False
    lasting = _lasting_names(root)
    for device in sorted((root / "dev").glob("video*"), key=lambda path: (len(path.name), path.name)):
        name = _read(root / "sys/class/video4linux" / device.name / "name") or device.name
        receivers |= name.startswith(CSI_RECEIVERS)
        # A webcam's further devices carry data about its pictures.
        further = _read(root / "sys/class/video4linux" / device.name / "index") not in (None, "0")
        if name.startswith(NO_CAMERAS + CSI_RECEIVERS) or further:
            continue
        found.append(FoundCamera("opencv", lasting.get(device.name, f"/dev/{device.name}"), name))
    hint = None
    if known is None and receivers:
        hint = "a CSI port is there, but picamera2 is not: 'sudo apt install python3-picamera2' makes its camera usable"
    return CameraSearchResult(tuple(found), hint)


def _lasting_names(root: Path) -> dict[str, str]:
    """videoN -> a path that still means the same camera after the next start."""
    names: dict[str, str] = {}
    for folder in ("by-path", "by-id"):  # the camera's own name wins over that of its socket
        for link in sorted((root / "dev/v4l" / folder).glob("*")):
            names[link.resolve().name] = f"/dev/v4l/{folder}/{link.name}"
    return names


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return None
